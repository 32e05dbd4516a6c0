// Where the scheduler hands over pods in which extenders have a say. They wait here for the answers, and come back decided; what
// other pods have taken meanwhile is looked at again.

import type { Pod } from "../../api/core/pod.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Log } from "../../lib/log.ts";
import type { SchedulerPlugin } from "../framework.ts";
import type { PodInfo } from "../pod-info.ts";
import type { QueuedPod } from "../queue.ts";
import type { Decision, PodScheduler } from "../schedule.ts";
import { consult } from "./consult.ts";
import type { Extender, NodeVictims, PodBinding } from "./extender.ts";
import { WaitingRoom } from "./waiting-room.ts";

export interface DeskParts {
  readonly extenders: readonly Extender[];
  readonly log: Log;
  deciderOf(pod: PodInfo): PodScheduler;
  /** What became of the version of the pod that was handed over; undefined: others have taken the nodes meanwhile. */
  onDecision(queued: QueuedPod, pod: PodInfo, decision: Decision | undefined): void;
  onFailure(queued: QueuedPod, error: unknown): void;
}

/** Stands for what extenders say among the rules. Whatever changes may change their minds. */
const EXTENDER: SchedulerPlugin = {
  name: "Extender",
  unblockedBy: ["NodeAdded", "NodeCapacity", "NodeLabels", "NodeTaints", "PodAdded", "PodRemoved"],
  prepare: () => undefined,
};

export class ExtenderDesk {
  readonly #parts: DeskParts;
  readonly #room = new WaitingRoom((queued) => this.#ask(queued));
  readonly #closed = new AbortController();

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /** Takes the pod over if an extender has a say in it. */
  takes(queued: QueuedPod): boolean {
    const { extenders } = this.#parts;
    if (!extenders.some((extender) => extender.isInterestedIn(queued.pod.pod))) return false;
    this.#room.enter(queued);
    return true;
  }

  /** Binds the pod if an extender does that, and says how it went; `otherwise` if it cannot and need not. */
  binds(pod: PodInfo, binding: PodBinding, { done, otherwise }: BindingOutcome): boolean {
    const binder = this.#parts.extenders.find((each) => each.binds && each.isInterestedIn(pod.pod));
    if (!binder) return false;
    binder.bind(binding, this.#closed.signal).then(
      () => done(undefined),
      (error: unknown) => {
        if (!binder.isIgnorable) return done(error);
        this.#parts.log.warn("An extender does not bind; it is done without it", { error: errorMessage(error) });
        otherwise();
      },
    );
    return true;
  }

  /**
   * Asks the extenders that have a say in whom to push out for the pod; undefined: there is none. Resolves with those whom they
   * agree to, and with undefined where they do not agree at all, or cannot be asked.
   */
  approves(pod: PodInfo, plan: EvictionPlan): Promise<readonly Pod[] | undefined> | undefined {
    const asked = this.#parts.extenders.filter((each) => each.preempts && each.isInterestedIn(pod.pod));
    if (asked.length === 0) return undefined;
    return this.#approved(pod, plan, asked).catch((error: unknown) => {
      const { log } = this.#parts;
      if (!this.#closed.signal.aborted) log.warn("An extender must agree to preemption, and fails", { error });
      return undefined;
    });
  }

  async #approved(pod: PodInfo, { node, ...planned }: EvictionPlan, asked: readonly Extender[]) {
    let plans: ReadonlyMap<string, NodeVictims> = new Map([[node, planned]]);
    for (const extender of asked) {
      try {
        plans = await extender.preempt(pod.pod, plans, this.#closed.signal);
      } catch (error) {
        if (!extender.isIgnorable) throw error;
        this.#parts.log.warn("An extender does not answer about preemption; it is done without it", { error });
      }
    }
    const agreed = plans.get(node);
    return agreed && agreed.pods.length > 0 ? agreed.pods : undefined;
  }

  /** Ends what is being asked, and resolves when it has ended. */
  async close(): Promise<void> {
    this.#closed.abort(new Error("the scheduler ends"));
    await this.#room.emptied();
  }

  async #ask(queued: QueuedPod): Promise<void> {
    const { onDecision, onFailure } = this.#parts;
    const { pod } = queued;
    try {
      const decision = await this.#choose(pod);
      onDecision(queued, pod, decision);
    } catch (error) {
      if (!this.#closed.signal.aborted) onFailure(queued, error);
    }
  }

  async #choose(pod: PodInfo): Promise<Decision | undefined> {
    const { extenders, log } = this.#parts;
    const decider = this.#parts.deciderOf(pod);
    const found = decider.rank(pod);
    if (!("ranked" in found)) return found;
    const interested = extenders.filter((extender) => extender.isInterestedIn(pod.pod));
    const { signal } = this.#closed;
    const advice = await consult({ pod: pod.pod, ranked: found.ranked, extenders: interested, log }, signal);
    if (advice.best.length === 0) {
      const failed = [...advice.failed.values()];
      return decider.refuse(
        pod,
        failed.map((reason) => ({ plugin: EXTENDER, reasons: [reason] })),
      );
    }
    const node = advice.best.find((name) => decider.fits(pod, name));
    return node === undefined ? undefined : { node };
  }
}

/** The pods that are to leave the node for another one. */
export interface EvictionPlan extends NodeVictims {
  readonly node: string;
}

export interface BindingOutcome {
  readonly done: (error: unknown) => void;
  readonly otherwise: () => void;
}
