// What some rules say about each node, whatever pods are on others. Kept until the node changes, so that a rule is asked again
// only about nodes that have.

import { Column } from "./column.ts";
import type { NodeJudge, SchedulerPlugin } from "./framework.ts";
import type { NodeInfo } from "./node-info.ts";
import type { PluginRejection } from "./rejection-counts.ts";
import type { Snapshot } from "./snapshot.ts";

/** Room for passes over all rows. Good until the next pass. */
const scratch = {
  column: new Column(),
  bytes: new Uint8Array(0),
  scores: (count: number): Float64Array => scratch.column.rows(count),
  /** All 0. */
  marks(count: number): Uint8Array {
    if (scratch.bytes.length < count) scratch.bytes = new Uint8Array(count);
    return scratch.bytes.subarray(0, count).fill(0);
  },
};

/** A rule's judge, and its place among all rules: the first one that says no is the one that people hear of. */
export interface RankedJudge {
  readonly plugin: SchedulerPlugin;
  readonly judge: NodeJudge;
  readonly order: number;
}

export interface RankedRejection extends PluginRejection {
  readonly order: number;
}

/** Points that are brought to scale among all nodes where the pod may go. */
export interface ScaledScore {
  readonly weight: number;
  readonly mostIsBest: boolean;
  readonly raw: Column;
}

interface Filter extends Pick<NodeJudge, "markRefusals"> {
  readonly plugin: SchedulerPlugin;
  readonly order: number;
  readonly filter: NonNullable<NodeJudge["filter"]>;
}

interface Scorer extends Pick<NodeJudge, "scoreRows"> {
  readonly score: NonNullable<NodeJudge["score"]>;
}

/** Bound: a few numbers for each node. */
export class RowAnswers {
  readonly scaled: readonly ScaledScore[];
  /** The weighted sum of the scores that need no scaling. */
  readonly points: Column;
  readonly #snapshot: Snapshot;
  readonly #names: ReadonlySet<string> | undefined;
  readonly #filters: readonly Filter[];
  readonly #fixed: readonly (Scorer & { readonly weight: number })[];
  readonly #raws: readonly (Scorer & { readonly raw: Column })[];
  /** The version of each row that is remembered. */
  readonly #seen: Column;
  readonly #rejections: (RankedRejection | undefined)[] = [];
  #rejected = 0;
  /** The end of the log of touched rows that was taken in. */
  #updatedTo = -1;

  /** `names`: the only nodes that may be asked about; all unless given. */
  constructor(snapshot: Snapshot, judges: readonly RankedJudge[], names?: ReadonlySet<string>) {
    this.#snapshot = snapshot;
    this.#names = names;
    const column = () => new Column(snapshot.nodes.length);
    this.points = column();
    this.#seen = column();
    const weightOf = ({ plugin }: RankedJudge) => plugin.weight ?? 1;
    this.#filters = judges.flatMap(({ plugin, judge, order }) => {
      const filter = judge.filter?.bind(judge);
      return filter ? [{ plugin, order, filter, markRefusals: judge.markRefusals?.bind(judge) }] : [];
    });
    const scoring = judges.flatMap((each) => {
      const score = each.judge.score?.bind(each.judge);
      const scoreRows = each.judge.scoreRows?.bind(each.judge);
      return score ? [{ score, scoreRows, scale: each.judge.scale, weight: weightOf(each), raw: column() }] : [];
    });
    this.#fixed = scoring.filter(({ scale }) => !scale);
    this.#raws = scoring.filter(({ scale }) => scale);
    this.scaled = scoring
      .filter(({ scale }) => scale)
      .map(({ weight, scale, raw }) => ({ weight, mostIsBest: scale === "most is best", raw }));
  }

  /** How many nodes are. */
  get rejected(): number {
    return this.#rejected;
  }

  /** As of the last update. */
  rejectionAt(row: number): RankedRejection | undefined {
    return this.#rejections[row];
  }

  /** Takes in what has changed since the last time. */
  updateAll(): void {
    const { nodes, touched } = this.#snapshot;
    if (this.#updatedTo === touched.position) return;
    if (this.#updatedTo < 0 && !this.#names) return this.#answerAll();
    const isKnown = touched.forEachSince(this.#updatedTo, (row) => {
      const node = nodes[row];
      if (node) this.update(node);
    });
    if (!isKnown) for (const node of nodes) this.update(node);
    this.#updatedTo = touched.position;
  }

  update(node: NodeInfo): void {
    if (this.#names && !this.#names.has(node.name)) return;
    const { row } = node;
    const version = this.#snapshot.versions.get(row);
    if (this.#seen.get(row) === version) return;
    this.#seen.set(row, version);
    const rejection = this.#rejectionOf(node);
    const before = this.#rejections[row];
    if (rejection !== before) {
      this.#rejected += (rejection ? 1 : 0) - (before ? 1 : 0);
      this.#rejections[row] = rejection;
    }
    if (rejection) return;
    let sum = 0;
    for (const { weight, score } of this.#fixed) sum += weight * score(node);
    this.points.set(row, sum);
    for (const { score, raw } of this.#raws) raw.set(row, score(node));
  }

  /** As updates of all rows would, in a few passes over numbers where the rules know how. */
  #answerAll(): void {
    const { nodes, versions, touched } = this.#snapshot;
    const count = nodes.length;
    const marks = scratch.marks(count);
    for (const { markRefusals } of this.#filters) {
      if (markRefusals) markRefusals(marks);
      else marks.fill(1);
    }
    this.#rejected = 0;
    this.#rejections.length = 0;
    for (let row = 0; row < count; row++) {
      const node = marks[row] ? nodes[row] : undefined;
      const rejection = node && this.#rejectionOf(node);
      if (!rejection) continue;
      this.#rejected += 1;
      this.#rejections[row] = rejection;
    }
    const points = this.points.rows(count).fill(0);
    const scores = scratch.scores(count);
    for (const { weight, ...scorer } of this.#fixed) {
      this.#scoreAll(scorer, scores);
      for (let row = 0; row < count; row++) points[row] = (points[row] ?? 0) + weight * (scores[row] ?? 0);
    }
    for (const { raw, ...scorer } of this.#raws) this.#scoreAll(scorer, raw.rows(count));
    this.#seen.rows(count).set(versions.rows(count));
    this.#updatedTo = touched.position;
  }

  #scoreAll({ score, scoreRows }: Scorer, scores: Float64Array): void {
    if (scoreRows) return scoreRows(scores);
    for (const node of this.#snapshot.nodes) if (!this.#rejections[node.row]) scores[node.row] = score(node);
  }

  #rejectionOf(node: NodeInfo): RankedRejection | undefined {
    for (const { plugin, filter, order } of this.#filters) {
      const reasons = filter(node);
      if (reasons) return { plugin, reasons, order };
    }
    return undefined;
  }
}
