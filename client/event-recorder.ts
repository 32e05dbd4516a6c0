// Events tell people what happened to an object. Repeats are counted in one Event instead of written again.
// Recording never waits and never fails the caller; what cannot be written in time is dropped.

import { setMaxListeners } from "node:events";
import { events, type Event } from "../api/core/event.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import { isNotFound, StatusError, type StatusReason } from "../api/meta/status.ts";
import { formatTime, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import { uuid, type Random } from "../lib/random.ts";
import { BulkCreator } from "./bulk-creator.ts";
import type { Client } from "./client.ts";
import { EventCorrelator, type Occurrence } from "./event-correlator.ts";
import { WorkQueue } from "./workqueue.ts";

export interface EventRecorder {
  /**
   * Records without waiting and without ever failing the caller: what cannot be written is logged and dropped.
   * `reason` is CamelCase and constant, `message` one sentence for people.
   */
  record(about: EventSubject, type: "Normal" | "Warning", reason: string, message: string): void;
}

/** An object, or a part of one such as `spec.containers{web}`. */
export interface EventSubject {
  readonly object: KubeObject;
  readonly fieldPath?: string;
}

export interface EventRecorderOptions {
  readonly client: Client;
  /** Who reports, such as `kubelet`. */
  readonly component: string;
  /** The node, for components of a node. */
  readonly host?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Events that wait to be written; more are dropped. */
const QUEUE_LENGTH_MAX = 1000;
/** Events that later repeats can still be counted in. */
const WRITTEN_MAX = 4096;
/** As many as one request creates. */
const CONCURRENCY = 100;
const ATTEMPTS_MAX = 12;
const AWAY: ReadonlySet<StatusReason> = new Set(["ServiceUnavailable", "TooManyRequests", "Timeout"]);
const NAME_LENGTH_MAX = 253;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const MESSAGE_LENGTH_MAX = 1024;

/** Writes in the background until `signal` is aborted; what waits then is dropped. */
export function createEventRecorder(options: EventRecorderOptions, signal: AbortSignal): EventRecorder {
  // Each worker that waits for an event listens for the end.
  setMaxListeners(0, signal);
  const recorder = new ApiEventRecorder(options, new BulkCreator(options.client, events, signal));
  for (let worker = 0; worker < CONCURRENCY; worker++) void recorder.work(signal);
  return recorder;
}

/** The Event as it should be; level-based, so that repeats that come while it waits cost no further write. */
interface Desired {
  readonly event: NewObject<Event>;
  /** Written before: the next write is a patch of the count. */
  readonly created: boolean;
}

class ApiEventRecorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #creator: BulkCreator<Event>;
  readonly #correlator = new EventCorrelator();
  readonly #desired = new Map<string, Desired>();
  readonly #queue: WorkQueue;
  readonly #dropped: { add(): void };
  #sequence: number;

  constructor(options: EventRecorderOptions, creator: BulkCreator<Event>) {
    this.#options = options;
    this.#creator = creator;
    const { component, clock, metrics, random } = options;
    this.#queue = new WorkQueue({
      name: `${component}-events`,
      clock,
      metrics,
      backoff: { initialMs: 200, maxMs: 10_000 },
    });
    this.#dropped = metrics.counter({ name: "gantry_events_dropped_total", help: "Events that could not be written." });
    this.#sequence = Math.floor(random.float() * 1_000_000);
  }

  record(...[about, type, reason, message]: Parameters<EventRecorder["record"]>): void {
    const occurrence = this.#occurrence(about, { type, reason, message: message.slice(0, MESSAGE_LENGTH_MAX) });
    const correlated = this.#correlator.correlate(occurrence, this.#options.clock.monotonic());
    if (!correlated) return this.#dropped.add();
    const { key, count } = correlated;
    if (this.#queue.length >= QUEUE_LENGTH_MAX && !this.#queue.has(key)) return this.#dropped.add();
    const known = this.#desired.get(key);
    const metadata = known?.event.metadata ?? this.#metadata(occurrence);
    const firstTimestamp = known?.event.firstTimestamp ?? occurrence.firstTimestamp;
    const event = { ...occurrence, metadata, firstTimestamp, message: correlated.message, count };
    this.#remember(key, { event, created: known?.created ?? false });
    this.#queue.add(key);
  }

  async work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(signal); key !== undefined; key = await this.#queue.take(signal)) {
      try {
        await this.#write(key, signal);
        this.#queue.forget(key);
      } catch (error) {
        if (!signal.aborted) this.#fail(key, error);
      }
      this.#queue.done(key);
    }
    this.#queue.clear();
  }

  async #write(key: string, signal: AbortSignal): Promise<void> {
    const desired = this.#desired.get(key);
    if (!desired) return;
    const { event, created } = desired;
    if (!created || !(await this.#patch(event, signal))) await this.#creator.create(event);
    const current = this.#desired.get(key);
    if (current) this.#desired.set(key, { ...current, created: true });
  }

  /** False: the Event has expired meanwhile. */
  async #patch({ metadata, count, lastTimestamp, message }: NewObject<Event>, signal: AbortSignal): Promise<boolean> {
    const key = { namespace: metadata.namespace, name: metadata.name ?? "" };
    const patch = { type: "strategic", patch: { count, lastTimestamp, message } } as const;
    try {
      await this.#options.client.patch(events, key, patch, { signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** A server that is away is tried again; what it refuses stays refused, as when a namespace is being deleted. */
  #fail(key: string, error: unknown): void {
    const away = !(error instanceof StatusError) || AWAY.has(error.reason);
    if (away && this.#queue.retry(key) < ATTEMPTS_MAX) return;
    this.#queue.forget(key);
    this.#desired.delete(key);
    this.#dropped.add();
    this.#options.log.warn("An event could not be written; it is dropped", { error });
  }

  #remember(key: string, desired: Desired): void {
    this.#desired.delete(key);
    this.#desired.set(key, desired);
    const [oldest] = this.#desired.keys();
    if (this.#desired.size > WRITTEN_MAX && oldest !== undefined) this.#desired.delete(oldest);
  }

  #occurrence(
    { object, fieldPath }: EventSubject,
    what: { type: string; reason: string; message: string },
  ): Occurrence {
    const { component, host, clock } = this.#options;
    const { namespace, name, uid, resourceVersion } = object.metadata;
    const now = formatTime(clock.now());
    return {
      ...what,
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        ...(namespace && { namespace }),
        name,
        uid,
        resourceVersion,
        ...(fieldPath && { fieldPath }),
      },
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component, ...(host && { host }) },
      reportingComponent: component,
      reportingInstance: host ?? "",
    };
  }

  /**
   * Events about cluster-scoped objects live in the namespace default. Names are as client-go's: the object's and the time in
   * nanoseconds, or a UUID where that is no name for an Event.
   */
  #metadata({ involvedObject }: Occurrence): NewObject<Event>["metadata"] {
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    const nanos = BigInt(Math.floor(this.#options.clock.now())) * 1_000_000n + BigInt(this.#sequence);
    const name = `${involvedObject.name}.${nanos.toString(16)}`;
    const isName = name.length <= NAME_LENGTH_MAX && DNS_SUBDOMAIN.test(name);
    return { namespace: involvedObject.namespace ?? "default", name: isName ? name : uuid(this.#options.random) };
  }
}
