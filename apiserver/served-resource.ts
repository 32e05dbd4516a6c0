// A kind as this server serves it: its declaration, where it is stored, the cache that reads come from, and the rules that
// no declaration can express.

import type { ObjectKey } from "../api/meta/object.ts";
import { apiVersionOf, type ResourceDefinition, type Verb } from "../api/resource.ts";
import type { KindRules } from "./kinds/kind-rules.ts";
import type { WatchCache } from "./storage/watch-cache.ts";

export interface ServedResource {
  readonly resource: ResourceDefinition;
  /** The folder of the kind, laid out as kube-apiserver does: `/registry/pods/`. Ends with a slash. */
  readonly prefix: string;
  readonly cache: WatchCache;
  readonly rules: KindRules;
}

export const ALL_VERBS: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

export const verbsOf = ({ verbs = ALL_VERBS }: ResourceDefinition): readonly Verb[] => verbs;

export const storagePrefix = ({ storagePath, plural }: ResourceDefinition): string =>
  `/registry/${storagePath ?? plural}/`;

export const storageKey = ({ prefix }: Pick<ServedResource, "prefix">, { namespace, name }: ObjectKey): string =>
  namespace ? `${prefix}${namespace}/${name}` : prefix + name;

/** What the keys of a collection begin with; all namespaces unless one is given. */
export const collectionPrefix = ({ prefix }: Pick<ServedResource, "prefix">, namespace?: string): string =>
  namespace ? `${prefix}${namespace}/` : prefix;

/** A kind in one of the versions that it is served in. */
export interface ServedVersion {
  readonly served: ServedResource;
  readonly version: ResourceDefinition;
}

const pathOf = ({ group, version, plural }: Pick<ResourceDefinition, "group" | "version" | "plural">) =>
  `${group}/${version}/${plural}`;

/** The kinds by their place in the URL. */
export class ResourceTable {
  readonly #byPath = new Map<string, ServedVersion>();
  readonly #byKind = new Map<string, ServedVersion>();
  readonly #virtual = new Map<string, ResourceDefinition>();
  readonly #groupVersions = new Set<string>();
  /** Each kind once, in the version that is stored. */
  readonly all: readonly ServedResource[];

  /** `versions`: definitions with a conversion to one of `all`. `virtual`: what is only created, and stored nowhere. */
  constructor(
    all: readonly ServedResource[],
    versions: readonly ResourceDefinition[] = [],
    virtual: readonly ResourceDefinition[] = [],
  ) {
    this.all = all;
    for (const served of all) this.#byPath.set(pathOf(served.resource), { served, version: served.resource });
    for (const version of versions) {
      if (version.conversion)
        this.#byPath.set(pathOf(version), { served: this.require(version.conversion.stored), version });
    }
    for (const found of this.#byPath.values())
      this.#byKind.set(`${apiVersionOf(found.version)}/${found.version.kind}`, found);
    for (const resource of virtual) this.#virtual.set(pathOf(resource), resource);
    for (const { group, version } of [...all.map(({ resource }) => resource), ...versions, ...virtual]) {
      this.#groupVersions.add(`${group}/${version}`);
    }
  }

  /** Every group and version that there is any kind of. */
  get groupVersions(): readonly { readonly group: string; readonly version: string }[] {
    return [...this.#groupVersions].map((text) => {
      const [group = "", version = ""] = text.split("/");
      return { group, version };
    });
  }

  /** Whether there is any kind of this group and version. */
  hasVersion(group: string, version: string): boolean {
    return this.#groupVersions.has(`${group}/${version}`);
  }

  findVersion(group: string, version: string, plural: string): ServedVersion | undefined {
    return this.#byPath.get(`${group}/${version}/${plural}`);
  }

  /** By what an object says of itself. */
  findKind(apiVersion: unknown, kind: unknown): ServedVersion | undefined {
    return this.#byKind.get(`${String(apiVersion)}/${String(kind)}`);
  }

  findVirtual(group: string, version: string, plural: string): ResourceDefinition | undefined {
    return this.#virtual.get(`${group}/${version}/${plural}`);
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.findVersion(group, version, plural)?.served;
  }

  /** A kind that this server cannot do without. */
  require(resource: Pick<ResourceDefinition, "group" | "version" | "plural">): ServedResource {
    const served = this.find(resource.group, resource.version, resource.plural);
    if (!served) throw new Error(`the server does not serve ${resource.plural}, which it needs itself`);
    return served;
  }
}
