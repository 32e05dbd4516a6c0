// Gets room for pods that find none: what their queue is guaranteed is taken back from queues that borrow, and for the gang at the
// head of the line room is kept until enough pods have ended. Small pods that have ended by then use it meanwhile.

import type { PodInfo } from "../pod-info.ts";
import type { Borrower } from "../queues/plan-reclaim.ts";
import type { Snapshot } from "../snapshot.ts";
import { endOf } from "./endings.ts";
import { isStandIn, type KeptRoom, type KeptRooms, type Place } from "./kept-rooms.ts";
import type { UnitPlanner } from "./unit-planner.ts";

/** Pods that are placed together, or one pod. */
export interface Unit {
  /** The name of the group, or the pod's uid. */
  readonly key: string;
  readonly pods: readonly PodInfo[];
  readonly priority: number;
  /** Since when it waits, in milliseconds since 1970. */
  readonly sinceMs: number;
}

export interface RoomMakerParts {
  readonly snapshot: Snapshot;
  readonly rooms: KeptRooms;
  readonly planner: UnitPlanner;
  /** Those who have to give back for the unit, in the order in which they are asked; undefined: it is owed nothing. */
  borrowersFor(unit: Unit, leaving: ReadonlySet<string>): readonly Borrower[] | undefined;
  /** Those of lower priority that may be pushed out for the unit, in the order in which they are asked, each group as a whole. */
  preemptableFor(unit: Unit, leaving: ReadonlySet<string>): readonly (readonly Place[])[];
  /** Ends the pod for that of the unit. */
  evict(victim: Place, preemptor: PodInfo, cause: string | undefined): void;
  now(): number;
}

const RECLAIMING = "preempting because the queue of another pod takes back what it is guaranteed";
const LEAVING = "Room is being made: pods are leaving.";

/** Of the pods that will have ended, how many are looked at, the next to end first. */
const ENDINGS_MAX = 2000;

export class RoomMaker {
  readonly #parts: RoomMakerParts;
  /** Pods that are on their way out: their room will be free without anything being done. */
  readonly #leaving = new Map<string, Place>();
  #head: Unit | undefined;
  /** Units that even the leaving of all who could leave has not helped, as long as the cluster is what it was. */
  #hopeless: { version: number; readonly classes: Set<string> } = { version: -1, classes: new Set() };

  constructor(parts: RoomMakerParts) {
    this.#parts = parts;
  }

  /** The gang for which room is kept until others have ended. */
  get head(): Unit | undefined {
    return this.#head;
  }

  setLeaving(pod: PodInfo, node: string): void {
    this.#leaving.set(pod.uid, { pod, node });
  }

