// A map whose keys can be walked in byte order from any point: the index of the stores and of the watch cache.
// Keys lie in sorted blocks, so that inserting one among 100,000 moves a few hundred and not half of them.

const BLOCK_MAX = 512;
/** A character that no key has: with it appended, a prefix sorts after all that begins with it. */
const HIGHEST = "\u{10ffff}";

/** Where a UTF-16 code unit sorts in UTF-8: surrogates stand for characters above every other unit. */
const rank = (unit: number) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** Nearly all keys: none of their characters sorts in another place in UTF-16 than in UTF-8. */
const isPlain = (key: string) => !/[\ud800-\uffff]/.test(key);

/** Orders strings by their UTF-8 bytes, as etcd does; `<` orders them by UTF-16 units, which differs above U+D800. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index);
    if (difference !== 0) return rank(a.charCodeAt(index)) - rank(b.charCodeAt(index));
  }
  return a.length - b.length;
}

const isBelow = (a: string, b: string) => compareKeys(a, b) < 0;
const isPlainlyBelow = (a: string, b: string) => a < b;

/** How many of these sorted keys are below `key`. A plain key compares with any other by its units. */
function countBefore(keys: readonly string[], key: string): number {
  const below = isPlain(key) ? isPlainlyBelow : isBelow;
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (below(keys[middle] ?? "", key)) low = middle + 1;
    else high = middle;
  }
  return low;
}

export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  /** No block is empty; the last key of each is below the first of the next. */
  readonly #blocks: string[][] = [];

  get size(): number {
    return this.#values.size;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#insert(key);
    this.#values.set(key, value);
  }

  delete(key: string): boolean {
    if (!this.#values.delete(key)) return false;
    const number = this.#blockFor(key);
    const block = this.#blocks[number] ?? [];
    block.splice(countBefore(block, key), 1);
    if (block.length === 0) this.#blocks.splice(number, 1);
    return true;
  }

  /** The entries from `start` on, in order. The map must not change while they are walked. */
  *from(start: string): IterableIterator<readonly [string, V]> {
    const first = this.#blockFor(start);
    let position = countBefore(this.#blocks[first] ?? [], start);
    for (let number = first; number < this.#blocks.length; number += 1, position = 0) {
      const block = this.#blocks[number] ?? [];
      for (; position < block.length; position += 1) {
        const key = block[position] ?? "";
        yield [key, this.#values.get(key) as V];
      }
    }
  }

  /** The entries whose keys begin with `prefix`, in order, from `start` on where that is given. */
  *withPrefix(prefix: string, start = prefix): IterableIterator<readonly [string, V]> {
    for (const entry of this.from(start)) {
      if (!entry[0].startsWith(prefix)) return;
      yield entry;
    }
  }

  /** How many keys begin with `prefix`, from `start` on. Counts blocks, not keys. */
  countWithPrefix(prefix: string, start = prefix): number {
    return Math.max(0, this.#rank(prefix + HIGHEST) - this.#rank(start));
  }

  /** How many keys are below `key`. */
  #rank(key: string): number {
    const number = this.#blockFor(key);
    let rank = countBefore(this.#blocks[number] ?? [], key);
    for (let before = 0; before < number; before += 1) rank += this.#blocks[before]?.length ?? 0;
    return rank;
  }

  #insert(key: string): void {
    if (this.#blocks.length === 0) this.#blocks.push([]);
    const number = Math.min(this.#blockFor(key), this.#blocks.length - 1);
    const block = this.#blocks[number] ?? [];
    block.splice(countBefore(block, key), 0, key);
    if (block.length > BLOCK_MAX) this.#blocks.splice(number + 1, 0, block.splice(splitPoint(block, key)));
  }

  /** The first block whose last key is not below `key`; the number of blocks when all are below. */
  #blockFor(key: string): number {
    const below = isPlain(key) ? isPlainlyBelow : isBelow;
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (below(this.#blocks[middle]?.at(-1) ?? "", key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keys that arrive in order, as when a list is loaded, leave full blocks behind them. */
const splitPoint = (block: readonly string[], inserted: string) =>
  block.at(-1) === inserted ? block.length - 1 : block.length >>> 1;
