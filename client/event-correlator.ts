// Decides what becomes of an event: a new Event object, one more count on an earlier one, or nothing when an object is noisy.
// Pure apart from its bounded memory. The rules and limits are client-go's.

import type { Event } from "../api/core/event.ts";
import type { NewObject } from "../api/meta/object.ts";

/** Everything about an occurrence but where it is written. */
export type Occurrence = Omit<NewObject<Event>, "metadata"> & { readonly message: string };

export interface Correlated {
  /** The same for all occurrences that one Event object counts. */
  readonly key: string;
  readonly message: string;
  readonly count: number;
}

/** Objects and events remembered; the ones used longest ago are forgotten first. */
const MEMORY_MAX = 4096;
/** An object may have this many events at once, and then one more every five minutes. */
const SPAM_BURST = 25;
const SPAM_REFILL_MS = 300_000;
/** This many different messages about one thing within the window are combined into one event. */
const SIMILAR_MAX = 10;
const SIMILAR_WINDOW_MS = 600_000;

interface Bucket {
  readonly tokens: number;
  readonly filledMs: number;
}

interface Similar {
  readonly messages: ReadonlySet<string>;
  readonly lastMs: number;
}

export class EventCorrelator {
  readonly #buckets = new Recent<Bucket>();
  readonly #similar = new Recent<Similar>();
  readonly #counts = new Recent<number>();

  /** `nowMs` is monotonic. Undefined: the object has had too many events, this one is dropped. */
  correlate(occurrence: Occurrence, nowMs: number): Correlated | undefined {
    const { involvedObject: about, source, type, reason } = occurrence;
    const subject = [
      source.component,
      source.host,
      about.apiVersion,
      about.kind,
      about.namespace,
      about.name,
      about.uid,
    ];
    const allowed = this.#spend(subject.join("\n"), nowMs);
    const group = [...subject, about.fieldPath, type, reason].join("\n");
    const combined = this.#isOneOfMany(group, occurrence.message, nowMs);
    const message = combined ? `(combined from similar events): ${occurrence.message}` : occurrence.message;
    const key = combined ? group : `${group}\n${message}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return allowed ? { key, message, count } : undefined;
  }

  #spend(subject: string, nowMs: number): boolean {
    const bucket = this.#buckets.get(subject) ?? { tokens: SPAM_BURST, filledMs: nowMs };
    const filled = Math.min(SPAM_BURST, bucket.tokens + (nowMs - bucket.filledMs) / SPAM_REFILL_MS);
    const allowed = filled >= 1;
    this.#buckets.set(subject, { tokens: allowed ? filled - 1 : filled, filledMs: nowMs });
    return allowed;
  }

  #isOneOfMany(group: string, message: string, nowMs: number): boolean {
    const before = this.#similar.get(group);
    const messages = new Set(before && nowMs - before.lastMs <= SIMILAR_WINDOW_MS ? before.messages : []);
    messages.add(message);
    const many = messages.size >= SIMILAR_MAX;
    // A full set has one message taken out again, so that it neither grows nor falls below the limit for long.
    if (many) messages.delete(message);
    this.#similar.set(group, { messages, lastMs: nowMs });
    return many;
  }
}

/** A map that forgets what was set or read longest ago. */
class Recent<V> {
  readonly #entries = new Map<string, V>();

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= MEMORY_MAX) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }
}