  /** The uids of the pods that are on their way out. */
  get leaving(): ReadonlySet<string> {
    return new Set(this.#leaving.keys());
  }

  setGone(uid: string): void {
    this.#leaving.delete(uid);
  }

  /** The unit has its place, or needs none any more. */
  drop(key: string): KeptRoom | undefined {
    if (this.#head?.key === key) this.#head = undefined;
    return this.#parts.rooms.drop(key);
  }

  /** Queues have other rights than before. */
  forgetHopeless(): void {
    this.#hopeless = { version: -1, classes: new Set() };
  }

  /** Takes back what the unit is owed. Returns what people should know; undefined: nothing is owed, or it would not help. */
  reclaim(unit: Unit): string | undefined {
    const borrowers = this.#parts.borrowersFor(unit, this.leaving);
    const leaving = [...this.#leaving.values()].map((place) => [place]);
    if (!borrowers || borrowers.length + leaving.length === 0) return undefined;
    // What found no way out of the same cluster finds none now.
    if (this.#isHopeless(unit, "reclaim")) return undefined;
    const plan = this.#parts.planner.planSparing(unit.pods, [...leaving, ...borrowers.map(({ places }) => places)]);
    if (!plan) return this.#noteHopeless(unit, "reclaim");
    this.#keep(unit, plan.places, undefined);
    const chosen = plan.leaving.flatMap((index) => borrowers[index - leaving.length] ?? []);
    const names = [...new Set(chosen.map(({ queue }) => queue.name))].sort();
    const victims = chosen.flatMap(({ places }) => places);
    this.#push(unit, victims, RECLAIMING);
    if (victims.length === 0) return LEAVING;
    return `Room is being made: ${victims.length} pods leave that queue ${names.join(", ")} has borrowed for.`;
  }

  /** Pushes out pods of lower priority. Returns what people should know; undefined: it would not help. */
  preempt(unit: Unit): string | undefined {
    const leaving = [...this.#leaving.values()].map((place) => [place]);
    const groups = this.#parts.preemptableFor(unit, this.leaving);
    if (groups.length + leaving.length === 0 || this.#isHopeless(unit, "preempt")) return undefined;
    const plan = this.#parts.planner.planSparing(unit.pods, [...leaving, ...groups]);
    if (!plan) return this.#noteHopeless(unit, "preempt");
    this.#keep(unit, plan.places, undefined);
    const victims = plan.leaving.flatMap((index) => groups[index - leaving.length] ?? []);
    this.#push(unit, victims, undefined);
    return victims.length === 0 ? LEAVING : `Room is being made: ${victims.length} pods of lower priority leave.`;
  }

  /** Keeps room for the gang until others have ended, if it is the first in line. Returns what people should know. */
  awaitEndings(unit: Unit): string | undefined {
    if (!this.#isFirst(unit)) return undefined;
    const endings = this.#endings(unit);
    const plan = this.#parts.planner.plan(
      unit.pods,
      endings.map(({ place }) => [place]),
    );
    if (!plan) return this.#giveUp(unit);
    if (this.#head && this.#head.key !== unit.key) this.drop(this.#head.key);
    const lastMs = Math.max(...plan.leaving.map((index) => endings[index]?.endMs ?? Infinity));
    this.#head = unit;
    this.#keep(unit, plan.places, Number.isFinite(lastMs) ? lastMs : undefined);
    return "Room is being kept for them until pods that run now have ended.";
  }

  #push(unit: Unit, victims: readonly Place[], cause: string | undefined): void {
    const [preemptor] = unit.pods;
    for (const victim of victims) {
      this.#leaving.set(victim.pod.uid, victim);
      if (preemptor) this.#parts.evict(victim, preemptor, cause);
    }
  }

  #isHopeless({ pods }: Unit, way: Way): boolean {
    const { version } = this.#parts.snapshot;
    if (this.#hopeless.version !== version) this.#hopeless = { version, classes: new Set() };
    return this.#hopeless.classes.has(way + classOf(pods));
  }

  #noteHopeless({ pods }: Unit, way: Way): undefined {
    this.#hopeless.classes.add(way + classOf(pods));
    return undefined;
  }

  #giveUp(unit: Unit): undefined {
    this.drop(unit.key);
    return undefined;
  }

  #isFirst(unit: Unit): boolean {
    const head = this.#head;
    if (!head || head.key === unit.key) return true;
    if (unit.priority !== head.priority) return unit.priority > head.priority;
    return unit.sinceMs < head.sinceMs;
  }

  #keep({ key, pods, priority }: Unit, places: readonly Place[], startMs: number | undefined): void {
    const uids = new Set(pods.map(({ uid }) => uid));
    this.#parts.rooms.keep({ unit: key, uids, priority, places, startMs });
  }

  /** What can be expected to end, the next first. */
  #endings({ pods }: Unit): readonly { readonly place: Place; readonly endMs: number }[] {
    const { snapshot } = this.#parts;
    const nowMs = this.#parts.now();
    const own = new Set(pods.map(({ uid }) => uid));
    const endings: { readonly place: Place; readonly endMs: number }[] = [];
    for (const { name: node } of snapshot.nodes) {
      for (const pod of snapshot.podsOn(node)) {
        const endMs = isStandIn(pod) || own.has(pod.uid) ? undefined : endOf(pod, nowMs);
        if (endMs !== undefined) endings.push({ place: { pod, node }, endMs });
      }
    }
    return endings.sort((a, b) => (a.endMs === b.endMs ? 0 : a.endMs - b.endMs)).slice(0, ENDINGS_MAX);
  }
}

type Way = "reclaim" | "preempt";

/** Equal for units that are treated alike. Their queue is made of labels, or of their namespace or group, which are in it. */
const classOf = (pods: readonly PodInfo[]) => `${pods.length} ${pods[0]?.classKey}`;
