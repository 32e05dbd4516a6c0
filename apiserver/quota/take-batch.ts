// Which of the transactions that wait can be committed as one: pure.

import type { Draft } from "../registry/draft.ts";
import type { Check } from "../storage/store.ts";

/** etcd takes 128 checks and 128 writes in a transaction; the rest is for the quotas, of which there are few. */
const OPERATIONS_MAX = 100;
/** etcd takes 1.5 MiB in a request. */
const BYTES_MAX = 2 ** 20;

/** Takes from the front of the queue what fits into one transaction: at least one, and only what does not contradict. */
export function takeBatch<T>(queue: T[], draftOf: (item: T) => Draft): readonly T[] {
  const batch = new Batch();
  const first = queue.findIndex((item, index) => !batch.take(draftOf(item)) && index > 0);
  return queue.splice(0, first < 0 ? queue.length : first);
}

class Batch {
  readonly #revisions = new Map<string, number>();
  readonly #written = new Set<string>();
  #bytes = 0;
  #isAlone = false;

  /** Whether the draft can go with those before it. Not to be asked again after a no. */
  take({ checks, writes, allocations, charges }: Draft): boolean {
    // What is placed on a node may be refused by itself, and goes by itself.
    if (this.#isAlone || (allocations.length > 0 && this.#written.size > 0)) return false;
    if (!this.#agrees(checks) || writes.some(({ key }) => this.#written.has(key))) return false;
    for (const { key, revision } of checks) this.#revisions.set(key, revision);
    for (const { key, value } of writes) {
      this.#written.add(key);
      this.#bytes += value?.length ?? 0;
    }
    this.#isAlone = allocations.length > 0;
    const quotas = charges.length;
    const operations = Math.max(this.#revisions.size, this.#written.size) + quotas;
    return operations <= OPERATIONS_MAX && this.#bytes <= BYTES_MAX;
  }

  /** Two that have seen different versions of an object cannot both be right. */
  #agrees(checks: readonly Check[]): boolean {
    return checks.every(({ key, revision }) => (this.#revisions.get(key) ?? revision) === revision);
  }
}
