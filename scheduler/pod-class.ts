// Pods that every rule treats alike, such as the replicas of one Deployment, share one of these. It keeps what the rules said
// about each node, and asks again only about nodes that have changed since; what the rules say about the pods near a node they
// keep up to date themselves. Scheduling the next pod of the class costs a few passes over numbers.

import {
  type Blocker,
  type NodeJudge,
  type SchedulerPlugin,
  type TopologyAnswers,
  type TopologyJudge,
  unresolvable,
} from "./framework.ts";
import { Column } from "./column.ts";
import { GroupedRows } from "./grouped-rows.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo, PodRequest } from "./pod-info.ts";
import { RejectionCounts, type PluginRejection } from "./rejection-counts.ts";
import type { RowGroups } from "./row-groups.ts";
import { RowTotals } from "./row-totals.ts";
import type { Snapshot } from "./snapshot.ts";
import type { DomainSums } from "./topology-tally.ts";

/** Why the pod may go nowhere, whatever the nodes are. */
export interface Refusal {
  readonly plugin: SchedulerPlugin;
  readonly reason: string;
}

/** A rule that asks nothing of other pods but that they leave room for this. */
export interface RoomRule {
  readonly plugin: SchedulerPlugin;
  readonly request: PodRequest;
}

type Scorer = (node: NodeInfo) => number;

interface ScaledScore {
  readonly weight: number;
  readonly mostIsBest: boolean;
  readonly score: Scorer;
  readonly raw: Column;
}

interface PluginTopology {
  readonly plugin: SchedulerPlugin;
  readonly judge: TopologyJudge;
}

interface PluginAnswers {
  readonly plugin: SchedulerPlugin;
  readonly answers: TopologyAnswers;
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
  readonly #snapshot: Snapshot;
  readonly #filters: { readonly plugin: SchedulerPlugin; readonly filter: NonNullable<NodeJudge["filter"]> }[] = [];
  readonly #fixed: { readonly weight: number; readonly score: Scorer }[] = [];
  readonly #scaled: ScaledScore[] = [];
  readonly #topologies: PluginTopology[] = [];
  readonly #mayAge: NodeJudge[] = [];
  #refusal: Refusal | undefined;
  #room: RoomRule | undefined;
  #asksMoreThanRoom = false;
  readonly #shape: number;
  /** The version of each row that is remembered. */
  readonly #seen = new Column();
  /** Why the pod may not go to a row, whatever pods are elsewhere; undefined: it may. */
  readonly #rejections: (PluginRejection | undefined)[] = [];
  readonly #counts = new RejectionCounts();
  readonly #only: NamedNodes | undefined;
  /** The nodes that rules are asked about. */
  readonly #nodes: readonly NodeInfo[];
  /** The weighted sum of the scores that need no scaling. */
  readonly #sums = new Column();
  /** The end of the log of touched rows that was taken in. */
  #updatedTo = -1;
  #decisions = 0;
  #grouped: GroupedRows | undefined;
  #answers: readonly PluginAnswers[] = [];
  readonly #totals = new RowTotals();
  #looked:
    { readonly version: number; readonly answers: readonly PluginAnswers[]; readonly outcome: Outcome } | undefined;

