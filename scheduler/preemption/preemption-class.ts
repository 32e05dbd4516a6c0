// What preemption for pods that every rule treats alike, and that have the same priority, would do on each node. Kept until the
// node, its pods or the budgets that protect them change, so that the next such pod costs one pass over numbers.

import { Column } from "../column.ts";
import { Heap } from "../heap.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodClass } from "../pod-class.ts";
import type { Seeker } from "../nominations.ts";
import type { PodInfo } from "../pod-info.ts";
import { renderReasons } from "../rejection-counts.ts";
import type { Snapshot } from "../snapshot.ts";
import type { DisruptionBudgets } from "./disruption-budgets.ts";
import type { PodRanks } from "./may-preempt.ts";
import { candidateOf, isBetter, planVictims, type Candidate } from "./plan-victims.ts";
import type { WhatIf } from "./what-if.ts";

export interface PreemptionParts {
  readonly snapshot: Snapshot;
  readonly budgets: DisruptionBudgets;
  readonly whatIf: WhatIf;
  readonly ranks: PodRanks;
}

/** What would be done on a node, or why nothing would. */
type Outcome = Candidate | readonly string[];

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
  #version = -1;
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

  /** The node where preemption for the pod does the least harm, if there is one. */
  best(pod: PodInfo): Candidate | undefined {
    this.#update();
    const promised = this.#promisedTo(pod);
    if (promised) return this.#bestBeside(pod, promised);
    for (let best = this.#order.peek(); best; best = this.#order.peek()) {
      if (this.#outcomes[best.node.row] === best) return best;
      this.#order.pop();
      this.#ordered--;
    }
    return undefined;
  }

  /** Why `best` found nothing, as Kubernetes' FitError. */
  explain(pod: PodInfo): string {
    const { nodes } = this.#parts.snapshot;
    const promised = this.#promisedTo(pod);
    const reasons = new Map<string, number>();
    for (const { row } of nodes) {
      const outcome = row === promised?.row ? this.#evaluate(pod, promised) : this.#outcomes[row];
      if (!outcome || isCandidate(outcome)) continue;
      for (const reason of outcome) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    return renderReasons(reasons, nodes.length);
  }

  /** Whether preemption would help the pod on this node. */
  helpsOn(pod: PodInfo, node: NodeInfo): boolean {
    return isCandidate(this.#evaluate(pod, node));
  }

  /** What is promised to the pod itself takes no room there. */
  #bestBeside(pod: PodInfo, promised: NodeInfo): Candidate | undefined {
    let best: Candidate | undefined;
    for (const { row } of this.#parts.snapshot.nodes) {
      const outcome = row === promised.row ? this.#evaluate(pod, promised) : this.#outcomes[row];
      if (!outcome || !isCandidate(outcome)) continue;
      if (!best || isBetter(outcome, best)) best = outcome;
    }
    return best;
  }

  #promisedTo({ uid }: PodInfo): NodeInfo | undefined {
    const { snapshot } = this.#parts;
    const name = snapshot.nominations.nodeOf(uid);
    return name === undefined ? undefined : snapshot.node(name);
  }

  #update(): void {
    const { snapshot, budgets } = this.#parts;
    const { version, nodes, touched } = snapshot;
    const areBudgetsSame = this.#budgetVersion === budgets.version;
    if (this.#version === version && areBudgetsSame) return;
    const mayFollow = this.podClass.room !== undefined && areBudgetsSame;
    const isFollowed =
      mayFollow &&
      touched.forEachSince(this.#position, (row) => {
        const node = nodes[row];
        if (node && this.#isOld(node)) this.#remember(node, this.#evaluate(this.#anyone, node));
      });
    if (!isFollowed) this.#updateAll();
    this.#version = version;
    this.#position = touched.position;
    if (this.#ordered > 2 * nodes.length) this.#sort();
  }

  #updateAll(): void {
    const { nodes } = this.#parts.snapshot;
    this.#forget();
    const share = Math.floor(nodes.length * CANDIDATES_SHARE);
    const max = this.podClass.room ? Infinity : Math.max(CANDIDATES_MIN, share);
    let candidates = 0;
    for (const node of nodes) {
      if (this.#isOld(node)) this.#remember(node, candidates < max ? this.#evaluate(this.#anyone, node) : undefined);
      const outcome = this.#outcomes[node.row];
      if (outcome && isCandidate(outcome)) candidates++;
    }
  }

  /** What the budgets have changed, and what other nodes may have. */
  #forget(): void {
    const { snapshot, budgets } = this.#parts;
    const forgetsAll = this.podClass.looksAround || this.#budgetShape !== budgets.shape;
    if (forgetsAll) this.#seen.fill(NEVER);
    else if (this.#budgetVersion !== budgets.version) {
      for (const { row } of snapshot.nodes) if (this.#isProtected.get(row) === 1) this.#seen.set(row, NEVER);
    }
    this.#budgetVersion = budgets.version;
    this.#budgetShape = budgets.shape;
  }

  #isOld({ row }: NodeInfo): boolean {
    return this.#seen.get(row) !== this.#parts.snapshot.versions.get(row);
  }

  /** Undefined: there is choice enough without this node. */
  #remember({ row }: NodeInfo, outcome: Outcome | undefined): void {
    this.#outcomes[row] = outcome;
    this.#seen.set(row, outcome ? this.#parts.snapshot.versions.get(row) : NEVER);
    if (outcome) this.#enter(outcome);
  }

  #enter(outcome: Outcome): void {
    if (!isCandidate(outcome)) return;
    this.#order.push(outcome);
    this.#ordered++;
  }

  #sort(): void {
    this.#order = new Heap(comesFirst);
    this.#ordered = 0;
    for (const outcome of this.#outcomes) if (outcome) this.#enter(outcome);
  }

  #evaluate(seeker: Seeker, node: NodeInfo): Outcome {
    const { budgets, whatIf, ranks } = this.#parts;
    const podClass = this.podClass;
    const pod = this.#pod;
    if (podClass.rejectionOn(node)?.reasons.isUnresolvable) return NOT_HELPFUL;
    const removable = ranks.removable(pod, node);
    this.#isProtected.set(node.row, budgets.covers(removable) ? 1 : 0);
    if (removable.length === 0) return NO_VICTIMS;
    const planned = whatIf.ask({ pod, seeker, podClass, node }, (trial) => planVictims(trial, removable, budgets));
    if ("reasons" in planned) return planned.reasons;
    // The pod fits already, beside all of them: something has just changed, and it will be tried again.
    return planned.victims.length > 0 ? candidateOf(node, planned) : NO_VICTIMS;
  }
}

const isCandidate = (outcome: Outcome): outcome is Candidate => "victims" in outcome;

const comesFirst = (a: Candidate, b: Candidate) => isBetter(a, b) || (!isBetter(b, a) && a.node.row < b.node.row);
