// Writes into a pod's status why it has no node, and which node it has been promised. Level-based: while a write waits, a newer
// one takes its place, and what the pod says already is not written.

import { pods, type Pod } from "../api/core/pod.ts";
import { podCondition } from "../api/core/pod-state.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { isConflict, isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import { WorkQueue } from "../client/workqueue.ts";
import { formatTime, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";

export interface ConditionWriterOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

export interface Unplaced {
  readonly message: string;
  /** `Unschedulable` unless given. */
  readonly reason?: Reason;
  /** Where pods are being pushed out for it; undefined: nowhere. */
  readonly nominatedNode?: string;
}

interface Desired {
  readonly pod: Pod;
  readonly unplaced: Unplaced;
}

/** No node takes the pod, or it could not be found out whether one does. */
type Reason = "Unschedulable" | "SchedulerError";

const CONCURRENCY = 4;
const ATTEMPTS_MAX = 5;

/** Bound: one entry for each pod that waits for a node. */
export class ConditionWriter {
  readonly #options: ConditionWriterOptions;
  readonly #desired = new Map<string, Desired>();
  readonly #queue: WorkQueue;

  constructor(options: ConditionWriterOptions) {
    this.#options = options;
    const { clock, metrics } = options;
    this.#queue = new WorkQueue({
      name: "scheduler-conditions",
      clock,
      metrics,
      backoff: { initialMs: 200, maxMs: 10_000 },
    });
  }

  /** The pod could not be scheduled. */
  write(pod: Pod, unplaced: Unplaced): void {
    const key = formatKey(keyOf(pod));
    if (saysAlready(pod, unplaced) && !this.#desired.has(key)) return;
    this.#desired.set(key, { pod, unplaced });
    this.#queue.add(key);
  }

  /** Resolves when, after the abort of `signal`, nothing is being written any more. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(Array.from({ length: CONCURRENCY }, () => this.#work(signal)));
    this.#queue.clear();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(signal); key !== undefined; key = await this.#queue.take(signal)) {
      const desired = this.#desired.get(key);
      this.#desired.delete(key);
      try {
        if (desired) await this.#patch(desired, signal);
        this.#queue.forget(key);
      } catch (error) {
        if (desired && !signal.aborted) this.#fail(key, desired, error);
      }
      this.#queue.done(key);
    }
  }

  async #patch({ pod, unplaced }: Desired, signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#options;
    const { message, reason = "Unschedulable", nominatedNode = null } = unplaced;
    const old = podCondition(pod, "PodScheduled");
    const condition = {
      type: "PodScheduled",
      status: "False",
      reason,
      message,
      lastTransitionTime: old?.status === "False" ? old.lastTransitionTime : formatTime(clock.now()),
    };
    // The uid keeps the condition away from a later pod of the same name.
    const status = { conditions: [condition], nominatedNodeName: nominatedNode };
    const patch = { metadata: { uid: pod.metadata.uid }, status };
    await client.patch(pods, keyOf(pod), { type: "strategic", patch }, { subresource: "status", signal });
  }

  /** A pod that is gone, or replaced by another one, needs no condition. */
  #fail(key: string, desired: Desired, error: unknown): void {
    if (isNotFound(error) || isConflict(error)) return this.#queue.forget(key);
    if (this.#queue.retry(key) < ATTEMPTS_MAX) {
      if (!this.#desired.has(key)) this.#desired.set(key, desired);
      return;
    }
    this.#queue.forget(key);
    this.#options.log.warn("The condition of an unschedulable pod could not be written", { pod: key, error });
  }
}

function saysAlready(pod: Pod, { message, reason = "Unschedulable", nominatedNode }: Unplaced): boolean {
  const condition = podCondition(pod, "PodScheduled");
  const isPromised = (pod.status.nominatedNodeName || undefined) === nominatedNode;
  return isPromised && condition?.reason === reason && condition.message === message;
}
