// Empties a namespace that is being deleted, then lets it go. Pods go before everything else (KEP-5080), so that nothing
// they rely on is taken from under them; and before those that they start after. Conditions are Kubernetes'.

import { namespaces, type Namespace, type NamespaceCondition } from "../api/core/namespace.ts";
import { pods } from "../api/core/pod.ts";
import { setCondition } from "../api/meta/condition-list.ts";
import { keyOf, type KubeObject } from "../api/meta/object.ts";
import { semanticEqual } from "../api/meta/semantic-equal.ts";
import { ignoreNotFound, isConflict, isNotFound } from "../api/meta/status.ts";
import { resourcePath, type ResourceDefinition } from "../api/resource.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import type { Informer } from "../client/informer.ts";
import { readAnswer } from "../client/response-body.ts";
import { formatTime } from "../lib/clock.ts";
import { orderView } from "./start-order/order-view.ts";
import { planTakeDown } from "./start-order/plan-take-down.ts";

const FINALIZER = "kubernetes";
/** Deletions are seen as they happen; this is for objects of kinds that are not watched. */
const RETRY_MS = 5_000;

export function namespaceController(resources: readonly ResourceDefinition[]): Controller<Namespace> {
  const contents = resources.filter(
    ({ scope, verbs }) => scope === "Namespaced" && (verbs?.includes("deletecollection") ?? true),
  );
  return {
    name: "namespace",
    for: namespaces,
    watches: contents.map((resource) => ({
      resource,
      map: ({ type, object }, deps) =>
        type === "deleted" && isTerminating(deps.informer(namespaces), object)
          ? [{ name: object.metadata.namespace ?? "" }]
          : [],
    })),
    build: (deps) => new NamespaceReconciler(deps, contents),
  };
}

function isTerminating(cache: Informer<Namespace>, object: KubeObject): boolean {
  return cache.get({ name: object.metadata.namespace ?? "" })?.metadata.deletionTimestamp !== undefined;
}

/** What is left of one kind. */
interface Remainder {
  readonly resource: ResourceDefinition;
  readonly count: number;
  readonly finalizers: readonly string[];
}

