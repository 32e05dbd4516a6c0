// The rules that a transaction is judged by, shared by the stores that judge it themselves. Pure.

import assert from "node:assert/strict";
import { TooLarge, type Check, type Revision, type Transaction } from "./store.ts";

/** The key of the first check that does not hold; undefined when all hold. `revisionOf` says 0 for a missing key. */
export function findConflict(checks: readonly Check[], revisionOf: (key: string) => Revision): string | undefined {
  return checks.find((check) => revisionOf(check.key) !== check.revision)?.key;
}

/** What etcd takes in one request. All stores keep to it, so that the contents of one fit another. */
const VALUE_BYTES_MAX = 1.5 * 2 ** 20;

/** A transaction that writes a key twice is a mistake of the caller. Throws TooLarge for a value beyond every store's limit. */
export function assertWellFormed(transaction: Transaction): void {
  const isLarge = transaction.writes.some(({ value }) => value !== undefined && value.length > VALUE_BYTES_MAX);
  if (isLarge) throw new TooLarge("etcdserver: request is too large");
  const { size } = new Set(transaction.writes.map((write) => write.key));
  assert.equal(size, transaction.writes.length, "a transaction writes each key at most once");
}
