// What preemption for pods that every rule treats alike, and that have the same priority, would do on each node. For the first of
// them the nodes are gone through once, and most are passed over at a glance. If more come it is kept, until the node, its pods
// or the budgets that protect them change, so that they cost next to nothing.

import { Column } from "../column.ts";
import { Heap } from "../heap.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodClass, RoomRule } from "../pod-class.ts";
import type { Seeker } from "../nominations.ts";
import type { PodInfo } from "../pod-info.ts";
import { renderReasons, type PluginRejection } from "../rejection-counts.ts";
import type { Snapshot } from "../snapshot.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import type { PodRanks } from "./may-preempt.ts";
import { candidateOf, isBetter, mayBeat, planVictims, type Candidate } from "./plan-victims.ts";
import type { Question, WhatIf } from "./what-if.ts";

export interface PreemptionParts {
  readonly snapshot: Snapshot;
  readonly budgets: DisruptionBudgets;
  readonly whatIf: WhatIf;
  readonly ranks: PodRanks;
}

/** What would be done on a node, or why nothing would. */
type Outcome = Candidate | readonly string[];

type Place = Pick<Question, "node" | "room">;

type NodeRejection = (node: NodeInfo) => PluginRejection | undefined;

const NOT_HELPFUL = ["Preemption is not helpful for scheduling"];
const NO_VICTIMS = ["No preemption victims found for incoming pod"];

/** Where rules about other pods have to be asked, a tenth of the nodes is choice enough, and never less than this: as Kubernetes. */
const CANDIDATES_MIN = 100;
const CANDIDATES_SHARE = 0.1;

/** The version of no row. */
const NEVER = -1;

/** Bound: an entry for each node, and as many again that are out of date. */
export class PreemptionClass {
  readonly podClass: PodClass;
  readonly #parts: PreemptionParts;
  /** One of them. */
  readonly #pod: PodInfo;
  /** All of them, of whom none has been promised anything. */
  readonly #anyone: Seeker;
  readonly #outcomes: (Outcome | undefined)[] = [];
  /** The version of each row that is remembered. */
  readonly #seen = new Column();
  /** 1 for rows where a budget protects a pod that may go. */
  readonly #isProtected = new Column();
  /** The best first; may hold candidates that have been replaced since. */
  #order = new Heap<Candidate>(comesFirst);
  #ordered = 0;
  #uses = 0;
  /** The end of the log of touched rows that was taken in. */
  #position = -1;
  #budgetVersion = -1;
  #budgetShape = -1;

  constructor(pod: PodInfo, podClass: PodClass, parts: PreemptionParts) {
    this.podClass = podClass;
    this.#pod = pod;
    this.#anyone = { uid: "", priority: pod.priority };
    this.#parts = parts;
  }

