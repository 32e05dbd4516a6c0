// A list that grows at the end and is forgotten from the front, addressed by positions that never change: what a log of
// events with many readers needs. Dropping is cheap on average; a dropped position must not be read.

/** How many dropped items may wait before their room is reclaimed. */
const SLACK = 1024;

export class SlidingList<T> {
  #items: (T | undefined)[] = [];
  #start = 0;
  #offset = 0;

  /** The position of the first item still kept. */
  get start(): number {
    return this.#start;
  }

  /** The position that the next item will get. */
  get end(): number {
    return this.#offset + this.#items.length;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The item at a position; undefined outside `start` to `end`. */
  at(position: number): T | undefined {
    return this.#items[position - this.#offset];
  }

  /** Forgets every item before this position. */
  dropBefore(position: number): void {
    const target = Math.min(position, this.end);
    for (; this.#start < target; this.#start += 1) this.#items[this.#start - this.#offset] = undefined;
    const dropped = this.#start - this.#offset;
    if (dropped < SLACK || dropped * 2 < this.#items.length) return;
    this.#items = this.#items.slice(dropped);
    this.#offset = this.#start;
  }

  /** The first position from which `test` holds; `test` must not hold again before it (a binary search). */
  search(test: (item: T) => boolean): number {
    let low = this.#start;
    let high = this.end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const item = this.at(middle);
      if (item !== undefined && test(item)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
