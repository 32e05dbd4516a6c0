// Which transactions may share one request to etcd. Nested transactions are all judged by what was there before the request, and
// no key may be written twice in one, so that none may touch what another one writes. Pure.

import type { Transaction } from "./store.ts";

/** etcd takes 128 operations, counted along the deepest nesting: those of a request, and those of one that is nested in it. */
const TOGETHER_MAX = 64;
const OPERATIONS_MAX = 64;
/** etcd takes 1.5 MiB. */
const BYTES_MAX = 2 ** 20;
/** For each transaction, besides its keys and values. */
const BYTES_BESIDES = 200;

/** The places of those that go first: the first transaction, and as many of the others as may go with it. */
export function chooseTogether(waiting: readonly Transaction[]): ReadonlySet<number> {
  const chosen = new Set<number>();
  const read = new Set<string>();
  const written = new Set<string>();
  let bytes = 0;
  for (const [index, transaction] of waiting.entries()) {
    const { checks, writes } = transaction;
    const size = bytesOf(transaction);
    const isLarge = Math.max(checks.length, writes.length) > OPERATIONS_MAX || bytes + size > BYTES_MAX;
    // A large one goes alone, when it is its turn.
    if (isLarge && index === 0) return new Set([0]);
    const isApart =
      !checks.some(({ key }) => written.has(key)) && !writes.some(({ key }) => written.has(key) || read.has(key));
    if (isLarge || !isApart) continue;
    chosen.add(index);
    if (chosen.size === TOGETHER_MAX) break;
    bytes += size;
    for (const { key } of checks) read.add(key);
    for (const { key } of writes) written.add(key);
  }
  return chosen;
}

function bytesOf({ checks, writes }: Transaction): number {
  let bytes = BYTES_BESIDES;
  // A check's key is sent twice: to compare it, and to tell what was found.
  for (const { key } of checks) bytes += 2 * Buffer.byteLength(key);
  for (const { key, value } of writes) bytes += Buffer.byteLength(key) + (value?.length ?? 0);
  return bytes;
}
