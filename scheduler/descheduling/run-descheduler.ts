// The descheduler: after changes of the cluster it looks for pods that are where they should not be, and evicts a few of them, so
// that their controllers make new ones and the scheduler places those better. It does nothing while nothing changes.

import { namespaces } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { reservations } from "../../api/kctl-scheduling/reservation.ts";
import { keyOf, type KubeObject } from "../../api/meta/object.ts";
import { hasReason, isConflict, isNotFound } from "../../api/meta/status.ts";
import { podDisruptionBudgets } from "../../api/policy/pod-disruption-budget.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { createClient } from "../../client/api-client.ts";
import type { Client } from "../../client/client.ts";
import { createEventRecorder, type EventRecorder } from "../../client/event-recorder.ts";
import { InformerSet } from "../../client/informer-set.ts";
import type { Change } from "../../client/informer.ts";
import { sleep, type Clock } from "../../lib/clock.ts";
import type { Handler } from "../../lib/http.ts";
import type { Log } from "../../lib/log.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { nextTurn } from "../../lib/next-turn.ts";
import type { Random } from "../../lib/random.ts";
import { DisruptionBudgets } from "../preemption/disruption-budgets.ts";
import { schedulerPlugins } from "../plugins/index.ts";
import { PodInfo } from "../pod-info.ts";
import { PodScheduler } from "../schedule.ts";
import { Snapshot } from "../snapshot.ts";
import { setAsidesByNode } from "../set-asides.ts";
import { followStorage } from "../volumes/follow-storage.ts";
import { duplicates } from "./duplicates.ts";
import { MoveMemory, type MoveBackoff } from "./move-memory.ts";
import { planMoves, ROUND_LIMITS, type Move, type RoundLimits, type RoundPlan } from "./plan-moves.ts";
import { createViolations } from "./violations.ts";

const COMPONENT = "descheduler";

export interface RunDeschedulerOptions {
  /** How to reach the API server. */
  readonly transport: Handler;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits?: RoundLimits;
  readonly backoff?: MoveBackoff;
  /** How long the cluster is left to settle after a change, and between two rounds; 30 s unless given. */
  readonly settleMs?: number;
}

const SETTLE_MS = 30_000;
const BACKOFF: MoveBackoff = { initialMs: 60_000, maxMs: 3_600_000 };

/** Resolves when, after the abort of `signal`, everything has stopped. */
export async function runDescheduler(options: RunDeschedulerOptions, signal: AbortSignal): Promise<void> {
  const client = createClient(options.transport, { userAgent: COMPONENT });
  const parts = { ...options, client };
  const informers = new InformerSet(parts, signal);
  const events = createEventRecorder({ ...parts, component: COMPONENT }, signal);
  await new Descheduler({ ...parts, informers, events }).run(signal);
  await informers.stopped();
}

interface Parts extends RunDeschedulerOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly events: EventRecorder;
}

