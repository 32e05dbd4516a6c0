// What a descheduling strategy is: it finds pods that are where they should not be. Pure; who is moved, and whether, is decided
// elsewhere.

import type { PodInfo } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";

export interface Misplaced {
  readonly pod: PodInfo;
  readonly nodeName: string;
  /** The uid of the controller that puts it back. */
  readonly owner: string;
  /** The strategy that found it. */
  readonly strategy: string;
  /** For people: why it leaves. */
  readonly reason: string;
  /** Whether the pod would be better off on this node; wherever the rules let it go unless given. */
  suits?(nodeName: string): boolean;
}

export interface Strategy {
  readonly name: string;
  /** Changes nothing in the snapshot that it does not put back at once. `undefined`: still looking, others may have a turn. */
  find(snapshot: Snapshot): Iterable<Misplaced | undefined>;
}

/** Pods looked at between two turns of others. */
export const PODS_A_TURN = 64;
