// Reads ConfigMaps and Secrets from the caches that all controllers share.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ObjectKey } from "../../api/meta/object.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Informer } from "../../client/informer.ts";
import { BY_OWNER, snapshotIndexers } from "./configuration-index.ts";
import { isSnapshot, type Configuration } from "./snapshot.ts";
import { kindOf, referenceKey, RESOURCES, type ConfigurationKind } from "./template-references.ts";

export interface CachedSnapshot {
  readonly kind: ConfigurationKind;
  /** As references to it have it. */
  readonly key: string;
  readonly object: Configuration;
}

const KINDS: readonly ConfigurationKind[] = ["ConfigMap", "Secret"];

export class ConfigurationCache {
  readonly #informers: Readonly<Record<ConfigurationKind, Informer<Configuration>>>;

  constructor(deps: ControllerDeps) {
    this.#informers = {
      ConfigMap: deps.informer(RESOURCES.ConfigMap, snapshotIndexers),
      Secret: deps.informer(RESOURCES.Secret, snapshotIndexers),
    };
  }

  get(kind: ConfigurationKind, key: ObjectKey): Configuration | undefined {
    return this.#informers[kind].get(key);
  }

  /** The copies of these keys, and those that any of the owners keeps; each once. */
  snapshots(
    { metadata: { namespace } }: Deployment,
    keys: readonly string[],
    ownerUids: ReadonlySet<string>,
  ): readonly CachedSnapshot[] {
    const found = new Map<string, CachedSnapshot>();
    const add = (kind: ConfigurationKind, object: Configuration | undefined) => {
      if (!object || !isSnapshot(object) || object.metadata.deletionTimestamp) return;
      const key = referenceKey({ kind, name: object.metadata.name });
      found.set(key, { kind, key, object });
    };
    for (const key of keys) {
      const kind = kindOf(key);
      add(kind, this.get(kind, { namespace, name: key.slice(kind.length + 1) }));
    }
    for (const kind of KINDS) {
      for (const uid of ownerUids) this.#informers[kind].byIndex(BY_OWNER, uid).forEach((each) => add(kind, each));
    }
    return [...found.values()];
  }
}
