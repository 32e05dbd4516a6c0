// Asks where pods that are placed together would go if others had left, in a second picture of the cluster.

import type { Random } from "../../lib/random.ts";
import type { Profile } from "../configuration/build-profile.ts";
import type { PodInfo } from "../pod-info.ts";
import { ScratchCluster } from "../preemption/scratch-cluster.ts";
import { PodScheduler } from "../schedule.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Place } from "./kept-rooms.ts";

export interface UnitPlan {
  /** Which of those that could leave have to, by index. */
  readonly leaving: readonly number[];
  readonly places: readonly Place[];
}

/** How many of those who would have to leave are asked one by one whether they may stay. */
const LET_OFF_MAX = 64;

export interface UnitPlannerParts {
  readonly snapshot: Snapshot;
  readonly random: Random;
  profileOf(pod: PodInfo): Profile | undefined;
}

export class UnitPlanner {
  readonly #parts: UnitPlannerParts;
  readonly #scratch: ScratchCluster;
  readonly #deciders = new Map<Profile, PodScheduler>();

  constructor(parts: UnitPlannerParts) {
    this.#parts = parts;
    this.#scratch = new ScratchCluster(parts.snapshot);
  }

  /**
   * Who has to leave so that all pods of the unit find a node; undefined: not even all of them leaving would help. `groups` leave
   * each as a whole, and in this order: about as few of the first as it takes.
   */
  plan(unit: readonly PodInfo[], groups: readonly (readonly Place[])[]): UnitPlan | undefined {
    this.#scratch.sync();
    const gone = new Departures(this.#scratch.snapshot, groups);
    try {
      return this.#fewest(unit, gone);
    } finally {
      gone.restore();
    }
  }

  /** As `plan`, where those who are in the way without need may stay: the last ones, and so the most important, first. */
  planSparing(unit: readonly PodInfo[], groups: readonly (readonly Place[])[]): UnitPlan | undefined {
    this.#scratch.sync();
    const gone = new Departures(this.#scratch.snapshot, groups);
    try {
      let plan = this.#fewest(unit, gone);
      if (!plan) return undefined;
      const asked = plan.leaving.slice(-LET_OFF_MAX - 1, -1).reverse();
      for (const index of asked) {
        gone.comeBack(index);
        const places = this.#place(unit);
        if (places) plan = { leaving: plan.leaving.filter((each) => each !== index), places };
        else gone.leave(index);
      }
      return plan;
    } finally {
      gone.restore();
    }
  }

  #fewest(unit: readonly PodInfo[], gone: Departures): UnitPlan | undefined {
    const indices = (count: number) => Array.from({ length: count }, (_, index) => index);
    let enough: UnitPlan | undefined;
    let tooFew = -1;
    const attempt = (count: number) => {
      gone.leaveFirst(count);
      const places = this.#place(unit);
      if (places) enough = { leaving: indices(count), places };
      else tooFew = count;
    };
    for (let count = 0; !enough && tooFew < gone.length; count = Math.min(gone.length, Math.max(1, count * 2)))
      attempt(count);
    if (!enough) return undefined;
    for (let most = enough.leaving.length; most - tooFew > 1; most = enough.leaving.length)
      attempt(tooFew + Math.floor((most - tooFew) / 2));
    gone.leaveFirst(enough.leaving.length);
    return enough;
  }

  #place(unit: readonly PodInfo[]): readonly Place[] | undefined {
    const { snapshot } = this.#scratch;
    const places: Place[] = [];
    for (const pod of unit) {
      const node = this.#deciderFor(pod)?.schedule(pod).node;
      if (node === undefined) break;
      snapshot.addPod(pod, node);
      places.push({ pod, node });
    }
    for (const { pod } of places) snapshot.removePod(pod.uid);
    return places.length === unit.length ? places : undefined;
  }

  #deciderFor(pod: PodInfo): PodScheduler | undefined {
    const profile = this.#parts.profileOf(pod);
    const known = profile && this.#deciders.get(profile);
    if (!profile || known) return known;
    const decider = new PodScheduler(this.#scratch.snapshot, profile.plugins, this.#parts.random);
    this.#deciders.set(profile, decider);
    return decider;
  }
}

/** Pods that are taken out of the picture, and put back. */
class Departures {
  readonly #snapshot: Snapshot;
  readonly #groups: readonly (readonly Place[])[];
  readonly #gone = new Set<number>();

  constructor(snapshot: Snapshot, groups: readonly (readonly Place[])[]) {
    this.#snapshot = snapshot;
    this.#groups = groups;
  }

  get length(): number {
    return this.#groups.length;
  }

  leaveFirst(count: number): void {
    this.#groups.forEach((_, index) => (index < count ? this.leave(index) : this.comeBack(index)));
  }

  leave(index: number): void {
    if (this.#gone.has(index)) return;
    this.#gone.add(index);
    for (const { pod } of this.#groups[index] ?? []) this.#snapshot.removePod(pod.uid);
  }

  comeBack(index: number): void {
    if (!this.#gone.delete(index)) return;
    for (const { pod, node } of this.#groups[index] ?? []) this.#snapshot.addPod(pod, node);
  }

  restore(): void {
    for (const index of [...this.#gone]) this.comeBack(index);
  }
}
