// What etcd's errors mean to the callers of a store. etcd tells most of them apart by their text only.

import { Compacted, Conflict, TooLarge, Unavailable } from "./store.ts";

const TOO_LARGE = /request is too large|message larger than max|too many operations in txn/;
/** Only a part of a large transaction whose checks do not hold asks for a key that must be there. */
const CHECK_FAILED = /etcdserver: key not found/;
const COMPACTED = /required revision has been compacted/;
const FUTURE = /required revision is a future revision/;

/** The text of etcd's error, through our own where that wraps it. */
const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

export const isCompacted = (error: unknown): boolean => COMPACTED.test(textOf(error));
/** The revision asked for has not been reached. */
export const isFuture = (error: unknown): boolean => FUTURE.test(textOf(error));

/** Errors of a store pass through. All others are Unavailable, with their cause: it is not known whether anything happened. */
export function etcdError(error: unknown): Error {
  if ([Compacted, Conflict, TooLarge, Unavailable].some((known) => error instanceof known)) return error as Error;
  const text = textOf(error);
  if (TOO_LARGE.test(text)) return new TooLarge(`etcd refuses the transaction: ${text}`, { cause: error });
  if (CHECK_FAILED.test(text)) return new Conflict("");
  return new Unavailable(`etcd is not available: ${text}`, { cause: error });
}
