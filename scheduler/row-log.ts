// Which rows have changed, in order, so that who keeps something about rows looks again at those alone.

/** Changes that are remembered at least. Who has missed more of them looks at all rows. */
const KEPT = 4096;

/** Bound: twice KEPT numbers. */
export class RowLog {
  #rows: number[] = [];
  /** The position of the first change that is remembered. */
  #start = 0;

  /** Where the log ends now. Only ever grows. */
  get position(): number {
    return this.#start + this.#rows.length;
  }

  record(row: number): void {
    this.#rows.push(row);
    if (this.#rows.length < 2 * KEPT) return;
    this.#rows = this.#rows.slice(KEPT);
    this.#start += KEPT;
  }

  /** Visits each row that has changed since the log ended at `position`, perhaps several times. False: that is not remembered any more. */
  forEachSince(position: number, visit: (row: number) => void): boolean {
    if (position < this.#start) return false;
    for (let index = position - this.#start; index < this.#rows.length; index++) visit(this.#rows[index] ?? 0);
    return true;
  }
}
