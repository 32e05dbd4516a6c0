// Brings one pod to what planPod says. Whatever happens (the pod changed, the runtime reports, a probe has a verdict, a
// step ended, a time has come) only marks the pod; it is then planned again from the full state. Steps of one pod run side
// by side unless they share a key. What it remembers is what can be seen nowhere else: steps in progress, and failures.

import type { Pod } from "../api/core/pod.ts";
import type { EventRecorder } from "../client/event-recorder.ts";
import { backoffDelayMs, type Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { Log } from "../lib/log.ts";
import type { Eviction } from "./eviction/eviction.ts";
import { isTerminalPhase } from "./pod-phase.ts";
import { planPod } from "./plan-pod.ts";
import type { NodeFacts, PodState, ResizeObstacle, Step, StepFailure, StepKey } from "./pod-state.ts";
import type { ContainerId } from "./runtimes/runtime.ts";
import type { Prober } from "./prober.ts";
import type { RuntimeSnapshot } from "./runtime-snapshot.ts";
import type { PodStatuses } from "./status-writer.ts";
import { recordStatusEvents } from "./status-events.ts";
import { reasonOf } from "./step-error.ts";
import type { TerminationMessages } from "./termination-messages.ts";

export interface PodWorkerDeps {
  readonly node: NodeFacts;
  readonly snapshot: RuntimeSnapshot;
  readonly prober: Prober;
  readonly status: PodStatuses;
  readonly messages: TerminationMessages;
  /** Why the pod does not get the resources that it asks for. */
  judgeResize(pod: Pod): ResizeObstacle | undefined;
  /** Carries out one step. Idempotent; rejects when it failed, or was broken off by the signal. */
  perform(step: Step, pod: Pod, signal: AbortSignal): Promise<void>;
  /** The pod has ended and left nothing behind: the worker is not needed any more. */
  finished(uid: string): void;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
}

/** How long a failed step waits, by reason. Image pulls as Kubernetes: 10 s, doubled to 300 s. */
const BACKOFF: Readonly<Record<string, Backoff>> = {
  ErrImagePull: { initialMs: 10_000, maxMs: 300_000 },
  InvalidImageName: { initialMs: 10_000, maxMs: 300_000 },
  CreateContainerConfigError: { initialMs: 10_000, maxMs: 10_000 },
  CreateContainerError: { initialMs: 10_000, maxMs: 10_000 },
  FailedMount: { initialMs: 500, maxMs: 122_000 },
};
const DEFAULT_BACKOFF: Backoff = { initialMs: 1000, maxMs: 10_000 };

interface RunningStep {
  readonly step: Step;
  readonly controller: AbortController;
}

interface Failure {
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  /** Monotonic. */
  readonly failedAtMs: number;
}

export class PodWorker {
  readonly #deps: PodWorkerDeps;
  readonly #signal: AbortSignal;
  #pod: Pod;
  #gone = false;
  #eviction: Eviction | undefined;
  readonly #ended = new AbortController();
  #marked = false;
  #volumes: PodState["volumes"] = "absent";
  /** Counts what made the volumes stale, so that a change during a set-up is not lost. */
  #volumesVersion = 0;
  #cancelTimer: () => void = () => undefined;
  readonly #steps = new Map<StepKey, RunningStep>();
  readonly #failures = new Map<StepKey, Failure>();
  /** Stopped in order to start anew. Bound: the containers that the runtime has of this pod. */
  readonly #restarting = new Set<ContainerId>();

  constructor(pod: Pod, deps: PodWorkerDeps, signal: AbortSignal) {
    this.#pod = pod;
    this.#deps = deps;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#cancelTimer(), { once: true, signal: this.#ended.signal });
  }

  get pod(): Pod {
    return this.#pod;
  }

  get #isOver(): boolean {
    return this.#ended.signal.aborted || this.#signal.aborted;
  }

  /** The pod's state in the API changed. */
  update(pod: Pod): void {
    const { labels, annotations } = this.#pod.metadata;
    // The downward API shows these two inside of volumes.
    const shown = pod.metadata.labels !== labels || pod.metadata.annotations !== annotations;
    this.#pod = pod;
    if (shown) this.#markVolumesStale();
    this.mark();
  }

  /** The pod is in the API no more: what runs of it is stopped and removed. */
  remove(): void {
    this.#gone = true;
    this.mark();
  }

  /** The node gives the pod up. False: it has ended, or was given up, before. */
  evict(eviction: Eviction): boolean {
    const { events, status } = this.#deps;
    if (this.#eviction || this.#gone || isTerminalPhase(status.newest(this.#pod).status.phase)) return false;
    this.#eviction = eviction;
    const { reason = "Evicted", message } = eviction;
    events.record({ object: this.#pod }, "Warning", reason, eviction.event ?? message);
    this.mark();
    return true;
  }

  /** A ConfigMap, Secret or Service that the pod refers to changed: what failed for the lack of it is tried again now. */
  referenceChanged(): void {
    this.#markVolumesStale();
    for (const [key, { reason }] of this.#failures) {
      if (reason === "CreateContainerConfigError" || reason === "FailedMount") this.#failures.delete(key);
    }
    this.mark();
  }

  /** Plans again soon; however often it is called before that, once. */
  mark(): void {
    if (this.#marked || this.#isOver) return;
    this.#marked = true;
    queueMicrotask(() => {
      this.#marked = false;
      this.#plan();
    });
  }

  #markVolumesStale(): void {
    this.#volumesVersion++;
    if (this.#volumes === "current") this.#volumes = "stale";
  }

  #plan(): void {
    if (this.#isOver) return;
    const { prober, status, messages, clock, events } = this.#deps;
    const state = this.#observe();
    // The message of a container that has just ended belongs into the same status as its exit code.
    if (messages.load(this.#pod, state.runtime, () => this.mark())) return;
    const plan = planPod(state);
    if (!this.#gone) {
      recordStatusEvents(events, this.#pod, { before: status.reported(this.#pod), after: plan.status });
      status.report(this.#pod, plan.status);
    }
    prober.sync(this.#pod, state.runtime, () => this.mark());
    for (const key of plan.cancel) this.#steps.get(key)?.controller.abort();
    for (const step of plan.steps) void this.#run(step);
    this.#cancelTimer();
    const { wakeAfterMs } = plan;
    this.#cancelTimer = wakeAfterMs === undefined ? () => undefined : clock.setTimer(wakeAfterMs, () => this.mark());
  }

  #observe(): PodState {
    const { snapshot, prober, node, clock, messages, status } = this.#deps;
    const runtime = snapshot.get(this.#pod.metadata.uid);
    const pod = status.newest(this.#pod);
    return {
      pod,
      resizeObstacle: this.#deps.judgeResize(pod),
      gone: this.#gone,
      eviction: this.#eviction,
      runtime,
      probes: prober.verdicts(this.#pod.metadata.uid),
      restarting: this.#restarting,
      steps: new Map([...this.#steps].map(([key, { step }]) => [key, step])),
      failures: new Map([...this.#failures].map(([key, failure]) => [key, describe(failure, clock.monotonic())])),
      volumes: this.#volumes,
      terminationMessages: messages.of(this.#pod.metadata.uid),
      node,
      nowMs: clock.now(),
    };
  }

  async #run(step: Step): Promise<void> {
    const controller = new AbortController();
    this.#steps.set(step.key, { step, controller });
    if (step.kind === "stop-container" && step.restart) this.#restarting.add(step.running.id);
    const version = this.#volumesVersion;
    try {
      await this.#deps.perform(step, this.#pod, AbortSignal.any([controller.signal, this.#signal]));
      this.#failures.delete(step.key);
      if (step.kind === "set-up-volumes") this.#volumes = version === this.#volumesVersion ? "current" : "stale";
      if (step.kind === "remove-container") this.#restarting.delete(step.id);
      if (step.kind === "remove-volumes") this.#volumes = "removed";
      if (step.kind === "finish") this.#end();
    } catch (error) {
      if (!controller.signal.aborted && !this.#signal.aborted) this.#remember(step, error);
    }
    // The next plan must see what the step did, or it would be planned once more.
    if (!this.#isOver) await this.#deps.snapshot.refresh();
    this.#steps.delete(step.key);
    this.mark();
  }

  #end(): void {
    this.#ended.abort();
    this.#cancelTimer();
    this.#deps.finished(this.#pod.metadata.uid);
  }

  #remember({ key }: Step, error: unknown): void {
    const { clock, log } = this.#deps;
    const count = (this.#failures.get(key)?.count ?? 0) + 1;
    const failure = { reason: reasonOf(error), message: errorMessage(error), count, failedAtMs: clock.monotonic() };
    this.#failures.set(key, failure);
    const { namespace, name } = this.#pod.metadata;
    log.warn("A step of a pod failed; it is tried again", { pod: `${namespace}/${name}`, step: key, count, error });
  }
}

function describe({ reason, message, count, failedAtMs }: Failure, nowMs: number): StepFailure {
  const failedForMs = nowMs - failedAtMs;
  const retryInMs = backoffDelayMs(BACKOFF[reason] ?? DEFAULT_BACKOFF, count) - failedForMs;
  return { reason, message, failedForMs, retryInMs };
}
