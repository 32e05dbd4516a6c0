// The queue between what changed and who works on it: a set of keys, not of events. A key is in it at most once, is never
// handed to two workers at once, and may wait for a time or, after failures, for a growing while (as client-go's workqueue).
// Bound: one entry for each distinct key; keys are names of cached objects.

import { backoffDelayMs, type Backoff } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Metrics } from "../lib/metrics.ts";

export interface WorkQueueOptions {
  /** The metrics' label. */
  readonly name: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** The wait after failures: client-go's 5 ms … 1,000 s unless given. */
  readonly backoff?: Backoff;
}

interface Delayed {
  readonly dueMs: number;
  readonly cancel: () => void;
}

interface IdleWorker {
  readonly signal: AbortSignal;
  resolve(key: string | undefined): void;
}

const DEFAULT_BACKOFF: Backoff = { initialMs: 5, maxMs: 1_000_000 };

export class WorkQueue {
  readonly #clock: Clock;
  readonly #backoff: Backoff;
  readonly #metrics: QueueMetrics;
  /** Waiting to be taken, oldest first, with the time of adding. */
  readonly #ready = new Map<string, number>();
  /** Being worked on, with the time of taking. */
  readonly #active = new Map<string, number>();
  /** Added again while being worked on. */
  readonly #again = new Set<string>();
  readonly #delayed = new Map<string, Delayed>();
  readonly #failures = new Map<string, number>();
  readonly #idleWorkers = new Set<IdleWorker>();
  /** Whose end is listened for. */
  readonly #signals = new WeakSet<AbortSignal>();

  constructor(options: WorkQueueOptions) {
    this.#clock = options.clock;
    this.#backoff = options.backoff ?? DEFAULT_BACKOFF;
    this.#metrics = queueMetrics(options.metrics, options.name);
  }

  /** Keys waiting to be taken, the delayed ones not counted. */
  get length(): number {
    return this.#ready.size + this.#again.size;
  }

  /** Whether nothing is waiting, delayed or being worked on. */
  get idle(): boolean {
    return this.length + this.#active.size + this.#delayed.size === 0;
  }

  has(key: string): boolean {
    return this.#ready.has(key) || this.#again.has(key);
  }

  add(key: string): void {
    if (this.has(key)) return;
    this.#metrics.added();
    if (this.#active.has(key)) this.#again.add(key);
    else this.#makeReady(key);
  }

  /** Adds the key `delayMs` from now; a key that is to come sooner anyway stays as it is. */
  addAfter(key: string, delayMs: number): void {
    const dueMs = this.#clock.monotonic() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier && earlier.dueMs <= dueMs) return;
    earlier?.cancel();
    const cancel = this.#clock.setTimer(delayMs, () => {
      this.#delayed.delete(key);
      this.add(key);
    });
    this.#delayed.set(key, { dueMs, cancel });
  }

  /** Counts a failure of the key and adds it after its back-off. Returns the failures in a row. */
  retry(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    this.#metrics.retried();
    this.addAfter(key, backoffDelayMs(this.#backoff, failures));
    return failures;
  }

  /** The key has no failures any more. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  /**
   * The oldest key, as soon as there is one; undefined once `signal` is aborted. The caller owes a `done` for it. A delay
   * set for the key before is dropped: whoever works on it decides anew what to wait for.
   */
  take(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const [next] = this.#ready.keys();
    if (next !== undefined) {
      this.#start(next);
      return Promise.resolve(next);
    }
    this.#listen(signal);
    return new Promise((resolve) => this.#idleWorkers.add({ signal, resolve }));
  }

  /** Once for all workers: many idle ones share the signal, and each listener makes it slower for all to come and go. */
  #listen(signal: AbortSignal): void {
    if (this.#signals.has(signal)) return;
    this.#signals.add(signal);
    const abort = () => {
      for (const worker of this.#idleWorkers) {
        if (worker.signal !== signal) continue;
        this.#idleWorkers.delete(worker);
        worker.resolve(undefined);
      }
    };
    signal.addEventListener("abort", abort, { once: true });
  }

  /** The work on a taken key has ended, well or not. */
  done(key: string): void {
    this.#metrics.worked(this.#clock.monotonic() - (this.#active.get(key) ?? 0));
    this.#active.delete(key);
    if (this.#again.delete(key)) this.#makeReady(key);
  }

  /** Drops everything that waits; cancels the timers. */
  clear(): void {
    for (const { cancel } of this.#delayed.values()) cancel();
    for (const keys of [this.#ready, this.#again, this.#delayed, this.#failures]) keys.clear();
  }

  #makeReady(key: string): void {
    this.#ready.set(key, this.#clock.monotonic());
    const [worker] = this.#idleWorkers;
    if (worker) {
      this.#idleWorkers.delete(worker);
      this.#start(key);
      worker.resolve(key);
    }
    this.#metrics.depth(this.#ready.size);
  }

  #start(key: string): void {
    const nowMs = this.#clock.monotonic();
    this.#metrics.waited(nowMs - (this.#ready.get(key) ?? nowMs));
    this.#ready.delete(key);
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
    this.#active.set(key, nowMs);
    this.#metrics.depth(this.#ready.size);
  }
}

type QueueMetrics = ReturnType<typeof queueMetrics>;

const SECONDS_BUCKETS = [0.0001, 0.001, 0.01, 0.1, 1, 10, 100];

/** Named as client-go names them, so that existing dashboards work. */
function queueMetrics(metrics: Metrics, name: string) {
  const labels = ["name"];
  const own = { name };
  const depth = metrics.gauge({ name: "workqueue_depth", help: "Keys waiting in the queue.", labels });
  const adds = metrics.counter({ name: "workqueue_adds_total", help: "Keys added to the queue.", labels });
  const retries = metrics.counter({
    name: "workqueue_retries_total",
    help: "Keys added again after a failure.",
    labels,
  });
  const wait = metrics.histogram({
    name: "workqueue_queue_duration_seconds",
    help: "Time that a key waits in the queue.",
    labels,
    buckets: SECONDS_BUCKETS,
  });
  const work = metrics.histogram({
    name: "workqueue_work_duration_seconds",
    help: "Time that the work on a key takes.",
    labels,
    buckets: SECONDS_BUCKETS,
  });
  // Looked up once: they are counted several times for each key.
  const series = {
    adds: adds.series(own),
    retries: retries.series(own),
    wait: wait.series(own),
    work: work.series(own),
  };
  return {
    added: () => series.adds.add(),
    retried: () => series.retries.add(),
    depth: (count: number) => depth.set(count, own),
    waited: (ms: number) => series.wait.observe(ms / 1000),
    worked: (ms: number) => series.work.observe(ms / 1000),
  };
}
