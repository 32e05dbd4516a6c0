// Pods that every rule treats alike, such as the replicas of one Deployment, share one of these. It keeps what the rules said
// about each node, and asks again only about nodes that have changed since; what the rules say about the pods near a node they
// keep up to date themselves. Scheduling the next pod of the class costs a few passes over numbers.

import type { Blocker, NodeJudge, SchedulerPlugin } from "./framework.ts";
import type { ClassShape, PluginAnswers } from "./class-shape.ts";
import { GroupedRows } from "./grouped-rows.ts";
import type { Refusal } from "./named-nodes.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo, PodRequest } from "./pod-info.ts";
import { RefusedRows } from "./refused-rows.ts";
import { RejectionCounts, type PluginRejection } from "./rejection-counts.ts";
import { RowAnswers, type RankedJudge, type ScaledScore } from "./row-answers.ts";
import type { RowGroups } from "./row-groups.ts";
import type { RowTotals } from "./row-totals.ts";
import type { Snapshot } from "./snapshot.ts";
import type { DomainSums } from "./topology-tally.ts";

/** A rule that asks nothing of other pods but that they leave room for this. */
export interface RoomRule {
  readonly plugin: SchedulerPlugin;
  readonly request: PodRequest;
}

/** A node where the pod may go, and what the rules give it. */
export interface RankedNode {
  readonly node: NodeInfo;
  readonly points: number;
}

/** Why the pod may not go to a node with the pods that it has been promised to; undefined: it may. */
export type Crowd = (node: NodeInfo) => PluginRejection | undefined;

/** The rules that would turn the pod away from the nodes, and undefined among them if some node would take it. */
type Outcome = ReadonlySet<SchedulerPlugin | undefined>;

/** Bound: a few numbers for each node. */
export class PodClass {
  readonly plugins: readonly SchedulerPlugin[];
  readonly refusal: Refusal | undefined;
  readonly #snapshot: Snapshot;
  readonly #shape: ClassShape;
  /** What the rules say that read what the pod requests. */
  readonly #rows: RowAnswers;
  readonly #scaled: readonly ScaledScore[];
  #room: RoomRule | undefined;
  #asksMoreThanRoom = false;
  /** The nodes that rules are asked about. */
  readonly #nodes: readonly NodeInfo[];
  readonly #refused: RefusedRows;
  #decisions = 0;
  #grouped: GroupedRows | undefined;
  #looked:
    { readonly version: number; readonly answers: readonly PluginAnswers[]; readonly outcome: Outcome } | undefined;

  /** `shape`: of a pod that differs from this one at most in what it requests. */
  constructor(pod: PodInfo, snapshot: Snapshot, shape: ClassShape) {
    this.plugins = shape.plugins;
    this.#snapshot = snapshot;
    this.#shape = shape;
    let refusal: Refusal | undefined;
    const own: RankedJudge[] = [];
    shape.plugins.forEach((plugin, order) => {
      const judge = plugin.readsRequests ? plugin.prepare(pod, snapshot) : shape.judges.get(plugin);
      if (!judge) return;
      if (judge.filter) this.#noteRoom(plugin, judge);
      if (judge.refusal !== undefined) refusal ??= { plugin, reason: judge.refusal };
      if (plugin.readsRequests) own.push({ plugin, judge, order });
    });
    this.refusal = refusal ?? shape.refusal;
    this.#rows = new RowAnswers(snapshot, own, shape.only?.names);
    this.#scaled = [...shape.rows.scaled, ...this.#rows.scaled];
    this.#refused = new RefusedRows(snapshot, (row) => this.#refusalAt(row));
    const names = [...(shape.only?.names ?? [])];
    this.#nodes = shape.only ? names.flatMap((name) => snapshot.node(name) ?? []) : snapshot.nodes;
  }

  /** Nothing that concerns all nodes has changed since the rules looked at the pod. */
  get current(): boolean {
    return this.#shape.current;
  }

