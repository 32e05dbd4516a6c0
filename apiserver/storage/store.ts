// The store: compare-and-swap transactions over a flat key space, plus an ordered watch. It knows nothing about kinds.
// Revisions count committed transactions and only grow; every key changed by one transaction has its revision.

/** A position in the store's history, from 1 on. 0 means "before everything", and in checks "must not exist". */
export type Revision = number;

export interface Store {
  /** Linearizable: sees every commit acknowledged before the call. */
  get(key: string): Promise<Stored | undefined>;
  /** The keys with this prefix in byte order. Linearizable unless `page.revision` names a past revision; throws Compacted when that is gone, and Unavailable when it is still to come. */
  list(prefix: string, page?: Page): Promise<StoredList>;
  /**
   * All checks hold → all writes happen, durable before it resolves. Otherwise nothing happens and it throws Conflict.
   * Resolves with the transaction's revision; one that changes nothing makes none, and resolves with the newest.
   * Throws TooLarge for what the store can never take, and Unavailable when it is not known whether the writes happened.
   */
  commit(transaction: Transaction): Promise<Revision>;
  /**
   * Every change under the prefix after revision `after`, each exactly once and in order; events of one transaction
   * arrive in one batch, which may hold several transactions. Reconnects by itself. Throws Compacted when the history is
   * gone; ends when `signal` is aborted and when the store is closed. The `revision` of a batch has been reached: nothing
   * up to it is still to come. Empty batches only report this progress; they are sent when `revision()` asks for them.
   */
  watch(prefix: string, after: Revision, signal: AbortSignal): AsyncIterable<StoreBatch>;
  /**
   * The newest revision. Linearizable: what a cache must have reached to serve a consistent read. Every watch of this
   * store then reports promptly that it has reached it, also when the newest change is under another prefix.
   */
  revision(): Promise<Revision>;
  /** Forgets history before this revision: older pages, and watches after an older revision, then throw Compacted. Idempotent. */
  compact(before: Revision): Promise<void>;
  /** Ends watches and frees resources. Idempotent. */
  close(): Promise<void>;
}

export interface Stored {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision of the last change of the key. */
  readonly revision: Revision;
  /** The revision that created the key. */
  readonly createRevision: Revision;
}

export interface Page {
  /** At most this many; all unless given. */
  readonly limit?: number;
  /** Only keys after this one. */
  readonly afterKey?: string;
  /** As of this revision; the newest unless given. */
  readonly revision?: Revision;
}

export interface StoredList {
  readonly items: readonly Stored[];
  /** The revision that the list shows. */
  readonly revision: Revision;
  /** How many keys with the prefix come after the last item: 0 exactly where none does, an estimate where there are thousands. */
  readonly remaining: number;
}

export interface Transaction {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

/** The key was last changed at this revision; 0: the key does not exist. */
export interface Check {
  readonly key: string;
  readonly revision: Revision;
}

/** A put has a value, a delete has none. Deleting what is not there is no error. A key appears at most once. */
export type Write =
  { readonly key: string; readonly value: Uint8Array } | { readonly key: string; readonly value: undefined };

export interface StoreBatch {
  readonly revision: Revision;
  readonly events: readonly StoreEvent[];
}

export interface StoreEvent {
  readonly key: string;
  /** Absent for a deletion. */
  readonly value: Uint8Array | undefined;
  readonly revision: Revision;
  /** The value before the change; absent for a creation. */
  readonly previous: Uint8Array | undefined;
}

/**
 * The errors of a store are told apart by name: a store that is loaded only when it is chosen may come with its own copy of
 * these classes, as it does under the TypeScript loader of the tests.
 */
class StoreError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === this.name;
  }

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A check of a transaction failed: another writer was first. */
export class Conflict extends StoreError {
  constructor(readonly key: string) {
    super(`the key ${key} was changed by another writer`);
  }
}

/** The history before `oldest` is gone: list again. */
export class Compacted extends StoreError {
  constructor(readonly oldest: Revision) {
    super(`revisions before ${oldest} have been compacted`);
  }
}

/** The store cannot be reached or cannot write now (lost quorum, full disk). Nothing is known to be lost; try again later. */
export class Unavailable extends StoreError {}

/** The store can never take this transaction: a value or the whole is beyond its limits. */
export class TooLarge extends StoreError {}
