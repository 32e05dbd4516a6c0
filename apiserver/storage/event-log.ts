// The recent past of a stream of changes, with any number of followers. Followers hold a position, not a queue, so that
// one more costs nothing per change, and a slow one costs no memory: it falls off the end of the log and is told so.

import type { Revision } from "./store.ts";
import { SlidingList } from "./sliding-list.ts";

export interface LogBatch<E> {
  readonly revision: Revision;
  readonly events: readonly E[];
}

export interface EventLogOptions<E> {
  /** Where the log begins: it holds what comes after this revision. */
  readonly after: Revision;
  /** The oldest events beyond this many are forgotten; unbounded unless given. */
  readonly eventsMax?: number;
  keyOf(event: E): string;
}

export interface FollowOptions {
  readonly prefix: string;
  readonly after: Revision;
  readonly signal: AbortSignal;
}

interface Follower {
  readonly prefix: string;
  reached: Revision;
  /** The next event to look at. */
  position: number;
  /** Present while it waits. */
  wake: (() => void) | undefined;
}

/** Batches are merged up to about this many events, so that a late follower takes bounded steps. */
const BATCH_EVENTS = 1000;

export class EventLog<E extends { readonly revision: Revision }> {
  readonly #events = new SlidingList<E>();
  readonly #followers = new Set<Follower>();
  readonly #options: EventLogOptions<E>;
  #oldest: Revision;
  #revision: Revision;
  #requested: Revision = 0;
  #closed = false;

  constructor(options: EventLogOptions<E>) {
    this.#options = options;
    this.#oldest = options.after;
    this.#revision = options.after;
  }

  /** The earliest revision that a new follower may start after. */
  get oldest(): Revision {
    return this.#oldest;
  }

  /** What the log has reached. */
  get revision(): Revision {
    return this.#revision;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Adds the events of one or more whole transactions, or none for mere progress. Revisions must not go back. */
  append(batch: LogBatch<E>): void {
    for (const event of batch.events) this.#events.push(event);
    this.#revision = Math.max(this.#revision, batch.revision);
    const { eventsMax = Infinity } = this.#options;
    if (this.#events.end - this.#events.start > eventsMax) this.#dropBefore(this.#events.end - eventsMax);
    this.#wake((follower) => {
      if (this.#concerns(follower, batch.events)) return true;
      // Whoever waits has seen everything before, so that it does not fall behind by what is not for it.
      follower.position = this.#events.end;
      return this.#owesProgress(follower);
    });
  }

  /** Asks that every follower be told, by an empty batch if need be, once the log has reached this revision. */
  request(revision: Revision): void {
    this.#requested = Math.max(this.#requested, revision);
    this.#wake((follower) => this.#owesProgress(follower));
  }

  /** Forgets the events up to and with this revision. */
  forget(revision: Revision): void {
    this.#dropBefore(this.#events.search((event) => event.revision > revision));
    this.refuseBefore(revision);
  }

  /** Accepts new followers from this revision on only. Those that follow already go on. */
  refuseBefore(revision: Revision): void {
    this.#oldest = Math.max(this.#oldest, revision);
  }

  /** The event that a revision brought for a key, where it is still kept. */
  find(key: string, revision: Revision): E | undefined {
    const { keyOf } = this.#options;
    let position = this.#events.search((event) => event.revision >= revision);
    for (let event = this.#events.at(position); event?.revision === revision; event = this.#events.at(position)) {
      if (keyOf(event) === key) return event;
      position += 1;
    }
    return undefined;
  }

  /** Whether a follower can start after this revision. */
  covers(after: Revision): boolean {
    return after >= this.#oldest;
  }

  /**
   * The events after `after` under a prefix, in order; those of one `append` stay together. Each batch says what has
   * been reached. Ends when the signal is aborted, when the log is closed, and when the log does not cover the follower
   * (any more).
   */
  async *follow({ prefix, after, signal }: FollowOptions): AsyncGenerator<LogBatch<E>, void, undefined> {
    if (!this.covers(after)) return;
    const position = this.#events.search((event) => event.revision > after);
    const follower: Follower = { prefix, reached: after, position, wake: undefined };
    const abort = () => this.#leave(follower);
    signal.addEventListener("abort", abort);
    this.#followers.add(follower);
    try {
      while (!signal.aborted && !this.#closed && follower.position >= this.#events.start) {
        const batch = this.#read(follower);
        if (batch) yield batch;
        else await new Promise<void>((resolve) => (follower.wake = resolve));
      }
    } finally {
      signal.removeEventListener("abort", abort);
      this.#leave(follower);
    }
  }

  /** Ends every follower. */
  close(): void {
    this.#closed = true;
    this.#wake(() => true);
  }

  /** Moves the follower on. Undefined when there is nothing to tell it: it has then seen the whole log. */
  #read(follower: Follower): LogBatch<E> | undefined {
    const events: E[] = [];
    let last = follower.reached;
    for (; follower.position < this.#events.end; follower.position += 1) {
      const event = this.#events.at(follower.position) as E;
      if (events.length >= BATCH_EVENTS && event.revision > last) break;
      last = event.revision;
      // A follower may have started ahead of the log.
      if (last > follower.reached && this.#options.keyOf(event).startsWith(follower.prefix)) events.push(event);
    }
    const owesProgress = this.#owesProgress(follower);
    const revision = follower.position < this.#events.end ? last : this.#revision;
    if (events.length === 0 && !owesProgress) return undefined;
    follower.reached = revision;
    return { revision, events };
  }

  #owesProgress(follower: Follower): boolean {
    return follower.reached < this.#requested && follower.reached < this.#revision;
  }

  #concerns(follower: Follower, events: readonly E[]): boolean {
    return events.some((event) => this.#options.keyOf(event).startsWith(follower.prefix));
  }

  #wake(choose: (follower: Follower) => boolean): void {
    for (const follower of this.#followers) {
      if (!follower.wake || !choose(follower)) continue;
      follower.wake();
      follower.wake = undefined;
    }
  }

  #leave(follower: Follower): void {
    this.#followers.delete(follower);
    follower.wake?.();
  }

  #dropBefore(position: number): void {
    const last = this.#events.at(position - 1);
    this.#events.dropBefore(position);
    if (last) this.refuseBefore(last.revision);
  }
}
