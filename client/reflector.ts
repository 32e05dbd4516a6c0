// Keeps a cache equal to what the server has: one list, then watches, each resumed where the one before ended. A gap in the
// history (410) means a new list, whose differences reach listeners as changes. It never polls, and never gives up.

import { formatKey, keyOf, type KubeObject } from "../api/meta/object.ts";
import { hasReason, StatusError } from "../api/meta/status.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { backoffDelayMs, type Backoff } from "../lib/backoff.ts";
import { pause, sleep, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { CacheWriter } from "./caching-informer.ts";
import type { Client, ObjectList, WatchEvent } from "./client.ts";
import { withDeadline } from "./deadline.ts";

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: Client;
  readonly resource: ResourceDefinition<T>;
  readonly selection: Selection;
  readonly cache: CacheWriter<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Which objects of the kind; all unless given. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

// The longest wait is short, so that clients are back within two seconds of a server's restart.
const BACKOFF: Backoff = { initialMs: 100, maxMs: 2000, jitter: 0.5 };
/** As client-go: watches last five to ten minutes, so that clients spread over servers and dead connections are found. */
const WATCH_SECONDS_MIN = 300;
/** A server that has not ended a watch this long after its time is not there any more. */
const WATCH_GRACE_MS = 10_000;
/** A watch that the server ends sooner than this counts as a failure: it must not be opened again in a tight loop. */
const WATCH_MS_MIN = 1000;
/** Between two lists that follow a gap without a back-off. */
const RELIST_MS_MIN = 1000;
/** As client-go. */
const PAGE_SIZE = 500;

/** Runs until `signal` is aborted, then resolves. */
export async function runReflector<T extends KubeObject>(options: ReflectorOptions<T>, signal: AbortSignal) {
  await new Reflector(options, signal).run();
}

class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #signal: AbortSignal;
  /** Where the next watch goes on; undefined before the first list and after a gap. */
  #resourceVersion: string | undefined;
  #failures = 0;
  #relistedMs = -Infinity;

  constructor(options: ReflectorOptions<T>, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        if (this.#resourceVersion === undefined) this.#resourceVersion = await this.#list();
        await this.#watch(this.#resourceVersion);
        this.#failures = 0;
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** Page by page, so that no more of the answer than a page is in memory beside the cache. */
  async #list(): Promise<string> {
    const { cache, clock } = this.#options;
    const keys = new Set<string>();
    let list = await this.#page();
    for (;;) {
      for (const item of list.items) {
        cache.put(item);
        keys.add(formatKey(keyOf(item)));
      }
      if (!list.continue) break;
      // Long lists let others have their turn.
      await sleep(clock, 0, this.#signal);
      list = await this.#page(list.continue);
    }
    cache.removeAllBut(keys);
    cache.markSynced();
    return list.resourceVersion;
  }

  #page(from?: string): Promise<ObjectList<T>> {
    const { client, resource, selection } = this.#options;
    return client.list(resource, { ...selection, limit: PAGE_SIZE, continue: from, signal: this.#signal });
  }

  async #watch(resourceVersion: string): Promise<void> {
    const { client, resource, selection, clock, random } = this.#options;
    const timeoutSeconds = Math.round(WATCH_SECONDS_MIN * (1 + random.float()));
    const query = { ...selection, resourceVersion, timeoutSeconds, allowWatchBookmarks: true };
    const startedMs = clock.monotonic();
    const deadline = { clock, delayMs: timeoutSeconds * 1000 + WATCH_GRACE_MS, signal: this.#signal };
    await withDeadline(deadline, async (signal) => {
      for await (const event of client.watch(resource, { ...query, signal })) this.#apply(event);
    });
    if (!this.#signal.aborted && clock.monotonic() - startedMs < WATCH_MS_MIN) throw tooShort;
  }

  #apply(event: WatchEvent<T>): void {
    const { cache } = this.#options;
    this.#failures = 0;
    if (event.type === "BOOKMARK") {
      this.#resourceVersion = event.resourceVersion;
      return;
    }
    if (event.type === "DELETED") cache.remove(event.object);
    else cache.put(event.object);
    this.#resourceVersion = event.object.metadata.resourceVersion;
  }

  /** A server that is away or busy is asked again for the rest; any other refusal means that the place in history is lost. */
  async #recover(error: unknown): Promise<void> {
    if (this.#signal.aborted) return;
    const { clock, random, log } = this.#options;
    const away = hasReason(error, "ServiceUnavailable") || hasReason(error, "TooManyRequests") || error === tooShort;
    const relist = this.#resourceVersion !== undefined && !away;
    if (relist) this.#resourceVersion = undefined;
    // A gap in the history is normal after an outage, and costs one list; but not one list after the other.
    if (relist && clock.monotonic() - this.#relistedMs >= RELIST_MS_MIN) {
      this.#relistedMs = clock.monotonic();
      return;
    }
    this.#failures++;
    // A long outage is logged less and less often: at the first failure, the second, the fourth, the eighth …
    const level = (this.#failures & (this.#failures - 1)) === 0 ? "warn" : "debug";
    log[level]("Following a kind failed; it is tried again", { failures: this.#failures, error });
    const askedMs = error instanceof StatusError ? (error.details?.retryAfterSeconds ?? 0) * 1000 : 0;
    const delayMs = Math.max(askedMs, backoffDelayMs(BACKOFF, this.#failures, random.float()));
    await pause(clock, delayMs, this.#signal);
  }
}

const tooShort = new Error("the server ended the watch at once");
