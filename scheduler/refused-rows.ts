// Counts, for one class of pods, the nodes by why they turn it away. Kept up to date by the rows that change: a pod that fits
// nowhere is often one of many, and each of them is told why.

import { RejectionCounts, type PluginRejection } from "./rejection-counts.ts";
import type { Snapshot } from "./snapshot.ts";

/** Bound: an entry for each node. */
export class RefusedRows {
  readonly #snapshot: Snapshot;
  readonly #refusalAt: (row: number) => PluginRejection | undefined;
  readonly #refusals: (PluginRejection | undefined)[] = [];
  readonly #counts = new RejectionCounts();
  #updatedTo = -1;

  /** `refusalAt` tells what holds now. */
  constructor(snapshot: Snapshot, refusalAt: (row: number) => PluginRejection | undefined) {
    this.#snapshot = snapshot;
    this.#refusalAt = refusalAt;
  }

  /** Not to be changed. */
  counts(): RejectionCounts {
    const { nodes, touched } = this.#snapshot;
    if (!touched.forEachSince(this.#updatedTo, (row) => this.#update(row))) {
      for (const { row } of nodes) this.#update(row);
    }
    this.#updatedTo = touched.position;
    return this.#counts;
  }

  #update(row: number): void {
    const now = this.#refusalAt(row);
    const before = this.#refusals[row];
    if (before === now) return;
    if (before) this.#counts.remove(before);
    if (now) this.#counts.add(now);
    this.#refusals[row] = now;
  }
}
