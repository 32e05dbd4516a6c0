// One number for each row of a table, packed. A thousand nodes are then read at the speed of memory and make no garbage.

const ROWS_AT_FIRST = 16;

/** Rows that were never set hold 0. Grows as needed; never shrinks. */
export class Column {
  #values: Float64Array;

  constructor(rows = ROWS_AT_FIRST) {
    this.#values = new Float64Array(rows);
  }

  get(row: number): number {
    return this.#values[row] ?? 0;
  }

  set(row: number, value: number): void {
    if (row >= this.#values.length) this.#grow(row + 1);
    this.#values[row] = value;
  }

  /** The numbers of the first rows, for loops over all of them. Writes go to the column. Good until the column grows. */
  rows(count: number): Float64Array {
    if (count > this.#values.length) this.#grow(count);
    return this.#values.subarray(0, count);
  }

  add(row: number, amount: number): void {
    this.set(row, this.get(row) + amount);
  }

  fill(value: number): void {
    this.#values.fill(value);
  }

  #grow(rows: number): void {
    const grown = new Float64Array(Math.max(rows, ROWS_AT_FIRST, this.#values.length * 2));
    grown.set(this.#values);
    this.#values = grown;
  }
}
