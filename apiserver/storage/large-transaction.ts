// Transactions with more checks or writes than etcd takes at once, in parts that are nested in one request. etcd judges a whole
// request before it writes any of it: a part whose checks do not hold asks for what cannot be done, and nothing of the whole is. Pure.

import type { ITxnRequest } from "./etcd-client.ts";
import type { Transaction } from "./store.ts";

/** Counted along the deepest nesting: the number of parts, and the checks or the writes of one. */
const OPERATIONS_MAX = 128;

/** The fewest parts in which etcd takes the transaction; undefined where it takes it in none. */
export function partsOf({ checks, writes }: Transaction): readonly Transaction[] | undefined {
  const length = Math.max(checks.length, writes.length);
  if (length <= OPERATIONS_MAX) return [{ checks, writes }];
  for (let count = 2; count < OPERATIONS_MAX; count++) {
    const share = Math.ceil(length / count);
    if (count + share > OPERATIONS_MAX) continue;
    return Array.from({ length: count }, (_, index) => {
      const [from, to] = [index * share, (index + 1) * share];
      return { checks: checks.slice(from, to), writes: writes.slice(from, to) };
    });
  }
  return undefined;
}

/** `absent` are keys that are never written, one for each part: etcd refuses to keep the value of a key that there is not. */
export function requestInParts(parts: readonly ITxnRequest[], absent: readonly Buffer[]): ITxnRequest {
  const success = parts.map((part, index) => {
    const impossible = { request_put: { key: absent[index], ignore_value: true } };
    return { request_txn: { ...part, failure: [impossible] } };
  });
  return { compare: [], success, failure: [] };
}
