// The informers of one component: one cache and one watch for each kind, shared by everybody who asks for it.

import { setMaxListeners } from "node:events";
import type { KubeObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import { CachingInformer } from "./caching-informer.ts";
import type { Client } from "./client.ts";
import type { Indexers, Informer } from "./informer.ts";
import { runReflector, type Selection } from "./reflector.ts";

export interface InformerDeps {
  readonly client: Client;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class InformerSet {
  readonly #deps: InformerDeps;
  readonly #selections: ReadonlyMap<ResourceDefinition, Selection>;
  readonly #signal: AbortSignal;
  readonly #informers = new Map<string, CachingInformer<KubeObject>>();
  readonly #running: Promise<void>[] = [];

  /**
   * `selections` narrows kinds down for everybody in this set: a kubelet caches the pods of its node only. Everything stops
   * when `signal` is aborted.
   */
  constructor(
    deps: InformerDeps,
    signal: AbortSignal,
    selections: ReadonlyMap<ResourceDefinition, Selection> = new Map(),
  ) {
    this.#deps = deps;
    // Every informer listens for the end; there are as many as kinds.
    setMaxListeners(0, signal);
    this.#signal = signal;
    this.#selections = selections;
  }

  /** The informer of a kind; the first call starts it. Indexers whose names are known already are left out. */
  informer<T extends KubeObject>(resource: ResourceDefinition<T>, indexers: Indexers<T> = {}): Informer<T> {
    const id = `${resource.plural}.${resource.version}.${resource.group}`;
    // One map holds the informers of all kinds; its key, made from the kind, is what makes both casts right.
    const known = this.#informers.get(id) as CachingInformer<T> | undefined;
    const informer = known ?? this.#start(resource);
    if (!known) this.#informers.set(id, informer as unknown as CachingInformer<KubeObject>);
    informer.addIndexers(indexers);
    return informer;
  }

  /** Resolves when every informer asked for so far has its first list; rejects when the set is stopped before. */
  async synced(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced));
  }

  /** Resolves when, after the signal's abort, nothing runs any more. */
  async stopped(): Promise<void> {
    await Promise.all(this.#running);
  }

  #start<T extends KubeObject>(resource: ResourceDefinition<T>): CachingInformer<T> {
    const log = this.#deps.log.with({ informer: resource.plural });
    const cache = new CachingInformer<T>((error) => log.error("A listener of an informer failed", { error }));
    const selection = this.#selections.get(resource) ?? {};
    const run = async () => {
      await runReflector({ ...this.#deps, resource, selection, cache, log }, this.#signal);
      cache.abandon(new Error(`the informer of ${resource.plural} was stopped`));
    };
    this.#running.push(run());
    return cache;
  }
}
