// The ConfigMaps and Secrets that pods of this node refer to, kept up to date: one watch for each object while somebody
// refers to it, none for anything else, so that a node sees no more than it has to and idle costs nothing.

import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import type { Pod } from "../api/core/pod.ts";
import { secrets, type Secret } from "../api/core/secret.ts";
import type { KubeObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { CachingInformer } from "../client/caching-informer.ts";
import type { InformerDeps } from "../client/informer-set.ts";
import { runReflector } from "../client/reflector.ts";
import { untilAborted } from "./runtimes/abort.ts";
import { listReferences, type Reference } from "./pod-references.ts";

interface Followed {
  readonly cache: CachingInformer<KubeObject>;
  readonly users: Set<string>;
  readonly stop: () => void;
}

const RESOURCES = { configmap: configMaps, secret: secrets } as const;

export class ObjectReferences {
  readonly #deps: InformerDeps;
  readonly #changed: (podUid: string) => void;
  readonly #signal: AbortSignal;
  /** Bound: the distinct references of the pods that have a worker. */
  readonly #followed = new Map<string, Followed>();
  readonly #byPod = new Map<string, readonly Reference[]>();
  readonly #running = new Set<Promise<void>>();

  /** `changed`: an object that this pod refers to was made, changed or deleted. */
  constructor(deps: InformerDeps, changed: (podUid: string) => void, signal: AbortSignal) {
    this.#deps = deps;
    this.#changed = changed;
    this.#signal = signal;
  }

  /** Follows what the pod refers to; once more after containers for debugging have been added. Idempotent. */
  hold({ metadata, spec }: Pod): void {
    const references = listReferences(metadata.namespace ?? "", spec);
    // A pod that exists refers to more and more, and never to anything else instead.
    if (this.#byPod.get(metadata.uid)?.length === references.length) return;
    this.#byPod.set(metadata.uid, references);
    for (const reference of references) this.#follow(reference).users.add(metadata.uid);
  }

  release(podUid: string): void {
    for (const reference of this.#byPod.get(podUid) ?? []) {
      const id = idOf(reference);
      const followed = this.#followed.get(id);
      followed?.users.delete(podUid);
      if (followed?.users.size !== 0) continue;
      followed.stop();
      this.#followed.delete(id);
    }
    this.#byPod.delete(podUid);
  }

  /** Resolves when it is known, for each object that the pod refers to, whether it is there. */
  async synced(podUid: string, signal: AbortSignal): Promise<void> {
    const followed = (this.#byPod.get(podUid) ?? []).flatMap((each) => this.#followed.get(idOf(each)) ?? []);
    await untilAborted(signal, Promise.all(followed.map(({ cache }) => cache.synced)));
  }

  configMap(namespace: string, name: string): ConfigMap | undefined {
    return this.#find({ kind: "configmap", namespace, name });
  }

  secret(namespace: string, name: string): Secret | undefined {
    return this.#find({ kind: "secret", namespace, name });
  }

  /** Resolves when, after the signal's abort, nothing runs any more. */
  async stopped(): Promise<void> {
    await Promise.all(this.#running);
  }

  #find(reference: Reference): KubeObject | undefined {
    const { namespace, name } = reference;
    return this.#followed.get(idOf(reference))?.cache.get({ namespace, name });
  }

  #follow(reference: Reference): Followed {
    const id = idOf(reference);
    const known = this.#followed.get(id);
    if (known) return known;
    const { namespace, name, kind } = reference;
    const log = this.#deps.log.with({ reference: id });
    const stopping = new AbortController();
    const cache = new CachingInformer<KubeObject>((error) => log.error("A listener of an informer failed", { error }));
    const resource = RESOURCES[kind] as unknown as ResourceDefinition;
    const selection = { namespace, fieldSelector: `metadata.name=${name}` };
    const signal = AbortSignal.any([stopping.signal, this.#signal]);
    const followed: Followed = { cache, users: new Set(), stop: () => stopping.abort() };
    this.#followed.set(id, followed);
    cache.onChange(() => [...followed.users].forEach((uid) => this.#changed(uid)));
    const running = runReflector({ ...this.#deps, resource, selection, cache, log }, signal).then(() => {
      cache.abandon(new Error(`${id} is not followed any more`));
      this.#running.delete(running);
    });
    this.#running.add(running);
    return followed;
  }
}

const idOf = ({ kind, namespace, name }: Reference) => `${kind} ${namespace}/${name}`;
