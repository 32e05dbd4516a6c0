// Who owns whom, over all kinds, read from the shared caches: nothing is stored twice.

import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { apiVersionOf, type ResourceDefinition } from "../../api/resource.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Indexers, Informer } from "../../client/informer.ts";

const BY_OWNER = "owner-uid";

const ownerIndexers: Indexers<KubeObject> = {
  [BY_OWNER]: ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid),
};

/** An object and the kind that it is of. */
export interface GraphNode {
  readonly resource: ResourceDefinition;
  readonly object: KubeObject;
}

export class OwnerGraph {
  readonly #informers: ReadonlyMap<ResourceDefinition, Informer<KubeObject>>;
  readonly #byGroupKind: ReadonlyMap<string, ResourceDefinition>;

  constructor(resources: readonly ResourceDefinition[], informer: ControllerDeps["informer"]) {
    this.#informers = new Map(resources.map((resource) => [resource, informer(resource, ownerIndexers)]));
    this.#byGroupKind = new Map(
      resources.map((resource) => [groupKind(apiVersionOf(resource), resource.kind), resource]),
    );
  }

  get informers(): Iterable<[ResourceDefinition, Informer<KubeObject>]> {
    return this.#informers;
  }

  get(resource: ResourceDefinition, key: ObjectKey): KubeObject | undefined {
    return this.#informers.get(resource)?.get(key);
  }

  /** The object of this uid, wherever it is. Looks at every object of the kind. */
  find(resource: ResourceDefinition, uid: string): KubeObject | undefined {
    return this.#informers
      .get(resource)
      ?.list()
      .find((object) => object.metadata.uid === uid);
  }

  dependentsOf(uid: string): readonly GraphNode[] {
    return [...this.#informers].flatMap(([resource, informer]) =>
      informer.byIndex(BY_OWNER, uid).map((object) => ({ resource, object })),
    );
  }

  /** The kind that a reference points to, in any version; undefined when it is not served. */
  resourceOf({ apiVersion, kind }: OwnerReference): ResourceDefinition | undefined {
    return this.#byGroupKind.get(groupKind(apiVersion, kind));
  }
}

function groupKind(apiVersion: string, kind: string): string {
  const slash = apiVersion.indexOf("/");
  return `${slash < 0 ? "" : apiVersion.slice(0, slash)}/${kind}`;
}

/** Where the owner would be: a namespaced owner is in its dependent's namespace. */
export function ownerKey(resource: ResourceDefinition, reference: OwnerReference, dependent: KubeObject): ObjectKey {
  const { namespace } = dependent.metadata;
  return resource.scope === "Namespaced" ? { namespace, name: reference.name } : { name: reference.name };
}