  /** All that the rules now ask of other pods; undefined: they ask more of them than room. */
  get room(): RoomRule | undefined {
    if (this.refusal || this.#asksMoreThanRoom) return undefined;
    return this.#shape.answers().some(({ answers }) => answers.filter) ? undefined : this.#room;
  }

  /** Whether the answers about a node may depend on the pods of others. */
  get looksAround(): boolean {
    return this.#shape.answers().some(({ answers }) => answers.filter);
  }

  /** Why the pod may not go to the node; undefined: it may. */
  rejectionOn(node: NodeInfo): PluginRejection | undefined {
    return this.#rejectionOn(node, this.#shape.answers());
  }

  /** Tells why the pod may not go to a node, whatever pods are elsewhere; until the snapshot changes. */
  localRejections(): (node: NodeInfo) => PluginRejection | undefined {
    this.#updateAll();
    const { only } = this.#shape;
    return ({ name, row }) => (only && !only.names.has(name) ? only.rejection : this.#refusalAt(row));
  }

  /** Why the pod may go nowhere: how many nodes say what. */
  rejections(crowd?: Crowd): RejectionCounts {
    this.#updateAll();
    const answers = this.#shape.answers();
    const { only } = this.#shape;
    const known = this.#refused.counts();
    if (!crowd && !only && !answers.some(({ answers: given }) => given.filter)) return known;
    const counts = new RejectionCounts(known);
    const others = this.#snapshot.nodes.length - this.#nodes.length;
    for (let index = 0; only && index < others; index++) counts.add(only.rejection);
    for (const node of this.#nodes) {
      const further = this.#refusalAt(node.row) ? undefined : (rejectionBy(answers, node) ?? crowd?.(node));
      if (further) counts.add(further);
    }
    return counts;
  }

  /** The best node; `random` in [0, 1) picks one among equals. */
  best(random: () => number, crowd?: Crowd): NodeInfo | undefined {
    if (this.refusal) return undefined;
    this.#updateAll();
    const answers = this.#shape.answers();
    if (this.#isClosed) return undefined;
    const groups = crowd ? undefined : this.#groupsFor(answers);
    if (groups) this.#chooseGroups(groups, answers);
    else this.#chooseRows(answers, crowd);
    const choice = this.#score(answers).best(random);
    if (!choice) return undefined;
    const row = groups ? groups.equalsOf(choice.row)[choice.nth] : choice.row;
    return this.#snapshot.nodes[row ?? choice.row];
  }

  /** All nodes where the pod may go. */
  ranked(crowd?: Crowd): readonly RankedNode[] {
    if (this.refusal) return [];
    this.#updateAll();
    const answers = this.#shape.answers();
    this.#chooseRows(answers, crowd);
    return this.#score(answers)
      .all()
      .flatMap(([row, points]) => {
        const node = this.#snapshot.nodes[row];
        return node ? [{ node, points }] : [];
      });
  }

  /** The points of the rows that were chosen. */
  #score(answers: readonly PluginAnswers[]): RowTotals {
    const totals = this.#shape.totals;
    totals.addSums(this.#shape.rows.points);
    totals.addSums(this.#rows.points);
    for (const { weight, mostIsBest, raw } of this.#scaled)
      totals.addScaled(raw, weight, mostIsBest ? "most" : "least");
    for (const { plugin, answers: given } of answers) {
      if (given.score) totals.addScores((...all) => given.score?.(...all), plugin.weight ?? 1);
    }
    return totals;
  }

  /**
   * Whether an equal pod that these rules turned away from all nodes would now fit one, or meet another rule. `changed` is the
   * node that has changed since somebody asked last; undefined: several have.
   */
  isNews(rejectedBy: ReadonlySet<Blocker>, changed: NodeInfo | undefined, crowd?: Crowd): boolean {
    if (this.refusal) return !rejectedBy.has(this.refusal.plugin);
    const answers = this.#shape.answers();
    const rejection = changed && (this.#rejectionOn(changed, answers) ?? crowd?.(changed));
    if (changed && isNew(rejection?.plugin, rejectedBy)) return true;
    const outcome = this.#newOutcome(answers, changed, crowd);
    for (const plugin of outcome ?? []) if (isNew(plugin, rejectedBy)) return true;
    return false;
  }

  /** What is asked after the room must not depend on it, so that room alone decides. */
  #noteRoom(plugin: SchedulerPlugin, { room, ignoresPods }: NodeJudge): void {
    if (ignoresPods && !this.#room) return;
    if (!room || this.#room) this.#asksMoreThanRoom = true;
    else this.#room = { plugin, request: room };
  }

  /** What is near the nodes is what it was when all of them were asked. */
  #isSettled(answers: readonly PluginAnswers[]): boolean {
    return answers.length === 0 || this.#looked?.answers === answers;
  }

  /** What all nodes would say, if it can differ from what they said last for another reason than the changed node alone. */
  #newOutcome(answers: readonly PluginAnswers[], changed?: NodeInfo, crowd?: Crowd): Outcome | undefined {
    const { version } = this.#snapshot;
    const isKnown = this.#looked?.version === version;
    // Who crowds a pod out depends on its priority.
    if (isKnown && !crowd) return this.#looked?.outcome;
    if (!isKnown && changed && this.#isSettled(answers)) return undefined;
    const outcome = new Set<SchedulerPlugin | undefined>();
    for (const node of this.#nodes) outcome.add((this.#rejectionOn(node, answers) ?? crowd?.(node))?.plugin);
    this.#looked = { version, answers, outcome };
    return outcome;
  }

  /** One rule or another turns the pod away from all nodes. */
  get #isClosed(): boolean {
    const { length } = this.#nodes;
    return this.#shape.rows.rejected === length || this.#rows.rejected === length;
  }

  #rejectionOn(node: NodeInfo, answers: readonly PluginAnswers[]): PluginRejection | undefined {
    if (this.#shape.only && !this.#shape.only.names.has(node.name)) return this.#shape.only.rejection;
    this.#shape.rows.update(node);
    this.#rows.update(node);
    return this.#refusalAt(node.row) ?? rejectionBy(answers, node);
  }

  #chooseRows(answers: readonly PluginAnswers[], crowd: Crowd | undefined): void {
    const filtering = answers.filter(({ answers: given }) => given.filter);
    this.#shape.totals.clear(this.#nodes.length);
    const isOpen = this.#shape.rows.rejected + this.#rows.rejected === 0;
    if (isOpen && filtering.length === 0 && !crowd) {
      for (const { row } of this.#nodes) this.#shape.totals.addRow(row);
      return;
    }
    for (const node of this.#nodes) {
      if (this.#refusalAt(node.row)) continue;
      if (filtering.length > 0 && rejectionBy(filtering, node)) continue;
      if (!crowd?.(node)) this.#shape.totals.addRow(node.row);
    }
  }

  /** Undefined where every row has to be looked at: a class that is new may not be needed again, and some rules see more of a row. */
  #groupsFor(answers: readonly PluginAnswers[]): RowGroups | undefined {
    this.#decisions++;
    if (this.#shape.only || this.#decisions === 1) return undefined;
    const sums: DomainSums[] = [];
    for (const { answers: given } of answers) {
      if (!given.sums && (given.filter ?? given.score)) return undefined;
      if (given.sums) sums.push(...given.sums);
    }
    this.#grouped ??= new GroupedRows(this.#snapshot, {
      isOpen: (row) => !this.#refusalAt(row),
      pointsAt: (row) => this.#shape.rows.points.get(row) + this.#rows.points.get(row),
      amounts: this.#scaled.map(({ raw }) => raw),
    });
    return this.#grouped.current(sums);
  }

  /** One row stands for all that the rules see as equal to it. */
  #chooseGroups(groups: RowGroups, answers: readonly PluginAnswers[]): void {
    const filtering = answers.filter(({ answers: given }) => given.filter);
    this.#shape.totals.clear(groups.size);
    groups.forEachBest((row, equals, members) => {
      const node = this.#snapshot.nodes[row];
      if (node && !(filtering.length > 0 && rejectionBy(filtering, node)))
        this.#shape.totals.addRow(row, equals, members);
    });
  }

  #updateAll(): void {
    this.#shape.rows.updateAll();
    this.#rows.updateAll();
  }

  /** Why the pod may not go to a row, whatever pods are elsewhere, by the first rule that says no; undefined: it may. */
  #refusalAt(row: number): PluginRejection | undefined {
    const one = this.#shape.rows.rejectionAt(row);
    const other = this.#rows.rejectionAt(row);
    if (!one || !other) return one ?? other;
    return one.order < other.order ? one : other;
  }
}

function rejectionBy(answers: readonly PluginAnswers[], node: NodeInfo): PluginRejection | undefined {
  for (const { plugin, answers: given } of answers) {
    const reasons = given.filter?.(node);
    if (reasons) return { plugin, reasons };
  }
  return undefined;
}

const isNew = (plugin: SchedulerPlugin | undefined, known: ReadonlySet<Blocker>) => !plugin || !known.has(plugin);
