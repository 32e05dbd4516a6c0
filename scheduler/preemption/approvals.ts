// Asks the extenders that have a say before pods are pushed out. Meanwhile the pod they would leave for may find a node, or go;
// then nobody is pushed out for it.

import type { PodInfo } from "../pod-info.ts";
import type { StageParts } from "../stage.ts";
import type { Candidate } from "./plan-victims.ts";

/** Bound: one entry for each pod without a node. */
export class Approvals {
  readonly #approves: StageParts["approves"];
  readonly #onApproval: (preemptor: PodInfo, candidate: Candidate) => void;
  readonly #asking = new Set<string>();

  constructor(approves: StageParts["approves"], onApproval: (preemptor: PodInfo, candidate: Candidate) => void) {
    this.#approves = approves;
    this.#onApproval = onApproval;
  }

  /** Whether somebody has to be asked about the pod, and is. `onApproval` is called with those victims that are agreed to. */
  asks(preemptor: PodInfo, candidate: Candidate): boolean {
    const { uid } = preemptor;
    if (this.#asking.has(uid)) return true;
    const { node, victims, violations } = candidate;
    const pods = victims.map(({ pod }) => pod);
    const approval = this.#approves(preemptor, { node: node.name, pods, violations });
    if (!approval) return false;
    this.#asking.add(uid);
    void approval.then((agreed) => {
      if (!this.#asking.delete(uid) || !agreed) return;
      const uids = new Set(agreed.map(({ metadata }) => metadata.uid));
      this.#onApproval(preemptor, { ...candidate, victims: victims.filter((victim) => uids.has(victim.uid)) });
    });
    return true;
  }

  /** Nothing needs to be done for the pod any more. */
  forget(uid: string): void {
    this.#asking.delete(uid);
  }
}
