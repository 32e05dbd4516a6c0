// Pods that every rule treats alike, such as the replicas of one Deployment, share one of these. It keeps what the rules said
// about each node, and asks again only about nodes that have changed since: scheduling the next pod of the class costs one
// pass over numbers.

import { SCORE_MAX, type NodeJudge, type Rejection, type SchedulerPlugin } from "./framework.ts";
import { Column } from "./column.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";

export interface PluginRejection {
  readonly plugin: SchedulerPlugin;
  readonly reasons: Rejection;
}

type Scorer = (node: NodeInfo) => number;

interface ScaledScore {
  readonly weight: number;
  readonly mostIsBest: boolean;
  readonly score: Scorer;
  readonly raw: Column;
}

/** Bound: a few numbers for each node. */
export class PodClass {
  readonly #snapshot: Snapshot;
  readonly #filters: { readonly plugin: SchedulerPlugin; readonly filter: NonNullable<NodeJudge["filter"]> }[] = [];
  readonly #fixed: { readonly weight: number; readonly score: Scorer }[] = [];
  readonly #scaled: ScaledScore[] = [];
  readonly #shape: number;
  /** The version of each row that is remembered. */
  readonly #seen = new Column();
  /** Why the pod may not go to a row; undefined: it may. */
  readonly #rejections: (PluginRejection | undefined)[] = [];
  /** The weighted sum of the scores that need no scaling. */
  readonly #sums = new Column();
  #updatedTo = -1;
  /** The best rows found so far; kept, so that a decision makes no garbage. */
  readonly #equals = new Column();

  constructor(pod: PodInfo, snapshot: Snapshot, plugins: readonly SchedulerPlugin[]) {
    this.#snapshot = snapshot;
    this.#shape = snapshot.shape;
    for (const plugin of plugins) {
      const judge = plugin.prepare(pod, snapshot);
      if (judge) this.#addJudge(plugin, judge);
    }
  }

  /** Nothing that concerns all nodes has changed since the rules looked at the pod. */
  get current(): boolean {
    return this.#shape === this.#snapshot.shape;
  }

  /** Why the pod may not go to the node; undefined: it may. */
  rejectionOn(node: NodeInfo): PluginRejection | undefined {
    this.#update(node);
    return this.#rejections[node.row];
  }

  /** Why the pod may go nowhere, by row. */
  rejections(): readonly (PluginRejection | undefined)[] {
    return this.#rejections.slice(0, this.#snapshot.nodes.length);
  }

  /** The best node; `random` in [0, 1) picks one among equals. */
  best(random: () => number): NodeInfo | undefined {
    this.#updateAll();
    const scales = this.#scaled.map((scaled) => this.#highestOf(scaled));
    const { nodes } = this.#snapshot;
    let highest = -1;
    let equals = 0;
    for (let row = 0; row < nodes.length; row++) {
      if (this.#rejections[row] !== undefined) continue;
      const total = this.#totalOf(row, scales);
      if (total < highest) continue;
      if (total > highest) equals = 0;
      highest = total;
      this.#equals.set(equals++, row);
    }
    if (equals === 0) return undefined;
    return nodes[this.#equals.get(equals > 1 ? Math.floor(random() * equals) : 0)];
  }

  #addJudge(plugin: SchedulerPlugin, { filter, score, scale }: NodeJudge): void {
    const weight = plugin.weight ?? 1;
    if (filter) this.#filters.push({ plugin, filter });
    if (score && !scale) this.#fixed.push({ weight, score });
    if (score && scale) this.#scaled.push({ weight, score, mostIsBest: scale === "most is best", raw: new Column() });
  }

  #updateAll(): void {
    if (this.#updatedTo === this.#snapshot.version) return;
    for (const node of this.#snapshot.nodes) this.#update(node);
    this.#updatedTo = this.#snapshot.version;
  }

  #update(node: NodeInfo): void {
    const { row } = node;
    const version = this.#snapshot.versions.get(row);
    if (this.#seen.get(row) === version) return;
    this.#seen.set(row, version);
    const rejection = this.#rejectionOf(node);
    this.#rejections[row] = rejection;
    if (rejection) return;
    let sum = 0;
    for (const { weight, score } of this.#fixed) sum += weight * score(node);
    this.#sums.set(row, sum);
    for (const { score, raw } of this.#scaled) raw.set(row, score(node));
  }

  #rejectionOf(node: NodeInfo): PluginRejection | undefined {
    for (const { plugin, filter } of this.#filters) {
      const reasons = filter(node);
      if (reasons) return { plugin, reasons };
    }
    return undefined;
  }

  /** The raw score that becomes 100; 1 where all are 0. */
  #highestOf({ raw }: ScaledScore): number {
    let highest = 0;
    for (let row = 0; row < this.#snapshot.nodes.length; row++) {
      if (this.#rejections[row] === undefined) highest = Math.max(highest, raw.get(row));
    }
    return highest || 1;
  }

  #totalOf(row: number, scales: readonly number[]): number {
    let total = this.#sums.get(row);
    for (let index = 0; index < this.#scaled.length; index++) {
      const scaled = this.#scaled[index];
      if (!scaled) continue;
      const score = Math.floor((scaled.raw.get(row) * SCORE_MAX) / (scales[index] ?? 1));
      total += scaled.weight * (scaled.mostIsBest ? score : SCORE_MAX - score);
    }
    return total;
  }
}
