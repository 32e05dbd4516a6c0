// Decides about transactions that are written to disk together: each sees the ones before it, as if they had been
// committed one by one. Pure: nothing is changed until the disk has confirmed the whole group.

import type { Revision, Transaction, Write } from "./store.ts";
import { findConflict } from "./transaction.ts";

interface Head {
  readonly revision: Revision;
  readonly createRevision: Revision;
}

export interface GroupState {
  readonly revision: Revision;
  /** The newest version of a key that exists. */
  head(key: string): Head | undefined;
}

export interface PlannedWrite {
  readonly key: string;
  readonly value: Uint8Array | undefined;
  /** 0 for a deletion. */
  readonly createRevision: Revision;
}

/** Without writes nothing changes, and `revision` is that of the transaction before. */
export type PlannedCommit =
  | { readonly conflict: string }
  | { readonly conflict: undefined; readonly revision: Revision; readonly writes: readonly PlannedWrite[] };

/** One plan for each transaction, in order. A conflict concerns its own transaction only. */
export function planGroup(transactions: readonly Transaction[], state: GroupState): readonly PlannedCommit[] {
  const changed = new Map<string, Head | undefined>();
  const head = (key: string) => (changed.has(key) ? changed.get(key) : state.head(key));
  let newest = state.revision;
  return transactions.map(({ checks, writes }) => {
    const conflict = findConflict(checks, (key) => head(key)?.revision ?? 0);
    if (conflict !== undefined) return { conflict };
    const effective = writes.filter(({ key, value }) => value ?? head(key));
    if (effective.length === 0) return { conflict, revision: newest, writes: [] };
    newest += 1;
    const revision = newest;
    const planned = effective.map((write) => planWrite(write, head(write.key)?.createRevision ?? revision));
    for (const { key, createRevision } of planned) {
      changed.set(key, createRevision === 0 ? undefined : { revision, createRevision });
    }
    return { conflict, revision, writes: planned };
  });
}

const planWrite = ({ key, value }: Write, createRevision: Revision): PlannedWrite => ({
  key,
  value,
  createRevision: value ? createRevision : 0,
});
