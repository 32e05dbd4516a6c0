// How many pods there are to be: the sum of what the pods' owners ask for, each owner once. Built-in owners are read from the
// caches, all others through their scale subresource, which discovery tells about.

import { deployments } from "../../api/apps/deployment.ts";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import type { Pod } from "../../api/core/pod.ts";
import { replicationControllers } from "../../api/core/replication-controller.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { isNotFound } from "../../api/meta/status.ts";
import { resourcePath, type ResourceDefinition } from "../../api/resource.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import { readAnswer } from "../../client/response-body.ts";
import { UncountableError } from "./plan-budget.ts";

export interface ExpectedScale {
  readonly total: number;
  /** Pods that nobody controls, which no scale tells about. */
  readonly unmanaged: readonly Pod[];
}

interface Scaled {
  readonly uid: string;
  readonly replicas: number;
}

interface Replicated extends KubeObject {
  readonly spec: { readonly replicas?: number };
}

/** The kinds whose scale is in the caches; a ReplicaSet of a Deployment counts as the Deployment. */
export const scaledKinds: readonly ResourceDefinition[] = [
  replicationControllers,
  deployments,
  replicaSets,
  statefulSets,
] as readonly ResourceDefinition[];

export class ScaleFinder {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    scaledKinds.forEach((kind) => deps.informer(kind));
  }

  /** Throws UncountableError where an owner has no scale, and what the API server answers. */
  async find(pods: readonly Pod[], signal: AbortSignal): Promise<ExpectedScale> {
    const scales = new Map<string, number>();
    const known = new Set<string>();
    const unmanaged: Pod[] = [];
    for (const pod of pods) {
      const owner = controllerOf(pod);
      if (!owner) unmanaged.push(pod);
      if (!owner || known.has(owner.uid)) continue;
      const { uid, replicas } = await this.#scaleOf(pod, owner, signal);
      known.add(owner.uid);
      scales.set(uid, replicas);
    }
    return { total: [...scales.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
  }

  async #scaleOf(pod: Pod, owner: OwnerReference, signal: AbortSignal): Promise<Scaled> {
    const { namespace = "", name } = pod.metadata;
    const found = this.#cachedScale(namespace, owner) ?? (await this.#servedScale(namespace, owner, signal));
    if (!found) throw new UncountableError(`found no controllers for pod ${JSON.stringify(name)}`);
    return found;
  }

  #cachedScale(namespace: string, owner: OwnerReference): Scaled | undefined {
    const kind = scaledKinds.find((each) => each.kind === owner.kind && isOfGroup(owner.apiVersion, each.group));
    const object = kind && this.#owner(kind, namespace, owner);
    if (!object) return undefined;
    const above = controllerOf(object);
    if (object.kind !== replicaSets.kind || above?.kind !== deployments.kind) return scaleOf(object);
    const deployment = this.#owner(deployments, namespace, above);
    return deployment && scaleOf(deployment);
  }

  /** The object that the reference means: not another one of its name. */
  #owner(kind: ResourceDefinition, namespace: string, { name, uid }: OwnerReference): Replicated | undefined {
    const found = this.#deps.informer(kind).get({ namespace, name });
    return found?.metadata.uid === uid ? (found as Replicated) : undefined;
  }

  async #servedScale(namespace: string, owner: OwnerReference, signal: AbortSignal): Promise<Scaled | undefined> {
    const [version = "", group = ""] = owner.apiVersion.split("/").reverse();
    const served = await this.#discover(group, version, signal);
    const plural = served.find(({ kind, name }) => kind === owner.kind && !name.includes("/"))?.name;
    if (plural === undefined) {
      throw new UncountableError(`no matches for kind ${JSON.stringify(owner.kind)} in version "${owner.apiVersion}"`);
    }
    if (!served.some(({ name }) => name === `${plural}/scale`)) {
      const resource = group ? `${plural}.${group}` : plural;
      throw new UncountableError(`${resource} does not implement the scale subresource`);
    }
    const path = resourcePath({ group, version, plural }, { namespace, name: owner.name });
    const scale = (await this.#get(`${path}/scale`, signal)) as Replicated | undefined;
    return scale?.metadata.uid === owner.uid ? scaleOf(scale) : undefined;
  }

  async #discover(group: string, version: string, signal: AbortSignal): Promise<readonly ServedName[]> {
    const path = group ? `/apis/${group}/${version}` : `/api/${version}`;
    const list = (await this.#get(path, signal)) as { readonly resources?: readonly ServedName[] } | undefined;
    return list?.resources ?? [];
  }

  async #get(path: string, signal: AbortSignal): Promise<unknown> {
    try {
      return await readAnswer(await this.#deps.client.raw({ method: "GET", path, signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }
}

interface ServedName {
  readonly name: string;
  readonly kind: string;
}

const scaleOf = ({ metadata, spec, kind }: Replicated): Scaled => ({
  uid: metadata.uid,
  // A Scale leaves out a zero; a workload that says nothing has one.
  replicas: spec.replicas ?? (kind === "Scale" ? 0 : 1),
});

/** Workloads were in the group extensions once, and old references say so. */
const isOfGroup = (apiVersion: string, group: string) =>
  group === ""
    ? apiVersion === "v1"
    : apiVersion.startsWith(`${group}/`) || (group === "apps" && apiVersion.startsWith("extensions/"));