  constructor(pod: PodInfo, snapshot: Snapshot, plugins: readonly SchedulerPlugin[]) {
    this.plugins = plugins;
    this.#snapshot = snapshot;
    this.#shape = snapshot.shape;
    const named: NamingRule[] = [];
    for (const plugin of plugins) {
      const judge = plugin.prepare(pod, snapshot);
      if (judge) this.#addJudge(plugin, judge);
      if (judge?.nodeNames) named.push({ plugin, names: judge.nodeNames });
    }
    this.#only = namedNodes(named);
    if (this.#only?.names.size === 0) this.#refusal ??= refusalOf(named);
    const names = [...(this.#only?.names ?? [])];
    this.#nodes = this.#only ? names.flatMap((name) => snapshot.node(name) ?? []) : snapshot.nodes;
  }

  /** Nothing that concerns all nodes has changed since the rules looked at the pod. */
  get current(): boolean {
    return this.#shape === this.#snapshot.shape && this.#mayAge.every((judge) => judge.isCurrent?.());
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** All that the rules now ask of other pods; undefined: they ask more of them than room. */
  get room(): RoomRule | undefined {
    if (this.#refusal || this.#asksMoreThanRoom) return undefined;
    return this.#refreshedAnswers().some(({ answers }) => answers.filter) ? undefined : this.#room;
  }

  /** Whether the answers about a node may depend on the pods of others. */
  get looksAround(): boolean {
    return this.#refreshedAnswers().some(({ answers }) => answers.filter);
  }

  /** Why the pod may not go to the node; undefined: it may. */
  rejectionOn(node: NodeInfo): PluginRejection | undefined {
    return this.#rejectionOn(node, this.#refreshedAnswers());
  }

  /** Tells why the pod may not go to a node, whatever pods are elsewhere; until the snapshot changes. */
  localRejections(): (node: NodeInfo) => PluginRejection | undefined {
    this.#updateAll();
    const only = this.#only;
    return ({ name, row }) => (only && !only.names.has(name) ? only.rejection : this.#rejections[row]);
  }

  /** Why the pod may go nowhere: how many nodes say what. */
  rejections(crowd?: Crowd): RejectionCounts {
    this.#updateAll();
    const answers = this.#refreshedAnswers();
    const hasMore = this.#only !== undefined || answers.some(({ answers: given }) => given.filter);
    if (!crowd && !hasMore) return this.#counts;
    const counts = new RejectionCounts(this.#counts);
    const others = this.#snapshot.nodes.length - this.#nodes.length;
    for (let index = 0; this.#only && index < others; index++) counts.add(this.#only.rejection);
    for (const node of this.#nodes) {
      const further = this.#rejections[node.row] ? undefined : (rejectionBy(answers, node) ?? crowd?.(node));
      if (further) counts.add(further);
    }
    return counts;
  }

  /** The best node; `random` in [0, 1) picks one among equals. */
  best(random: () => number, crowd?: Crowd): NodeInfo | undefined {
    if (this.#refusal) return undefined;
    this.#updateAll();
    const answers = this.#refreshedAnswers();
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
    if (this.#refusal) return [];
    this.#updateAll();
    const answers = this.#refreshedAnswers();
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
    const totals = this.#totals;
    totals.addSums(this.#sums);
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
    if (this.#refusal) return !rejectedBy.has(this.#refusal.plugin);
    const answers = this.#refreshedAnswers();
    const rejection = changed && (this.#rejectionOn(changed, answers) ?? crowd?.(changed));
    if (changed && isNew(rejection?.plugin, rejectedBy)) return true;
    const outcome = this.#newOutcome(answers, changed);
    for (const plugin of outcome ?? []) if (isNew(plugin, rejectedBy)) return true;
    return false;
  }

  #addJudge(plugin: SchedulerPlugin, judge: NodeJudge): void {
    const { refusal, filter, score, scale, topology } = judge;
    const weight = plugin.weight ?? 1;
    if (filter) this.#noteRoom(plugin, judge);
    if (refusal !== undefined) this.#refusal ??= { plugin, reason: refusal };
    if (filter) this.#filters.push({ plugin, filter });
    if (score && !scale) this.#fixed.push({ weight, score });
    if (score && scale) this.#scaled.push({ weight, score, mostIsBest: scale === "most is best", raw: new Column() });
    if (topology) this.#topologies.push({ plugin, judge: topology });
    if (judge.isCurrent) this.#mayAge.push(judge);
  }

  /** What is asked after the room must not depend on it, so that room alone decides. */
  #noteRoom(plugin: SchedulerPlugin, { room, ignoresPods }: NodeJudge): void {
    if (ignoresPods && !this.#room) return;
    if (!room || this.#room) this.#asksMoreThanRoom = true;
    else this.#room = { plugin, request: room };
  }

  /** The same array as before if every rule gave the same answers as before. */
  #refreshedAnswers(): readonly PluginAnswers[] {
    let changed = this.#answers.length !== this.#topologies.length;
    const fresh = this.#topologies.map(({ plugin, judge }, index) => {
      const answers = judge.answers();
      if (this.#answers[index]?.answers !== answers) changed = true;
      return { plugin, answers };
    });
    if (changed) this.#answers = fresh;
    return this.#answers;
  }

  /** What all nodes would say, if it can differ from what they said last for another reason than the changed node alone. */
  #newOutcome(answers: readonly PluginAnswers[], changed: NodeInfo | undefined): Outcome | undefined {
    const { version } = this.#snapshot;
    if (this.#looked?.version === version) return this.#looked.outcome;
    const isSettled = this.#topologies.length === 0 || this.#looked?.answers === answers;
    if (changed && isSettled) return undefined;
    const outcome = new Set<SchedulerPlugin | undefined>();
    for (const node of this.#nodes) outcome.add(this.#rejectionOn(node, answers)?.plugin);
    this.#looked = { version, answers, outcome };
    return outcome;
  }

  #rejectionOn(node: NodeInfo, answers: readonly PluginAnswers[]): PluginRejection | undefined {
    if (this.#only && !this.#only.names.has(node.name)) return this.#only.rejection;
    this.#update(node);
    return this.#rejections[node.row] ?? rejectionBy(answers, node);
  }

  #chooseRows(answers: readonly PluginAnswers[], crowd: Crowd | undefined): void {
    const filtering = answers.filter(({ answers: given }) => given.filter);
    this.#totals.clear(this.#nodes.length);
    for (const node of this.#nodes) {
      if (this.#rejections[node.row]) continue;
      if (filtering.length > 0 && rejectionBy(filtering, node)) continue;
      if (!crowd?.(node)) this.#totals.addRow(node.row);
    }
  }

  /** Undefined where every row has to be looked at: a class that is new may not be needed again, and some rules see more of a row. */
  #groupsFor(answers: readonly PluginAnswers[]): RowGroups | undefined {
    this.#decisions++;
    if (this.#only || this.#decisions === 1) return undefined;
    const sums: DomainSums[] = [];
    for (const { answers: given } of answers) {
      if (!given.sums && (given.filter ?? given.score)) return undefined;
      if (given.sums) sums.push(...given.sums);
    }
    this.#grouped ??= new GroupedRows(this.#snapshot, {
      isOpen: (row) => !this.#rejections[row],
      points: this.#sums,
      amounts: this.#scaled.map(({ raw }) => raw),
    });
    return this.#grouped.current(sums);
  }

  /** One row stands for all that the rules see as equal to it. */
  #chooseGroups(groups: RowGroups, answers: readonly PluginAnswers[]): void {
    const filtering = answers.filter(({ answers: given }) => given.filter);
    this.#totals.clear(groups.size);
    groups.forEachBest((row, count) => {
      const node = this.#snapshot.nodes[row];
      if (node && !(filtering.length > 0 && rejectionBy(filtering, node))) this.#totals.addRow(row, count);
    });
  }

  #updateAll(): void {
    const { nodes, touched } = this.#snapshot;
    const isKnown = touched.forEachSince(this.#updatedTo, (row) => {
      const node = nodes[row];
      if (node && (!this.#only || this.#only.names.has(node.name))) this.#update(node);
    });
    if (!isKnown) for (const node of this.#nodes) this.#update(node);
    this.#updatedTo = touched.position;
  }

  #update(node: NodeInfo): void {
    const { row } = node;
    const version = this.#snapshot.versions.get(row);
    if (this.#seen.get(row) === version) return;
    this.#seen.set(row, version);
    const rejection = this.#localRejectionOf(node);
    const before = this.#rejections[row];
    if (before) this.#counts.remove(before);
    if (rejection) this.#counts.add(rejection);
    this.#rejections[row] = rejection;
    if (rejection) return;
    let sum = 0;
    for (const { weight, score } of this.#fixed) sum += weight * score(node);
    this.#sums.set(row, sum);
    for (const { score, raw } of this.#scaled) raw.set(row, score(node));
  }

  #localRejectionOf(node: NodeInfo): PluginRejection | undefined {
    for (const { plugin, filter } of this.#filters) {
      const reasons = filter(node);
      if (reasons) return { plugin, reasons };
    }
    return undefined;
  }
}

interface NamingRule {
  readonly plugin: SchedulerPlugin;
  readonly names: ReadonlySet<string>;
}

/** The nodes that all rules which name any have in common, and what is said of the others. */
interface NamedNodes {
  readonly names: ReadonlySet<string>;
  readonly rejection: PluginRejection;
}

function namedNodes(rules: readonly NamingRule[]): NamedNodes | undefined {
  const [first, ...others] = rules;
  if (!first) return undefined;
  const names = [...first.names].filter((name) => others.every((rule) => rule.names.has(name)));
  const reasons = unresolvable(`node(s) didn't satisfy plugin(s) [${pluginNames(rules).join(" ")}]`);
  return { names: new Set(names), rejection: { plugin: first.plugin, reasons } };
}

/** As Kubernetes says it where the rules have no node in common. */
function refusalOf(rules: readonly NamingRule[]): Refusal | undefined {
  const [first] = rules;
  const reason = `node(s) didn't satisfy plugin(s) [${pluginNames(rules).join(" ")}] simultaneously`;
  return first && { plugin: first.plugin, reason };
}

const pluginNames = (rules: readonly NamingRule[]) => rules.map(({ plugin }) => plugin.name).sort();

function rejectionBy(answers: readonly PluginAnswers[], node: NodeInfo): PluginRejection | undefined {
  for (const { plugin, answers: given } of answers) {
    const reasons = given.filter?.(node);
    if (reasons) return { plugin, reasons };
  }
  return undefined;
}

const isNew = (plugin: SchedulerPlugin | undefined, known: ReadonlySet<Blocker>) => !plugin || !known.has(plugin);
