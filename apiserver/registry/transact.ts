// The loop around every write: decide on what is seen, commit if that still holds, otherwise look again and decide anew.
// Decisions are repeatable: an attempt that was not committed has had no effect.

import { StatusError } from "../../api/meta/status.ts";
import { Conflict, type Revision } from "../storage/store.ts";
import type { Server } from "../server.ts";
import type { Draft } from "./draft.ts";
import { cachedView, liveView, type View } from "./view.ts";

export interface Attempt<R> {
  /** What to commit; absent: nothing is to change. */
  readonly draft?: Draft;
  /** The outcome, given the revision of the transaction; 0 when there was none. */
  outcome(revision: Revision): R;
}

export interface TransactOptions {
  readonly dryRun?: boolean;
  /** What a Conflict of the transaction means, by the key that another writer changed; undefined: try again. */
  onConflict?(key: string): StatusError | undefined;
}

/** Other writers may be first this many times in a row before the client is told. */
const ATTEMPTS_MAX = 12;

/** Calls `decide` until its draft is committed, first with what the cache shows, then with what the store holds. Throws what `decide` throws, and Conflict after too many attempts. */
export async function transact<R>(
  server: Server,
  decide: (view: View) => Promise<Attempt<R>>,
  options: TransactOptions = {},
): Promise<R> {
  let view = cachedView;
  let contended: readonly string[] = [];
  const tryOnce = async (): Promise<{ readonly outcome: R } | undefined> => {
    const attempt = await decide(view);
    // That nothing is to change rests on what was seen, and no transaction checks it.
    const isFirm = view.isLive || (attempt.draft && !options.dryRun);
    return isFirm ? { outcome: await settle(server, attempt, options) } : undefined;
  };
  for (let attempts = 1; ; attempts += 1) {
    try {
      // Writers that have lost a race queue up for the key, or a hundred of them would make each other fail.
      const tried = await server.contended.hold(contended, tryOnce);
      if (tried) return tried.outcome;
    } catch (error) {
      if (error instanceof Conflict) contended = [error.key];
      const refusal = error instanceof Conflict ? options.onConflict?.(error.key) : undefined;
      if (refusal) throw refusal;
      if (!mayRetry(error, view)) throw error;
      if (attempts >= ATTEMPTS_MAX) throw tooContended();
    }
    view = liveView(server.store);
  }
}

/** Another writer was first, or the refusal was decided on what the cache showed. */
const mayRetry = (error: unknown, view: View) =>
  error instanceof Conflict || (error instanceof StatusError && !view.isLive);

async function settle<R>(server: Server, attempt: Attempt<R>, { dryRun }: TransactOptions): Promise<R> {
  if (dryRun || !attempt.draft) return attempt.outcome(0);
  return attempt.outcome(await server.ledger.commit(attempt.draft));
}

const tooContended = () =>
  new StatusError("Conflict", "Operation cannot be fulfilled: the object is being changed too often; please try again");