class Descheduler {
  readonly #parts: Parts;
  readonly #snapshot = new Snapshot();
  readonly #budgets = new DisruptionBudgets();
  readonly #memory: MoveMemory;
  readonly #decider: PodScheduler;
  readonly #strategies = [createViolations(), duplicates];
  /** What has changed while a round is being planned. Bound: the changes of some milliseconds. */
  #delayed: (() => void)[] | undefined;
  #hasChanged = true;
  #cancelTimer: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#memory = new MoveMemory(parts.backoff ?? BACKOFF);
    this.#decider = new PodScheduler(this.#snapshot, schedulerPlugins, parts.random);
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#wake?.(), { once: true });
    try {
      await this.#follow();
      while (!signal.aborted) await this.#loop(signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#cancelTimer?.();
    }
  }

  /** One round, when it is time for one. */
  async #loop(signal: AbortSignal): Promise<void> {
    const { settleMs = SETTLE_MS, clock } = this.#parts;
    if (!this.#hasChanged) await new Promise<void>((resolve) => (this.#wake = resolve));
    await sleep(clock, settleMs, signal);
    this.#hasChanged = false;
    const plan = await this.#plan();
    const nowMs = clock.now();
    for (const owner of new Set(plan.moves.map((move) => move.owner)))
      this.#memory.moved(owner, plan.misplaced.get(owner) ?? 0, nowMs);
    for (const move of plan.moves) {
      if (signal.aborted) return;
      await this.#evict(move, signal);
    }
    // What waits for time, and not for a change, is looked at again when its time has come.
    const restMs = plan.isCut ? nowMs : this.#memory.nextMs(plan.resting, nowMs);
    this.#cancelTimer?.();
    this.#cancelTimer =
      restMs === undefined ? undefined : clock.setTimer(Math.max(0, restMs - nowMs), () => this.#noteChange());
  }

  async #plan(): Promise<RoundPlan> {
    const { clock, limits = ROUND_LIMITS } = this.#parts;
    this.#delayed = [];
    try {
      const planning = planMoves({
        snapshot: this.#snapshot,
        strategies: this.#strategies,
        decider: this.#decider,
        budgets: this.#budgets,
        memory: this.#memory,
        limits,
        nowMs: clock.now(),
      });
      for (;;) {
        const step = planning.next();
        if (step.done) return step.value;
        await nextTurn();
      }
    } finally {
      const delayed = this.#delayed;
      this.#delayed = undefined;
      for (const apply of delayed) apply();
    }
  }

  async #evict({ pod, strategy, reason, target }: Move, signal: AbortSignal): Promise<void> {
    const { client, events, log } = this.#parts;
    const key = keyOf(pod.pod);
    const body = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: key,
      deleteOptions: { preconditions: { uid: pod.uid } },
    };
    try {
      await client.createSubresource(pods, { ...key, subresource: "eviction" }, body, { signal });
      events.record(
        { object: pod.pod },
        "Normal",
        "Descheduled",
        `Evicted by ${strategy}: ${reason}; node ${target} has room for it`,
      );
    } catch (error) {
      // Gone, or its disruption budget says no: a change of either brings the next round.
      if (isNotFound(error) || isConflict(error) || hasReason(error, "TooManyRequests") || signal.aborted) return;
      log.warn("Evicting a pod that is out of place failed", { pod: pod.key, error });
    }
  }

  async #follow(): Promise<void> {
    const { informers } = this.#parts;
    const snapshot = this.#snapshot;
    const storage = followStorage(
      {
        snapshot,
        wake: () => this.#noteChange(),
        informer: (resource, indexers) => informers.informer(resource, indexers),
      },
      () => undefined,
    );
    await Promise.all([
      this.#on(namespaces, ({ type, object }) => {
        if (type !== "deleted") return snapshot.setNamespace(object).length > 0;
        snapshot.removeNamespace(object.metadata.name);
        return false;
      }),
      this.#on(nodes, ({ type, object }) => {
        if (type !== "deleted") return snapshot.setNode(object).length > 0;
        snapshot.removeNode(object.metadata.name);
        return true;
      }),
      this.#on(pods, (change) => this.#podChanged(change)),
      this.#on(podDisruptionBudgets, ({ type, object }) => {
        const { version } = this.#budgets;
        if (type === "deleted") this.#budgets.remove(object);
        else this.#budgets.set(object);
        return this.#budgets.version !== version;
      }),
      this.#on(reservations, () => this.#reserve()),
      storage,
    ]);
  }

  /** `apply` tells whether the change may make a difference. */
  #on<T extends KubeObject>(resource: ResourceDefinition<T>, apply: (change: Change<T>) => boolean): Promise<unknown> {
    const informer = this.#parts.informers.informer(resource);
    informer.onChange((change) => {
      const run = () => {
        if (apply(change)) this.#noteChange();
      };
      if (this.#delayed) this.#delayed.push(run);
      else run();
    });
    return informer.synced;
  }

  #podChanged({ type, object: pod }: Change<Pod>): boolean {
    const { nodeName } = pod.spec;
    const { uid } = pod.metadata;
    if (type === "deleted" || isPodTerminal(pod) || !nodeName) return this.#snapshot.removePod(uid) !== undefined;
    return !this.#snapshot.renewPod(pod) && this.#snapshot.addPod(new PodInfo(pod), nodeName).length > 0;
  }

  #reserve(): boolean {
    const held = this.#parts.informers.informer(reservations).list();
    const byNode = setAsidesByNode(held);
    for (const { name } of this.#snapshot.nodes) this.#snapshot.setAside(name, byNode.get(name) ?? []);
    return true;
  }

  #noteChange(): void {
    this.#hasChanged = true;
    this.#wake?.();
  }
}
