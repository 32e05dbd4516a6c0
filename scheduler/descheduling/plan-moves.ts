// Decides which misplaced pods are moved in one round: few at a time, only where another node takes them and the scheduler would
// choose it, and as far as disruption budgets allow. Pure: the moves are played through in the snapshot, and taken back.

import type { DisruptionBudgets } from "../preemption/disruption-budgets.ts";
import type { PodInfo } from "../pod-info.ts";
import type { PodScheduler } from "../schedule.ts";
import type { Snapshot } from "../snapshot.ts";
import { withoutNode } from "./movable.ts";
import type { MoveMemory } from "./move-memory.ts";
import type { Misplaced, Strategy } from "./strategy.ts";

/** How many pods leave in one round at most. */
export interface RoundLimits {
  readonly total: number;
  readonly perNode: number;
  readonly perOwner: number;
  readonly perNamespace: number;
}

export const ROUND_LIMITS: RoundLimits = { total: 50, perNode: 5, perOwner: 5, perNamespace: 20 };

export interface RoundParts {
  readonly snapshot: Snapshot;
  readonly strategies: readonly Strategy[];
  /** The scheduler that will place the pods anew. */
  readonly decider: PodScheduler;
  readonly budgets: DisruptionBudgets;
  readonly memory: MoveMemory;
  readonly limits: RoundLimits;
  readonly nowMs: number;
}

export interface Move extends Misplaced {
  /** Where the scheduler would put it now. */
  readonly target: string;
}

export interface RoundPlan {
  readonly moves: readonly Move[];
  /** How many pods of each owner are out of place, whether they are moved or not. */
  readonly misplaced: ReadonlyMap<string, number>;
  /** Owners whose pods are left alone for now because others of theirs were moved not long ago. */
  readonly resting: ReadonlySet<string>;
  /** The limits have kept pods from being moved. */
  readonly isCut: boolean;
}

/** Gives way between its steps; what it returns in the end is the plan. Until then the snapshot must not change otherwise. */
export function* planMoves(parts: RoundParts): Generator<undefined, RoundPlan> {
  const round = new Round(parts);
  try {
    for (const strategy of parts.strategies) {
      for (const found of strategy.find(parts.snapshot)) {
        if (found) round.consider(found);
        else yield undefined;
      }
    }
  } finally {
    round.undo();
  }
  return round.plan;
}

class Round {
  readonly #parts: RoundParts;
  readonly #moves: Move[] = [];
  readonly #misplaced = new Map<string, number>();
  readonly #resting = new Set<string>();
  readonly #considered = new Set<string>();
  readonly #counts = new Map<string, number>();
  #isCut = false;

  constructor(parts: RoundParts) {
    this.#parts = parts;
  }

  get plan(): RoundPlan {
    return { moves: this.#moves, misplaced: this.#misplaced, resting: this.#resting, isCut: this.#isCut };
  }

  consider(found: Misplaced): void {
    const { memory, nowMs } = this.#parts;
    const { pod, owner } = found;
    if (this.#considered.has(pod.uid)) return;
    const target = this.#targetOf(found);
    if (target === undefined) return;
    this.#considered.add(pod.uid);
    this.#misplaced.set(owner, (this.#misplaced.get(owner) ?? 0) + 1);
    if (!memory.mayMove(owner, nowMs)) return void this.#resting.add(owner);
    if (!this.#isWithinLimits(found)) return void (this.#isCut = true);
    if (this.#breaksBudget(pod)) return;
    this.#take({ ...found, target });
  }

  undo(): void {
    for (const { pod, nodeName } of this.#moves) this.#parts.snapshot.addPod(pod, nodeName);
  }

  /** Where the scheduler would put the pod, were it new; undefined: where it is, nowhere, or where it is no better off. */
  #targetOf({ pod, nodeName, suits }: Misplaced): string | undefined {
    const { snapshot, decider } = this.#parts;
    snapshot.removePod(pod.uid);
    const { node } = decider.schedule(withoutNode(pod));
    snapshot.addPod(pod, nodeName);
    if (node === undefined || node === nodeName) return undefined;
    return !suits || suits(node) ? node : undefined;
  }

  #isWithinLimits({ pod, nodeName, owner }: Misplaced): boolean {
    const { limits } = this.#parts;
    const count = (key: string) => this.#counts.get(key) ?? 0;
    return (
      this.#moves.length < limits.total &&
      count(`node ${nodeName}`) < limits.perNode &&
      count(`owner ${owner}`) < limits.perOwner &&
      count(`namespace ${pod.namespace}`) < limits.perNamespace
    );
  }

  #breaksBudget(pod: PodInfo): boolean {
    const { budgets } = this.#parts;
    return budgets.violating([...this.#moves.map((move) => move.pod), pod]).has(pod);
  }

  #take(move: Move): void {
    const { pod, nodeName, owner, target } = move;
    this.#moves.push(move);
    this.#parts.snapshot.addPod(withoutNode(pod), target);
    for (const key of [`node ${nodeName}`, `owner ${owner}`, `namespace ${pod.namespace}`])
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }
}