  /** The node where preemption for the pod does the least harm; or why there is none, as Kubernetes' FitError. */
  choose(pod: PodInfo): Candidate | string {
    const { room } = this.podClass;
    const isPromised = this.#parts.snapshot.nominations.nodeOf(pod.uid) !== undefined;
    this.#uses++;
    // What is promised to the pod itself is in its way nowhere, so that it sees another cluster than its equals.
    if (!room || isPromised || this.#uses === 1) return this.#scan(pod, room);
    this.#update(room);
    for (let best = this.#order.peek(); best; best = this.#order.peek()) {
      if (this.#outcomes[best.node.row] === best) return best;
      this.#order.pop();
      this.#ordered--;
    }
    return this.#explain(this.#outcomes);
  }

  /** Whether preemption would help the pod on this node. */
  helpsOn(pod: PodInfo, node: NodeInfo): boolean {
    const { podClass } = this;
    if (podClass.rejectionOn(node)?.reasons.isUnresolvable) return false;
    const removable = this.#parts.ranks.removable(pod, node);
    return isCandidate(this.#evaluate({ seeker: pod, node, room: podClass.room }, removable));
  }

  #scan(seeker: Seeker, room: RoomRule | undefined): Candidate | string {
    const { nodes } = this.#parts.snapshot;
    const share = Math.floor(nodes.length * CANDIDATES_SHARE);
    const max = room ? Infinity : Math.max(CANDIDATES_MIN, share);
    const rejectionOn = this.#rejections(room);
    const failures: Outcome[] = [];
    let found = 0;
    let best: Candidate | undefined;
    for (const node of nodes) {
      if (found >= max) break;
      const removable = this.#removable(node, rejectionOn);
      if (best && !this.#mayBeat(best, { node, room }, removable)) continue;
      const outcome = this.#evaluate({ seeker, node, room }, removable);
      if (isCandidate(outcome)) {
        found++;
        if (!best || isBetter(outcome, best)) best = outcome;
      } else if (!best) {
        failures.push(outcome);
      }
    }
    return best ?? this.#explain(failures);
  }

  #mayBeat(best: Candidate, { node, room }: Place, pods: readonly PodInfo[] = []): boolean {
    return mayBeat(best, { pods, victimsMin: room ? this.#parts.ranks.victimsMin(room.request, node) : 1 });
  }

  #update(room: RoomRule): void {
    const { snapshot, budgets } = this.#parts;
    const { nodes, touched } = snapshot;
    const rejectionOn = this.#rejections(room);
    const update = (node: NodeInfo | undefined) => {
      if (!node || this.#seen.get(node.row) === snapshot.versions.get(node.row)) return;
      const question = { seeker: this.#anyone, node, room };
      this.#remember(node, this.#evaluate(question, this.#removable(node, rejectionOn)));
    };
    if (this.#budgetVersion !== budgets.version) this.#forget();
    else if (touched.forEachSince(this.#position, (row) => update(nodes[row]))) {
      this.#position = touched.position;
      return;
    }
    nodes.forEach(update);
    this.#position = touched.position;
    this.#sort();
  }

  /** What the budgets have changed. */
  #forget(): void {
    const { snapshot, budgets } = this.#parts;
    const forgetsAll = this.#budgetShape !== budgets.shape;
    for (const { row } of snapshot.nodes) {
      if (forgetsAll || this.#isProtected.get(row) === 1) this.#seen.set(row, NEVER);
    }
    this.#budgetVersion = budgets.version;
    this.#budgetShape = budgets.shape;
  }

  #remember({ row }: NodeInfo, outcome: Outcome): void {
    this.#outcomes[row] = outcome;
    this.#seen.set(row, this.#parts.snapshot.versions.get(row));
    if (!isCandidate(outcome)) return;
    this.#order.push(outcome);
    if (++this.#ordered > 2 * this.#parts.snapshot.nodes.length) this.#sort();
  }

  #sort(): void {
    const candidates = this.#outcomes.filter((outcome) => outcome !== undefined).filter(isCandidate);
    this.#order = new Heap(comesFirst);
    this.#ordered = candidates.length;
    for (const candidate of candidates) this.#order.push(candidate);
  }

  /** Where all that is asked of other pods is room, the nodes need not be asked one by one about the pods near them. */
  #rejections(room: RoomRule | undefined): NodeRejection {
    return room ? this.podClass.localRejections() : (node) => this.podClass.rejectionOn(node);
  }

  /** Those that may go; undefined: their going would be no help. */
  #removable(node: NodeInfo, rejectionOn: NodeRejection): readonly PodInfo[] | undefined {
    if (rejectionOn(node)?.reasons.isUnresolvable) return undefined;
    return this.#parts.ranks.removable(this.#pod, node);
  }

  #evaluate(question: Omit<Question, "pod" | "podClass">, removable: readonly PodInfo[] | undefined): Outcome {
    const { budgets, whatIf } = this.#parts;
    const { node } = question;
    if (!removable) return NOT_HELPFUL;
    this.#isProtected.set(node.row, budgets.covers(removable) ? 1 : 0);
    if (removable.length === 0) return NO_VICTIMS;
    const planned = whatIf.ask({ ...question, pod: this.#pod, podClass: this.podClass }, (trial) =>
      planVictims(trial, removable, budgets),
    );
    if ("reasons" in planned) return planned.reasons;
    // The pod fits already, beside all of them: something has just changed, and it will be tried again.
    return planned.victims.length > 0 ? candidateOf(node, planned) : NO_VICTIMS;
  }

  #explain(outcomes: readonly (Outcome | undefined)[]): string {
    const reasons = new Map<string, number>();
    for (const outcome of outcomes) {
      if (!outcome || isCandidate(outcome)) continue;
      for (const reason of outcome) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    return renderReasons(reasons, this.#parts.snapshot.nodes.length);
  }
}

const isCandidate = (outcome: Outcome): outcome is Candidate => "victims" in outcome;

const comesFirst = (a: Candidate, b: Candidate) => isBetter(a, b) || (!isBetter(b, a) && a.node.row < b.node.row);
