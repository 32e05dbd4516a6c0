// Gangs and queues in the scheduler: who has to wait for others, for their queue or for their turn, what is placed together, and
// for whom room is made. The rules are beside this file and in ../gangs; here they meet the scheduler's loop.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import { judgeMember, type Gang, type Verdict } from "../gangs/gangs.ts";
import { HeldPods } from "../gangs/held-pods.ts";
import { KeptRooms } from "../gangs/kept-rooms.ts";
import { preemptableFor } from "../gangs/preemptable.ts";
import { RoomMaker, type Unit } from "../gangs/room-maker.ts";
import { UnitPlanner } from "../gangs/unit-planner.ts";
import type { PodInfo } from "../pod-info.ts";
import { VictimRemover } from "../preemption/victim-remover.ts";
import type { ActiveLine, ActivePod, LineRules } from "../queue.ts";
import type { Unschedulable } from "../schedule.ts";
import type { Stage, StageParts, Together } from "../stage.ts";
import { addTo, amountsOf, sumOf, type Amounts } from "./amounts.ts";
import { FairLine } from "./fair-line.ts";
import { Line } from "./line.ts";
import { totalOf, maxOf } from "./queue-tree.ts";
import { fitsSomeDay, permanentUse } from "./permanent-use.ts";
import { findReclaimVictims } from "./reclaim-victims.ts";
import { compareNeed, findAboveMax } from "./shares.ts";
import { Statuses } from "./statuses.ts";
import { WaitingLine, type WaitingUnit } from "./waiting-line.ts";

export const lineStage = (parts: StageParts): Stage => new LineStage(parts);

/** Where pods wait that no queue takes. */
const CLOSED_QUEUES = "queues";

class LineStage implements Stage {
  readonly name = "GangsAndQueues";
  readonly resumes = true;
  readonly synced: Promise<void>;
  readonly #parts: StageParts;
  readonly #line: Line;
  readonly #statuses: Statuses;
  readonly #held = new HeldPods();
  readonly #waiting = new WaitingLine();
  readonly #rooms: KeptRooms;
  readonly #roomMaker: RoomMaker;
  readonly #remover: VictimRemover;
  /** By group: what its members waited for when somebody looked last. */
  readonly #verdicts = new Map<string, string>();
  /** By group: since when all of its members wait. */
  readonly #since = new Map<string, number>();
  /** The gang that room is kept for until others have ended, and what ends that. */
  #turn: { readonly key: string; readonly cancel: () => void } | undefined;

