// The rows where a pod of one class may go, in groups that its rules cannot tell apart but by their fixed points. Kept up to date
// by the rows that change, so that a decision among thousands of equal nodes costs as much as one among a few.

import type { Column } from "./column.ts";
import { RowGroups } from "./row-groups.ts";
import type { Snapshot } from "./snapshot.ts";
import { sumKeyAt, type DomainSums } from "./topology-tally.ts";

/** What the rules of the class read of a row. */
export interface RowView {
  /** The pod may go there, as far as that depends on the node alone. */
  isOpen(row: number): boolean;
  /** The points that need no scaling. */
  pointsAt(row: number): number;
  /** The amounts that are brought to scale among all rows. */
  readonly amounts: readonly Column[];
}

/** With more groups than this part of the rows, looking at every row costs as little. */
const GROUPS_PER_ROW_MAX = 0.25;

export class GroupedRows {
  readonly #snapshot: Snapshot;
  readonly #view: RowView;
  readonly #groups = new RowGroups();
  #sums: readonly DomainSums[] | undefined;
  #position = 0;

  constructor(snapshot: Snapshot, view: RowView) {
    this.#snapshot = snapshot;
    this.#view = view;
  }

  /**
   * The groups as they are now, where rules about the pods around read these sums and nothing else of other pods; undefined:
   * there are so many that grouping is no use.
   */
  current(sums: readonly DomainSums[]): RowGroups | undefined {
    const isSame = this.#sums?.length === sums.length && this.#sums.every((each, index) => each === sums[index]);
    const { touched } = this.#snapshot;
    if (!isSame || !touched.forEachSince(this.#position, (row) => this.#place(row, sums))) this.#placeAll(sums);
    this.#sums = sums;
    this.#position = touched.position;
    return this.#groups.size > GROUPS_PER_ROW_MAX * this.#snapshot.nodes.length ? undefined : this.#groups;
  }

  #placeAll(sums: readonly DomainSums[]): void {
    this.#groups.clear();
    for (const { row } of this.#snapshot.nodes) this.#place(row, sums);
  }

  #place(row: number, sums: readonly DomainSums[]): void {
    if (!this.#view.isOpen(row)) return this.#groups.remove(row);
    let key = "";
    for (const amount of this.#view.amounts) key += `${amount.get(row)} `;
    for (const each of sums) key += `${sumKeyAt(each, row)} `;
    this.#groups.put(row, key, this.#view.pointsAt(row));
  }
}
