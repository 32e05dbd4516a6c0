// The rules that a transaction is judged by, shared by the stores that judge it themselves. Pure.

import assert from "node:assert/strict";
import type { Check, Revision, Transaction } from "./store.ts";

/** The key of the first check that does not hold; undefined when all hold. `revisionOf` says 0 for a missing key. */
export function findConflict(checks: readonly Check[], revisionOf: (key: string) => Revision): string | undefined {
  return checks.find((check) => revisionOf(check.key) !== check.revision)?.key;
}

/** A transaction that writes a key twice is a mistake of the caller. */
export function assertWellFormed(transaction: Transaction): void {
  const { size } = new Set(transaction.writes.map((write) => write.key));
  assert.equal(size, transaction.writes.length, "a transaction writes each key at most once");
}
