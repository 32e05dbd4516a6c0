// Pushes pods out: says in each pod's status why it goes, deletes it with its own grace period, and tells people. Tries again
// where the server does not answer; a pod that is gone, or replaced by another of its name, is what was wanted.

import { pods } from "../../api/core/pod.ts";
import { keyOf } from "../../api/meta/object.ts";
import { isConflict, isNotFound } from "../../api/meta/status.ts";
import type { Client } from "../../client/client.ts";
import type { EventRecorder } from "../../client/event-recorder.ts";
import { backoffDelayMs, type Backoff } from "../../lib/backoff.ts";
import { formatTime, type Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";
import type { PodInfo } from "../pod-info.ts";

export interface Removal {
  readonly victim: PodInfo;
  /** The pod that it makes room for. */
  readonly preemptor: PodInfo;
  readonly nodeName: string;
  /** Why, for people; that the preemptor has a higher priority unless given. */
  readonly cause?: string;
  /** Speaks for the preemptor's scheduler. */
  readonly events: EventRecorder;
}

export interface VictimRemoverOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the victim stays after all. */
  readonly onFailure: (removal: Removal) => void;
}

const HIGHER_PRIORITY = "preempting to accommodate a higher priority pod";
const CONCURRENCY = 16;
const ATTEMPTS_MAX = 5;
const BACKOFF: Backoff = { initialMs: 200, maxMs: 10_000 };

/** Bound: an entry for each pod that is on a node. */
export class VictimRemover {
  readonly #options: VictimRemoverOptions;
  readonly #waiting = new Map<string, Removal>();
  /** The pods whose removal is under way, until the cache shows that they leave. */
  readonly #leaving = new Set<string>();
  readonly #failures = new Map<string, number>();
  readonly #timers = new Set<() => void>();
  readonly #stop = new AbortController();
  #active = 0;

  constructor(options: VictimRemoverOptions) {
    this.#options = options;
  }

  isLeaving(uid: string): boolean {
    return this.#leaving.has(uid);
  }

  /** A pod that is on its way out already needs no push. */
  remove(removal: Removal): void {
    const { uid, isTerminating } = removal.victim;
    if (isTerminating || this.#leaving.has(uid)) return;
    this.#leaving.add(uid);
    this.#waiting.set(uid, removal);
    this.#work();
  }

  /** The cache shows that the pod leaves, or is gone. */
  forget(uid: string): void {
    this.#leaving.delete(uid);
  }

  stop(): void {
    this.#stop.abort();
    this.#waiting.clear();
    for (const cancel of this.#timers) cancel();
  }

  #work(): void {
    for (const [uid, removal] of this.#waiting) {
      if (this.#active >= CONCURRENCY) return;
      this.#waiting.delete(uid);
      this.#active++;
      void this.#try(removal).finally(() => {
        this.#active--;
        this.#work();
      });
    }
  }

  async #try(removal: Removal): Promise<void> {
    const { victim, preemptor, nodeName, events } = removal;
    try {
      await this.#push(removal);
      this.#failures.delete(victim.uid);
      events.record(
        { object: victim.pod },
        "Normal",
        "Preempted",
        `Preempted by pod ${preemptor.uid} on node ${nodeName}`,
      );
    } catch (error) {
      if (!this.#stop.signal.aborted) this.#failed(removal, error);
    }
  }

  async #push({ victim: { pod, uid }, preemptor, cause = HIGHER_PRIORITY }: Removal): Promise<void> {
    const { client, clock } = this.#options;
    const { signal } = this.#stop;
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "PreemptionByScheduler",
      message: `${preemptor.pod.spec.schedulerName ?? ""}: ${cause}`,
      lastTransitionTime: formatTime(clock.now()),
    };
    // The uid keeps all this away from a later pod of the same name.
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    await client.patch(pods, keyOf(pod), { type: "strategic", patch }, { subresource: "status", signal });
    await client.delete(pods, keyOf(pod), { preconditions: { uid }, signal });
  }

  #failed(removal: Removal, error: unknown): void {
    const { uid, key } = removal.victim;
    if (isNotFound(error) || isConflict(error)) return void this.#failures.delete(uid);
    const failures = (this.#failures.get(uid) ?? 0) + 1;
    this.#failures.set(uid, failures);
    const { clock, log, onFailure } = this.#options;
    if (failures < ATTEMPTS_MAX) {
      const cancel = clock.setTimer(backoffDelayMs(BACKOFF, failures), () => {
        this.#timers.delete(cancel);
        this.#waiting.set(uid, removal);
        this.#work();
      });
      this.#timers.add(cancel);
      return;
    }
    this.#failures.delete(uid);
    this.#leaving.delete(uid);
    log.warn("A pod could not be pushed out for a more urgent one", { pod: key, error });
    onFailure(removal);
  }
}
