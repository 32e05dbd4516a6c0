// Deletes what nobody owns any more, over all kinds. Not a Controller, which is for one kind; it shares the queue and its
// back-off. Nothing is deleted on the word of a cache: an owner that is missing there is asked for at the server.

import { formatKey, keyOf, type KubeObject, type ObjectKey } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound, isConflict, isNotFound } from "../../api/meta/status.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { STOPS_LAST } from "../../api/start-order/dependencies.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { WorkQueue } from "../../client/workqueue.ts";
import { OwnerGraph, ownerKey, type GraphNode } from "./owner-graph.ts";
import {
  blocks,
  FOREGROUND,
  isWaitingFor,
  ORPHAN,
  planCollection,
  type Owner,
  type OwnerState,
  type Relations,
} from "./plan.ts";

const CONCURRENCY = 20;
/** Owners known to be gone for good; the oldest are forgotten. */
const ABSENT_MAX = 500;

/** Collects until `signal` is aborted. `resources`: all kinds that may own or be owned. */
export async function runGarbageCollector(
  resources: readonly ResourceDefinition[],
  deps: ControllerDeps,
  signal: AbortSignal,
): Promise<void> {
  const log = deps.log.with({ controller: "garbage-collector" });
  const used: Informer<KubeObject>[] = [];
  const informer: ControllerDeps["informer"] = (resource, indexers) => {
    const found = deps.informer(resource, indexers);
    used.push(found);
    return found;
  };
  const collector = new GarbageCollector({ ...deps, log, informer }, resources);
  try {
    await Promise.all(used.map(({ synced }) => synced));
    collector.listen();
    await Promise.all(Array.from({ length: CONCURRENCY }, () => collector.work(signal)));
  } catch (error) {
    // Informers that are stopped before their first list reject; that is how the collector ends then.
    if (!signal.aborted) throw error;
  } finally {
    collector.stop();
  }
}

class GarbageCollector {
  readonly #deps: ControllerDeps;
  readonly #graph: OwnerGraph;
  readonly #queue: WorkQueue;
  readonly #resources: ReadonlyMap<string, ResourceDefinition>;
  readonly #absent = new Set<string>();
  #stops: (() => void)[] = [];

  constructor(deps: ControllerDeps, resources: readonly ResourceDefinition[]) {
    this.#deps = deps;
    this.#graph = new OwnerGraph(resources, deps.informer);
    this.#queue = new WorkQueue({ name: "garbage-collector", clock: deps.clock, metrics: deps.metrics });
    this.#resources = new Map(resources.map((resource) => [resourceId(resource), resource]));
  }

  listen(): void {
    for (const [resource, informer] of this.#graph.informers) {
      this.#stops.push(informer.onChange((change) => this.#onChange(resource, change)));
    }
  }

  stop(): void {
    this.#stops.forEach((stop) => stop());
    this.#stops = [];
    this.#queue.clear();
  }

  async work(signal: AbortSignal): Promise<void> {
    for (let key = await this.#queue.take(signal); key !== undefined; key = await this.#queue.take(signal)) {
      try {
        await this.#collect(key);
        this.#queue.forget(key);
      } catch (error) {
        if (!signal.aborted) this.#retry(key, error);
      }
      this.#queue.done(key);
    }
  }