  constructor(parts: StageParts) {
    this.#parts = parts;
    this.#rooms = new KeptRooms(parts.snapshot);
    this.#remover = new VictimRemover({ ...parts, onFailure: ({ victim }) => this.#roomMaker.setGone(victim.uid) });
    this.#line = new Line(parts, {
      gangChanged: (gang) => this.#gangChanged(gang),
      queuesChanged: (names) => this.#statuses.touchQueues(names),
      treeChanged: () => this.#treeChanged(),
      podGone: (uid) => this.#podGone(uid),
    });
    this.#statuses = new Statuses(parts, this.#line);
    this.#roomMaker = new RoomMaker({
      snapshot: parts.snapshot,
      rooms: this.#rooms,
      planner: new UnitPlanner(parts),
      borrowersFor: (unit, leaving) =>
        findReclaimVictims(unit, { line: this.#line, snapshot: parts.snapshot, leaving }),
      preemptableFor: ({ pods }, leaving) =>
        pods.every((pod) => parts.profileOf(pod)?.byPoint.postFilter.includes("DefaultPreemption"))
          ? preemptableFor(pods, {
              gangs: this.#line.gangs,
              budgets: this.#line.budgets,
              snapshot: parts.snapshot,
              leaving,
            })
          : [],
      evict: ({ pod: victim, node: nodeName }, preemptor, cause) => {
        const events = parts.profileOf(preemptor)?.events ?? parts.events;
        this.#remover.remove({ victim, preemptor, nodeName, events, cause });
      },
      now: () => parts.clock.now(),
    });
    this.synced = this.#line.synced;
  }

  readonly buildLine = <T extends ActivePod>(rules: LineRules<T>): ActiveLine<T> =>
    new FairLine(
      {
        queueOf: ({ pod }) => (this.#line.ledger.isEmpty ? undefined : this.#line.queueOf(pod)),
        compare: (a, b) => this.#compareQueues(a, b),
      },
      rules,
    );

  stop(): void {
    this.#turn?.cancel();
    this.#remover.stop();
    this.#statuses.stop();
    this.#line.stop();
  }

  hold(pod: PodInfo): string | undefined {
    const gang = this.#line.gangs.gangOf(pod.uid);
    const verdict = gang && judgeMember(gang);
    if (gang && verdict?.kind === "wait") {
      this.#held.add(gang.key, pod.uid);
      this.#verdicts.set(gang.key, verdict.reason);
      this.#statuses.setReason(gang, verdict);
      return verdict.message;
    }
    const queue = this.#line.queueOf(pod.pod);
    if (queue === undefined) return undefined;
    const closed = this.#line.ledger.tree.closed(queue);
    if (closed !== undefined) {
      this.#endRoom(this.#rooms.ofPod(pod.uid)?.unit);
      this.#held.add(CLOSED_QUEUES, pod.uid);
      if (gang) this.#statuses.setReason(gang, { reason: "QueueClosed", message: closed });
      return closed;
    }
    return verdict?.kind === "together" ? undefined : this.#aboveMax(this.#unitOf([pod]), queue);
  }

  together({ uid }: PodInfo): Together | undefined {
    const gang = this.#line.gangs.gangOf(uid);
    const verdict = gang && judgeMember(gang);
    if (!gang || verdict?.kind !== "together") return undefined;
    const { needed } = verdict;
    const lacking = `pod group "${gang.key}" needs ${needed} members that are ready to be placed`;
    const pending = [...gang.members].filter(([, { state }]) => state === "pending").map(([member]) => member);
    for (const member of pending) this.#held.add(gang.key, member);
    return { needed, candidates: pending, lacking };
  }

  holdTogether(pods: readonly PodInfo[]): string | undefined {
    const queue = pods[0] && this.#line.queueOf(pods[0].pod);
    return queue === undefined ? undefined : this.#aboveMax(this.#unitOf(pods), queue);
  }

  prepare(pods: readonly PodInfo[]): void {
    if (!this.#rooms.isEmpty) this.#rooms.arrange(pods, this.#parts.clock.now());
  }

  isNews(pod: PodInfo): boolean {
    if (this.#rooms.isEmpty) return false;
    return this.#rooms.ofPod(pod.uid) !== undefined || !this.#rooms.isHeededBy(pod, this.#parts.clock.now());
  }

  makeRoom(pod: PodInfo): string | undefined {
    // Preemption has found room for it.
    if (this.#parts.snapshot.nominations.nodeOf(pod.uid) !== undefined) return undefined;
    if (this.#line.queueOf(pod.pod) === undefined) return this.#noteKeptRoom(pod);
    return this.#makeRoomFor(this.#unitOf([pod])) ?? this.#noteKeptRoom(pod);
  }

  makeRoomTogether(pods: readonly PodInfo[], refusal: Unschedulable): string | undefined {
    const unit = this.#unitOf(pods);
    const note = this.#makeRoomFor(unit);
    const gang = this.#line.gangs.find(unit.key);
    const message = note ? `${refusal.message} ${note}` : refusal.message;
    if (gang) this.#statuses.setReason(gang, { reason: "Unschedulable", message });
    return note;
  }

  placed(pod: PodInfo, nodeName: string): void {
    const { uid } = pod;
    if (pod.isTerminating) {
      this.#remover.forget(uid);
      this.#roomMaker.setLeaving(pod, nodeName);
    }
    const gang = this.#line.gangs.setBinding(uid, true);
    const queue = this.#line.queueOf(pod.pod);
    if (queue !== undefined) this.#statuses.touchQueues(this.#line.ledger.place(uid, queue, amountsOf(pod.pod)));
    this.#settle(uid);
    if (gang) this.#gangChanged(gang);
  }

  freed(uid: string): void {
    this.#remover.forget(uid);
    this.#roomMaker.setGone(uid);
    const gang = this.#line.gangs.setBinding(uid, false);
    for (const queue of this.#line.ledger.free(uid)) {
      this.#statuses.touchQueues([queue]);
      this.#release(queue);
    }
    if (gang) this.#gangChanged(gang);
  }

  #compareQueues(a: string, b: string): number {
    const { tree, capacity } = this.#line.ledger;
    const [one, other] = [tree.find(a), tree.find(b)];
    return one && other ? compareNeed(one, other, capacity) : 0;
  }

  #unitOf(pods: readonly PodInfo[]): Unit {
    const [first] = pods;
    const gang = first && pods.length > 1 ? this.#line.gangs.gangOf(first.uid) : undefined;
    const key = gang?.key ?? first?.uid ?? "";
    const sinceMs = this.#since.get(key) ?? this.#parts.clock.now();
    if (gang) this.#since.set(key, sinceMs);
    return { key, pods, priority: Math.max(...pods.map(({ priority }) => priority)), sinceMs };
  }

  /** Why the queue's maximum keeps the unit waiting; it is then in the line of those that do. */
  #aboveMax(unit: Unit, queue: string): string | undefined {
    const { ledger } = this.#line;
    const leaf = ledger.tree.find(queue);
    if (!leaf) return undefined;
    const amounts = sumOf(unit.pods.map(({ pod }) => amountsOf(pod)));
    const nowMs = this.#parts.clock.now();
    const unkept = unit.pods.every((pod) => !this.#rooms.isHeededBy(pod, nowMs));
    const above = findAboveMax(leaf, amounts, { capacity: ledger.capacity, unkept, own: ledger.keptFor(unit.key) });
    if (!above) return undefined;
    const { key, priority } = unit;
    this.#waiting.add({ key, uids: unit.pods.map(({ uid }) => uid), amounts, priority, queue: above.node.name });
    if (unit.pods.length > 1) this.#awaitQueue(unit, { queue, amounts, message: above.message });
    return above.message;
  }

  /** A gang is not overtaken by ever more small pods of its queue: what it needs is kept from those that come after it. */
  #awaitQueue(unit: Unit, { queue, amounts, message }: QueueWait): void {
    const gang = this.#line.gangs.find(unit.key);
    if (gang) this.#statuses.setReason(gang, { reason: "QueueLimit", message });
    const { ledger } = this.#line;
    const path = ledger.tree.find(queue)?.path ?? [];
    if (path.some(({ kept }) => Object.keys(kept).length > 0)) return;
    const staying = permanentUse(this.#parts.snapshot, ledger, this.#parts.clock.now());
    if (!fitsSomeDay(path, amounts, { capacity: ledger.capacity, staying })) return;
    const uids = new Set(unit.pods.map(({ uid }) => uid));
    this.#rooms.keep({ unit: unit.key, uids, priority: unit.priority, places: [], startMs: undefined });
    ledger.keep(unit.key, queue, amounts);
  }

  #makeRoomFor(unit: Unit): string | undefined {
    this.#drop(unit.key);
    // A single pod has been through preemption already.
    const isGang = unit.pods.length > 1;
    const made = this.#roomMaker.reclaim(unit) ?? (isGang ? this.#roomMaker.preempt(unit) : undefined);
    const note = made ?? (isGang ? this.#awaitEndings(unit) : undefined);
    const queue = unit.pods[0] && this.#line.queueOf(unit.pods[0].pod);
    if (note !== undefined && queue !== undefined) {
      this.#line.ledger.keep(unit.key, queue, sumOf(unit.pods.map(({ pod }) => amountsOf(pod))));
    }
    return note;
  }

  #awaitEndings(unit: Unit): string | undefined {
    const nowMs = this.#parts.clock.now();
    const before = this.#roomMaker.head?.key;
    // It has had its turn, and others have theirs.
    const note = unit.sinceMs > nowMs ? undefined : this.#roomMaker.awaitEndings(unit);
    if (note === undefined) this.#endTurn(unit.key);
    else {
      if (before !== undefined && before !== unit.key) this.#drop(before);
      this.#beginTurn(unit.key);
    }
    return note;
  }

  #beginTurn(key: string): void {
    if (this.#turn?.key === key) return;
    this.#turn?.cancel();
    const seconds = this.#line.gangs.find(key)?.group?.spec.scheduleTimeoutSeconds;
    const cancel = seconds
      ? this.#parts.clock.setTimer(seconds * 1000, () => this.#turnIsOver(key, seconds))
      : () => undefined;
    this.#turn = { key, cancel };
  }

  #endTurn(key: string): void {
    if (this.#turn?.key !== key) return;
    this.#turn.cancel();
    this.#turn = undefined;
  }

  /** The gang goes to the end of the line, and is passed over for as long as it was waited for. */
  #turnIsOver(key: string, seconds: number): void {
    this.#turn = undefined;
    this.#since.set(key, this.#parts.clock.now() + seconds * 1000);
    this.#drop(key);
    const gang = this.#line.gangs.find(key);
    const message = `room was kept for ${seconds} s, and was not enough by then: others come first for as long`;
    if (gang) this.#statuses.setReason(gang, { reason: "ScheduleTimeout", message });
    this.#parts.wake(["PodRemoved"]);
  }

  #noteKeptRoom(pod: PodInfo): string | undefined {
    const { head } = this.#roomMaker;
    if (!head || !this.#rooms.isHeededBy(pod, this.#parts.clock.now())) return undefined;
    return `Room is kept for pod group ${head.key}.`;
  }

  /** Nothing is kept for the unit any more. */
  #drop(key: string): void {
    this.#roomMaker.drop(key);
    this.#line.ledger.unkeep(key);
  }

  /** The pod waits no more, and what it was to be placed together with does not wait for this room. */
  #settle(uid: string): void {
    this.#held.remove(uid);
    this.#waiting.removePod(uid);
    this.#endRoom(this.#rooms.ofPod(uid)?.unit);
  }

  /** The room that was kept for the unit is for others now. */
  #endRoom(unit: string | undefined): void {
    if (unit === undefined || !this.#rooms.find(unit)) return;
    const queue = this.#line.ledger.queueKeptIn(unit);
    this.#drop(unit);
    this.#endTurn(unit);
    this.#since.delete(unit);
    if (queue !== undefined) this.#release(queue);
    this.#parts.wake(["PodRemoved"]);
  }

  #podGone(uid: string): void {
    this.#settle(uid);
  }

  #gangChanged(gang: Gang): void {
    this.#statuses.touchGang(gang);
    if (gang.counts.pending === 0) this.#since.delete(gang.key);
    const verdict = judgeMember(gang);
    const state = renderVerdict(verdict);
    if (this.#verdicts.get(gang.key) === state) return;
    if (gang.members.size === 0) this.#verdicts.delete(gang.key);
    else this.#verdicts.set(gang.key, state);
    if (verdict.kind === "wait") return this.#endRoom(gang.key);
    this.#resume(this.#held.open(gang.key));
    // More or fewer of them have to find a node now.
    if (verdict.kind === "together") for (const uid of gang.members.keys()) this.#parts.reconsider(uid);
  }

  #treeChanged(): void {
    this.#statuses.touchAllQueues();
    this.#roomMaker.forgetHopeless();
    this.#resume(this.#held.open(CLOSED_QUEUES));
    for (const { uids } of this.#waiting.releaseAll()) this.#resume(uids);
  }

  /** The queue, and all that it is a part of, have room: as many go on as fit now. */
  #release(queue: string): void {
    const { tree, capacity } = this.#line.ledger;
    for (const node of tree.find(queue)?.path ?? []) {
      const granted: Amounts = {};
      const fits = ({ key, amounts }: WaitingUnit) => {
        const own: ResourceAmounts = this.#line.ledger.keptFor(key);
        const isAbove = Object.entries(amounts).some(([resource, amount]) => {
          const others = totalOf(node, resource) - (own[resource] ?? 0) + (granted[resource] ?? 0);
          return amount > 0 && others + amount > maxOf(node, capacity, resource);
        });
        if (!isAbove) addTo(granted, amounts, 1);
        return !isAbove;
      };
      for (const { uids } of this.#waiting.release(node.name, fits)) this.#resume(uids);
    }
  }

  #resume(uids: readonly string[]): void {
    for (const uid of uids) this.#parts.resume(uid);
  }
}

function renderVerdict(verdict: Verdict): string {
  if (verdict.kind === "wait") return verdict.reason;
  return verdict.kind === "together" ? `together ${verdict.needed}` : verdict.kind;
}

interface QueueWait {
  readonly queue: string;
  readonly amounts: ResourceAmounts;
  readonly message: string;
}
