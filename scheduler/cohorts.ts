// The pods that have a node, in groups whose members no rule about other pods can tell apart, with their number on each node,
// and a log of who came and left. Rules that count pods look at each group once and then follow the log.

import type { PodInfo } from "./pod-info.ts";

export interface Cohort {
  /** One of them; what it says of labels, namespace, controller, deletion and affinity to pods holds for all. */
  readonly pod: PodInfo;
  /** How many are on each node, also on nodes that are not known. Never empty. */
  readonly countByNode: ReadonlyMap<string, number>;
}

/** One pod of a cohort that came to a node (1) or left it (-1). */
export interface Move {
  readonly cohort: Cohort;
  readonly nodeName: string;
  readonly sign: 1 | -1;
}

interface WritableCohort extends Cohort {
  readonly countByNode: Map<string, number>;
}

/** Moves that are remembered at least. Who has missed more of them counts anew. */
const MOVES_KEPT = 2048;

/** Bound: an entry for each pod that has a node, and twice MOVES_KEPT moves. */
export class Cohorts {
  readonly #byKey = new Map<string, WritableCohort>();
  #moves: Move[] = [];
  /** The position of the first move that is remembered. */
  #start = 0;

  /** Where the log ends now. Only ever grows. */
  get position(): number {
    return this.#start + this.#moves.length;
  }

  all(): Iterable<Cohort> {
    return this.#byKey.values();
  }

  /** What happened since the log ended at `position`, in order; undefined: that is not remembered any more. */
  movesSince(position: number): readonly Move[] | undefined {
    if (position < this.#start) return undefined;
    return position === this.position ? [] : this.#moves.slice(position - this.#start);
  }

  add(pod: PodInfo, nodeName: string): void {
    const cohort = this.#byKey.get(pod.cohortKey) ?? { pod, countByNode: new Map<string, number>() };
    this.#byKey.set(pod.cohortKey, cohort);
    cohort.countByNode.set(nodeName, (cohort.countByNode.get(nodeName) ?? 0) + 1);
    this.#record({ cohort, nodeName, sign: 1 });
  }

  /** The pod is one that was added to this node. */
  remove(pod: PodInfo, nodeName: string): void {
    const cohort = this.#byKey.get(pod.cohortKey);
    const count = cohort?.countByNode.get(nodeName);
    if (!cohort || count === undefined) return;
    if (count > 1) cohort.countByNode.set(nodeName, count - 1);
    else cohort.countByNode.delete(nodeName);
    if (cohort.countByNode.size === 0) this.#byKey.delete(pod.cohortKey);
    this.#record({ cohort, nodeName, sign: -1 });
  }

  #record(move: Move): void {
    this.#moves.push(move);
    if (this.#moves.length < 2 * MOVES_KEPT) return;
    this.#moves = this.#moves.slice(MOVES_KEPT);
    this.#start += MOVES_KEPT;
  }
}