  #retry(key: string, error: unknown): void {
    const failures = this.#queue.retry(key);
    if (isConflict(error)) return;
    this.#deps.log.error("Collecting failed; it is tried again", { key, failures, error });
  }

  /** Objects with owners are looked at when they appear or their owners change; what a deletion concerns, when it happens. */
  #onChange(resource: ResourceDefinition, change: Change<KubeObject>): void {
    const { type, object } = change;
    const { ownerReferences = [], uid } = object.metadata;
    if (type === "deleted") {
      const dependents = this.#graph.dependentsOf(uid);
      // Nobody will ask for the others, and they would push out those that many ask for.
      if (dependents.length > 0) this.#rememberAbsent(uid, keyOf(object));
      this.#addAll(dependents);
      this.#addOwners(object);
      return;
    }
    const waits = isWaitingFor(object, FOREGROUND) || isWaitingFor(object, ORPHAN);
    if (waits) this.#addAll(this.#graph.dependentsOf(uid));
    const isOwnedAnew =
      type === "added" || !semanticEqual(change.before.metadata.ownerReferences ?? [], ownerReferences);
    if (waits || (isOwnedAnew && ownerReferences.length > 0)) this.#queue.add(queueKey(resource, keyOf(object)));
    // A dependent that lets go of its owner may be what the owner waits for.
    if (type === "updated") this.#addOwners(change.before);
  }

  #addAll(nodes: readonly GraphNode[]): void {
    for (const { resource, object } of nodes) this.#queue.add(queueKey(resource, keyOf(object)));
  }

  /** Owners that wait for this dependent. */
  #addOwners(dependent: KubeObject): void {
    for (const reference of dependent.metadata.ownerReferences ?? []) {
      const resource = this.#graph.resourceOf(reference);
      const key = resource && ownerKey(resource, reference, dependent);
      const owner = key && this.#graph.get(resource, key);
      if (owner && isWaitingFor(owner, FOREGROUND)) this.#queue.add(queueKey(resource, key));
    }
  }

  async #collect(text: string): Promise<void> {
    const { id, key } = parseQueueKey(text);
    const resource = this.#resources.get(id);
    const object = resource && this.#graph.get(resource, key);
    if (!object) return;
    const node = { resource, object };
    if (isWaitingFor(object, ORPHAN)) return this.#orphanDependents(node);
    if (isWaitingFor(object, FOREGROUND)) await this.#finishForeground(node);
    const owners = await Promise.all(
      (object.metadata.ownerReferences ?? []).map(async (reference) => ({
        reference,
        state: await this.#ownerState(node, reference),
      })),
    );
    const dependents = this.#graph.dependentsOf(object.metadata.uid).map((each) => each.object);
    await this.#apply(node, { owners, dependents });
  }

  async #apply({ resource, object }: GraphNode, relations: Relations): Promise<void> {
    const plan = planCollection(object, relations);
    if (plan.action === "release") return this.#release({ resource, object }, plan.uids);
    if (plan.action === "unblock") return this.#unblock({ resource, object });
    if (plan.action === "keep") return;
    const { uid, resourceVersion } = object.metadata;
    const options = { propagationPolicy: plan.propagation, preconditions: { uid, resourceVersion } };
    await this.#deps.client.delete(resource, keyOf(object), options).catch(ignoreNotFound);
  }

  async #ownerState({ resource, object }: GraphNode, reference: Owner["reference"]): Promise<OwnerState> {
    const owner = this.#graph.resourceOf(reference);
    if (!owner) return "unknown";
    const key = ownerKey(owner, reference, object);
    const cached = this.#graph.get(owner, key);
    if (cached?.metadata.uid === reference.uid) return stateOf(cached);
    this.#reportWrongNamespace(owner, object, reference);
    if (resource.scope === "Cluster" && owner.scope === "Namespaced") return "unknown";
    if (this.#absent.has(absentId(reference.uid, key))) return "absent";
    const live = await this.#ask(owner, key, reference.uid);
    return live ? stateOf(live) : "absent";
  }

  /** An owner in another namespace is none: its kind and name are looked for where the dependent is. */
  #reportWrongNamespace(owner: ResourceDefinition, dependent: KubeObject, reference: Owner["reference"]): void {
    const { namespace = "" } = dependent.metadata;
    const { apiVersion, kind, name, uid } = reference;
    const found = this.#graph.find(owner, uid);
    if (owner.scope === "Cluster" || !found || found.metadata.namespace === namespace) return;
    const text = `[${apiVersion}/${kind}, namespace: ${namespace}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${text} does not exist in namespace "${namespace}"`;
    this.#deps.events.record({ object: dependent }, "Warning", "OwnerRefInvalidNamespace", message);
  }

  async #ask(resource: ResourceDefinition, key: ObjectKey, uid: string): Promise<KubeObject | undefined> {
    try {
      const live = await this.#deps.client.get(resource, key);
      if (live.metadata.uid === uid) return live;
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    this.#rememberAbsent(uid, key);
    return undefined;
  }

  /** Foreground deletion ends when nothing blocks it any more. */
  async #finishForeground(node: GraphNode): Promise<void> {
    const { uid } = node.object.metadata;
    if (this.#graph.dependentsOf(uid).some(({ object }) => blocks(object, uid))) return;
    await this.#dropFinalizer(node, FOREGROUND);
  }

  async #orphanDependents(node: GraphNode): Promise<void> {
    const { uid } = node.object.metadata;
    await Promise.all(this.#graph.dependentsOf(uid).map((dependent) => this.#release(dependent, [uid])));
    await this.#dropFinalizer(node, ORPHAN);
  }

  async #dropFinalizer({ resource, object }: GraphNode, finalizer: string): Promise<void> {
    const { resourceVersion, finalizers = [] } = object.metadata;
    const patch = { metadata: { resourceVersion, finalizers: finalizers.filter((each) => each !== finalizer) } };
    await this.#deps.client.patch(resource, keyOf(object), { type: "merge", patch }).catch(ignoreNotFound);
  }

  async #release({ resource, object }: GraphNode, uids: readonly string[]): Promise<void> {
    const { resourceVersion, ownerReferences = [] } = object.metadata;
    const kept = ownerReferences.filter(({ uid }) => !uids.includes(uid));
    const patch = { metadata: { resourceVersion, ownerReferences: kept } };
    await this.#deps.client.patch(resource, keyOf(object), { type: "merge", patch }).catch(ignoreNotFound);
  }

  async #unblock({ resource, object }: GraphNode): Promise<void> {
    const { resourceVersion, ownerReferences = [] } = object.metadata;
    const unblocked = ownerReferences.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
    const patch = { metadata: { resourceVersion, ownerReferences: unblocked } };
    await this.#deps.client.patch(resource, keyOf(object), { type: "merge", patch }).catch(ignoreNotFound);
  }

  #rememberAbsent(uid: string, key: ObjectKey): void {
    this.#absent.add(absentId(uid, key));
    const [oldest] = this.#absent;
    if (this.#absent.size > ABSENT_MAX && oldest !== undefined) this.#absent.delete(oldest);
  }
}

/** What has to stop last keeps what it owns until then. */
const stateOf = (owner: KubeObject): OwnerState =>
  isWaitingFor(owner, FOREGROUND) && !isWaitingFor(owner, STOPS_LAST) ? "deleting-in-foreground" : "present";

/** With its place: a dependent that names the right uid in the wrong namespace has no owner there. */
const absentId = (uid: string, key: ObjectKey) => `${uid} ${formatKey(key)}`;

const resourceId = (resource: ResourceDefinition) => `${resource.plural}.${resource.group}`;

const queueKey = (resource: ResourceDefinition, key: ObjectKey) => `${resourceId(resource)} ${formatKey(key)}`;

function parseQueueKey(text: string): { readonly id: string; readonly key: ObjectKey } {
  const space = text.indexOf(" ");
  const slash = text.indexOf("/", space);
  const name = text.slice(Math.max(space, slash) + 1);
  return { id: text.slice(0, space), key: slash < 0 ? { name } : { namespace: text.slice(space + 1, slash), name } };
}