/** `nowMs` since 1970. */
export function planConditions(
  namespace: Namespace,
  left: readonly Remainder[],
  nowMs: number,
): readonly NamespaceCondition[] {
  const facts: Omit<NamespaceCondition, "lastTransitionTime">[] = [
    fact("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    fact(
      "NamespaceDeletionGroupVersionParsingFailure",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    fact(
      "NamespaceDeletionContentFailure",
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ),
    remaining(left),
    finalizing(left),
  ];
  const lastTransitionTime = formatTime(nowMs);
  return facts.reduce<readonly NamespaceCondition[]>(
    (conditions, each) => setCondition(conditions, { ...each, lastTransitionTime }),
    namespace.status.conditions ?? [],
  );
}

const fact = (type: string, reason: string, message: string) => ({ type, status: "False" as const, reason, message });

function remaining(left: readonly Remainder[]): Omit<NamespaceCondition, "lastTransitionTime"> {
  const type = "NamespaceContentRemaining";
  if (left.length === 0) return fact(type, "ContentRemoved", "All content successfully removed");
  const counts = left.map(({ resource, count }) => `${qualifiedName(resource)} has ${count} resource instances`);
  const message = `Some resources are remaining: ${counts.sort().join(", ")}`;
  return { type, status: "True", reason: "SomeResourcesRemain", message };
}

function finalizing(left: readonly Remainder[]): Omit<NamespaceCondition, "lastTransitionTime"> {
  const type = "NamespaceFinalizersRemaining";
  const counts = new Map<string, number>();
  for (const name of left.flatMap(({ finalizers }) => finalizers)) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return fact(type, "ContentHasNoFinalizers", "All content-preserving finalizers finished");
  const texts = [...counts].map(([name, count]) => `${name} in ${count} resource instances`);
  const message = `Some content in the namespace has finalizers remaining: ${texts.sort().join(", ")}`;
  return { type, status: "True", reason: "SomeFinalizersRemain", message };
}

const qualifiedName = ({ plural, group }: ResourceDefinition) => (group ? `${plural}.${group}` : `${plural}.`);

class NamespaceReconciler implements Reconciler<Namespace> {
  readonly #deps: ControllerDeps;
  readonly #contents: readonly ResourceDefinition[];

  constructor(deps: ControllerDeps, contents: readonly ResourceDefinition[]) {
    this.#deps = deps;
    this.#contents = contents;
    orderView(deps);
  }

  async reconcile(): Promise<void> {
    // A namespace that is wanted needs nothing.
  }

  async finalize(namespace: Namespace, signal: AbortSignal): Promise<Requeue | void> {
    if (!namespace.spec.finalizers?.includes(FINALIZER)) return;
    const left = await this.#empty(namespace.metadata.name, signal);
    const conditions = planConditions(namespace, left, this.#deps.clock.now());
    const current = await this.#writeConditions(namespace, conditions);
    if (left.length > 0) return { afterMs: RETRY_MS };
    const finalizers = current.spec.finalizers?.filter((name) => name !== FINALIZER);
    const done = { ...current, spec: { ...current.spec, finalizers } };
    await this.#deps.client.update(namespaces, done, { subresource: "finalize" }).catch(ignoreGone);
  }

  /** Deletes what is there, pods first; resolves with what is left. */
  async #empty(name: string, signal: AbortSignal): Promise<readonly Remainder[]> {
    const leftPods = (await this.#deleteFirst(name, signal)) ?? (await this.#deleteAll(pods, name, signal));
    if (leftPods) return [leftPods];
    const others = this.#contents.filter(({ plural, group }) => plural !== pods.plural || group !== pods.group);
    const left = await Promise.all(others.map((resource) => this.#deleteAll(resource, name, signal)));
    return left.filter((each) => each !== undefined);
  }

  /** The pods that nothing left here starts after. Undefined: that is all of them, or they are in no order at all. */
  async #deleteFirst(namespace: string, signal: AbortSignal): Promise<Remainder | undefined> {
    const { client } = this.#deps;
    const { items } = await client.list(pods, { namespace, signal });
    const view = orderView(this.#deps);
    const first = planTakeDown(items, {
      identitiesOf: (pod) => view.identitiesOf(pod),
      edgesOf: (id) => view.edgesOf(namespace, id),
    });
    if (first.length === items.length) return undefined;
    for (const pod of first.filter(({ metadata }) => !metadata.deletionTimestamp)) {
      const options = { preconditions: { uid: pod.metadata.uid }, signal };
      await client.delete(pods, keyOf(pod), options).catch(ignoreNotFound);
    }
    const finalizers = items.flatMap(({ metadata }) => metadata.finalizers ?? []);
    return { resource: pods, count: items.length, finalizers };
  }

  async #deleteAll(
    resource: ResourceDefinition,
    namespace: string,
    signal: AbortSignal,
  ): Promise<Remainder | undefined> {
    const before = await this.#deps.client.list(resource, { namespace, signal });
    if (before.items.length === 0) return undefined;
    const path = resourcePath(resource, { namespace });
    const response = await this.#deps.client.raw({ method: "DELETE", path, signal });
    await readAnswer(response).catch(ignoreNotFound);
    const { items } = await this.#deps.client.list(resource, { namespace, signal });
    const finalizers = items.flatMap(({ metadata }) => metadata.finalizers ?? []);
    return items.length === 0 ? undefined : { resource, count: items.length, finalizers };
  }

  async #writeConditions(namespace: Namespace, conditions: readonly NamespaceCondition[]): Promise<Namespace> {
    if (semanticEqual(conditions, namespace.status.conditions)) return namespace;
    const next = { ...namespace, status: { ...namespace.status, conditions } };
    return this.#deps.client.update(namespaces, next, { subresource: "status" });
  }
}

/** Somebody else has finished the work; the cache will show it. */
function ignoreGone(error: unknown): undefined {
  if (isNotFound(error) || isConflict(error)) return undefined;
  throw error;
}
