// What a controller is. The loop in controller-loop.ts owns the queue, retries, back-off, metrics and error logging;
// a controller says what it watches and how one object is brought to its desired state.

import type { KubeObject, ObjectKey } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { Client } from "./client.ts";
import type { EventRecorder } from "./event-recorder.ts";
import type { Change, Indexers, Informer } from "./informer.ts";

export interface Controller<T extends KubeObject = KubeObject> {
  /** Kebab case; names the queue, the log field and the metrics' label. */
  readonly name: string;
  readonly for: ResourceDefinition<T>;
  /** A change of an object of these kinds queues its controller (the ownerReference with controller: true) of the `for` kind. */
  readonly owns?: readonly ResourceDefinition[];
  /** Other kinds whose changes queue objects of the `for` kind. */
  readonly watches?: readonly WatchRule[];
  /** How many objects are worked on at once; 5 unless given. One object is never worked on twice at once. */
  readonly concurrency?: number;
  /** Called once, before anything is watched: asks `deps` for the informers it needs. */
  build(deps: ControllerDeps): Reconciler<T>;
}

export interface WatchRule<W extends KubeObject = KubeObject> {
  readonly resource: ResourceDefinition<W>;
  /** The keys of the `for` objects that this change concerns. May look into other caches through `deps`. */
  map(change: Change<W>, deps: ControllerDeps): readonly ObjectKey[];
}

export interface Reconciler<T extends KubeObject> {
  /** Brings the world one step nearer to what `object` says; idempotent. A throw means: again, after a back-off. */
  reconcile(object: T, signal: AbortSignal): Promise<Requeue | void>;
  /** The object has a deletionTimestamp. Without this method such objects go to reconcile too. */
  finalize?(object: T, signal: AbortSignal): Promise<Requeue | void>;
  /** The object is gone from the cache. For dropping what is remembered about it, or what has no owner reference. */
  forget?(key: ObjectKey): Promise<void> | void;
}

/**
 * Waiting for time, nothing else: changes of watched objects queue by themselves. Holds until the object's next reconcile,
 * whatever causes it, which decides anew what to wait for.
 */
export interface Requeue {
  readonly afterMs: number;
}

export interface ControllerDeps {
  readonly client: Client;
  /** The shared informer of a kind. Indexers are added to it; the same name must mean the same function. */
  informer<W extends KubeObject>(resource: ResourceDefinition<W>, indexers?: Indexers<W>): Informer<W>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly events: EventRecorder;
}

/** Thrown by a reconciler when retrying cannot help before the object changes. */
export class TerminalError extends Error {}
