// Looks every ten seconds whether pods have outgrown their limits on disk and whether the node is short of something, and
// gives up pods for it: at most one at a time for the node's sake. What is to be done is decided in the pure files of this
// folder; pods are measured only where one has a limit, or one has to go.

import type { Pod } from "../../api/core/pod.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { pause, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { Kubelet } from "../kubelet.ts";
import { nodeSubject } from "../node-subject.ts";
import { isTerminalPhase } from "../pod-phase.ts";
import { refusePod } from "./admit-pod.ts";
import { isCritical } from "./critical-pod.ts";
import type { Eviction } from "./eviction.ts";
import { measureUses } from "./measure-uses.ts";
import { isRelieved, NO_PRESSURE, planPressure, type PressureMemory } from "./plan-pressure.ts";
import { measurePods, type DiskUsageSources } from "./pod-disk-usage.ts";
import { describeEviction, rankPods } from "./rank-pods.ts";
import { hasStorageLimit, judgeStorage } from "./storage-limits.ts";
import { conditionOf, resourceOf, type EvictionSettings, type Observations } from "./thresholds.ts";
import type { PressureCondition, Threshold } from "./thresholds.ts";

/** What a node is watched by. */
export interface PressureSources {
  readonly settings: EvictionSettings;
  observe(): Promise<Observations>;
}

export interface EvictorDeps extends DiskUsageSources {
  readonly kubelet: Pick<Kubelet, "list" | "evict">;
  readonly nodeName: string;
  /** The node is not watched unless given. */
  readonly pressure?: PressureSources;
  /** Makes room on disk that costs no running pod anything. */
  makeRoom(signal: AbortSignal): Promise<void>;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** Kubernetes' own: between two looks, and how long a pod that goes is waited for before the next one has to. */
const INTERVAL_MS = 10_000;
const CLEANUP_MS = 30_000;

export class Evictor {
  readonly #deps: EvictorDeps;
  #memory: PressureMemory = NO_PRESSURE;
  #conditions: readonly PressureCondition[] = [];
  #leaving: { readonly uid: string; readonly sinceMs: number } | undefined;

  constructor(deps: EvictorDeps) {
    this.#deps = deps;
  }

  /** What the node is short of. */
  get conditions(): readonly PressureCondition[] {
    return this.#conditions;
  }

  /** Why a pod that is new to the node is not to run on it; undefined where it is. */
  refuse(pod: Pod): Eviction | undefined {
    return refusePod(pod, this.#conditions);
  }

  /** Runs until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#deps;
    while (!signal.aborted) {
      try {
        await this.#look(signal);
      } catch (error) {
        if (!signal.aborted) log.warn("The room on the node could not be judged; it is tried again", { error });
      }
      await pause(clock, INTERVAL_MS, signal);
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { pressure, clock } = this.#deps;
    const observations = await pressure?.observe();
    const plan =
      observations &&
      planPressure(pressure?.settings ?? NOTHING_WATCHED, this.#memory, { observations, nowMs: clock.monotonic() });
    if (plan) this.#remember(plan.memory, plan.conditions);
    if (await this.#holdToLimits(signal)) return;
    if (pressure && observations && plan?.reclaim) await this.#relieve(pressure, plan.reclaim, signal);
  }

  #remember(memory: PressureMemory, conditions: readonly PressureCondition[]): void {
    if (conditions.join() !== this.#conditions.join()) {
      this.#deps.log.warn("What the node is short of has changed", { conditions: [...conditions] });
    }
    this.#memory = memory;
    this.#conditions = conditions;
  }

  #active(): readonly Pod[] {
    return this.#deps.kubelet.list().filter(({ status }) => !isTerminalPhase(status.phase));
  }

  /** Whether a pod had to go. */
  async #holdToLimits(signal: AbortSignal): Promise<boolean> {
    const limited = this.#active().filter((pod) => !isCritical(pod) && hasStorageLimit(pod));
    if (limited.length === 0) return false;
    const usages = await measurePods(this.#deps, limited, signal);
    const verdicts = limited.map((pod) => {
      const usage = usages.get(pod.metadata.uid);
      const eviction = usage && judgeStorage(pod, usage);
      return eviction !== undefined && this.#deps.kubelet.evict(pod.metadata.uid, eviction);
    });
    return verdicts.includes(true);
  }

  async #relieve(pressure: PressureSources, reclaim: Threshold, signal: AbortSignal): Promise<void> {
    if (this.#isWaiting()) return;
    const { events, nodeName, kubelet, clock, log } = this.#deps;
    const resource = resourceOf(reclaim.signal);
    log.warn("Room is to be made on the node", { resource, signal: reclaim.signal });
    events.record(nodeSubject(nodeName), "Warning", "EvictionThresholdMet", `Attempting to reclaim ${resource}`);
    if (conditionOf(reclaim.signal) === "DiskPressure" && (await this.#makeRoom(pressure, signal))) return;
    const observations = await pressure.observe();
    const candidates = this.#active().filter((pod) => !isCritical(pod));
    const uses = await measureUses(this.#deps, { resource, pods: candidates }, signal);
    const shortage = { reclaim, due: this.#memory.due, observations };
    for (const use of rankPods(resource, uses)) {
      const { uid } = use.pod.metadata;
      if (!kubelet.evict(uid, describeEviction(use, shortage, pressure.settings))) continue;
      this.#leaving = { uid, sinceMs: clock.monotonic() };
      return;
    }
  }

  /** Whether that was enough. */
  async #makeRoom({ settings, observe }: PressureSources, signal: AbortSignal): Promise<boolean> {
    await this.#deps.makeRoom(signal);
    const observations = await observe();
    return settings.thresholds.every((each) => isRelieved(each, observations));
  }

  /** The last pod that had to go still holds what it has. */
  #isWaiting(): boolean {
    if (!this.#leaving) return false;
    const { uid, sinceMs } = this.#leaving;
    const isLate = this.#deps.clock.monotonic() - sinceMs >= CLEANUP_MS;
    const holds = this.#deps.snapshot.get(uid)?.containers.some(({ state }) => state === "running") ?? false;
    return holds && !isLate;
  }
}

const NOTHING_WATCHED: EvictionSettings = { thresholds: [], maxPodGraceSeconds: 0, transitionMs: 0 };
