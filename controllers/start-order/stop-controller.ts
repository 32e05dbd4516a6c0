// Keeps what others start after until those have stopped: by a finalizer, as long as something starts after it. Its pods stay
// meanwhile, because the garbage collector leaves the pods of an owner that is still there alone.

import { daemonSets } from "../../api/apps/daemon-set.ts";
import { deployments } from "../../api/apps/deployment.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { cronJobs } from "../../api/batch/cron-job.ts";
import { jobs } from "../../api/batch/job.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { services, type Service } from "../../api/core/service.ts";
import { formatKey, keyOf, type KubeObject, type ObjectKey } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import {
  dependenciesIn,
  formatDependency,
  STOPS_LAST,
  templateOf,
  type DependencyKind,
} from "../../api/start-order/dependencies.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change } from "../../client/informer.ts";
import { addFinalizer, removeFinalizer } from "../finalizer.ts";
import { ORPHAN } from "../garbage-collector/plan.ts";
import { findPath } from "./find-path.ts";
import { orderView, type OrderView } from "./order-view.ts";
import { planStop } from "./plan-stop.ts";

/** What can be held back. A job ends by itself, and a pod's node stops it as soon as it is deleted. */
const held: Partial<Record<DependencyKind, ResourceDefinition>> = {
  deployment: deployments,
  statefulset: statefulSets,
  daemonset: daemonSets,
  service: services,
};

/** One for each kind that can be held back. */
export const stopOrderControllers: readonly Controller[] = Object.entries(held).map(([kind, resource]) =>
  stopOrderController(kind as DependencyKind, resource),
);

function stopOrderController(kind: DependencyKind, resource: ResourceDefinition): Controller {
  return {
    name: `stop-order-${kind}`,
    for: resource,
    watches: [
      { resource: pods, map: (change, deps) => namedBy({ kind, change, deps }) },
      { resource: services, map: (change, deps) => behindNamed(kind, change.object as Service, deps) },
      ...[deployments, statefulSets, daemonSets, jobs, cronJobs].map((each) => ({
        resource: each,
        map: (change: Change<KubeObject>, deps: ControllerDeps) => namedBy({ kind, change, deps }),
      })),
    ],
    build: (deps) => new StopOrderReconciler(deps, kind, resource),
  };
}

interface NamedChange {
  readonly kind: DependencyKind;
  readonly change: Change<KubeObject>;
  readonly deps: ControllerDeps;
}

/** The objects of the kind that the changed one starts after, or did before. */
function namedBy({ kind, change, deps }: NamedChange): readonly ObjectKey[] {
  const { namespace } = change.object.metadata;
  const versions = change.type === "updated" ? [change.object, change.before] : [change.object];
  const named = versions.flatMap((each) => dependenciesIn((templateOf(each) ?? each).metadata?.annotations));
  return named.flatMap((dependency) => {
    if (dependency.kind === kind) return [{ namespace, name: dependency.name }];
    const service = dependency.kind === "service" && orderView(deps).find(namespace ?? "", dependency);
    return service ? behind(kind, service as Service, deps) : [];
  });
}

/** What makes pods for a service stops last where the service does. */
function behind(kind: DependencyKind, service: Service, deps: ControllerDeps): readonly ObjectKey[] {
  const { namespace } = service.metadata;
  const found = orderView(deps).workloadsBehind(service);
  return found.filter((each) => each.kind === kind).map(({ name }) => ({ namespace, name }));
}

/** A service that nobody starts after concerns nobody. */
function behindNamed(kind: DependencyKind, service: Service, deps: ControllerDeps): readonly ObjectKey[] {
  const { name, namespace = "" } = service.metadata;
  return orderView(deps).isNamed(namespace, [`service/${name}`]) ? behind(kind, service, deps) : [];
}

class StopOrderReconciler implements Reconciler<KubeObject> {
  readonly #deps: ControllerDeps;
  readonly #kind: DependencyKind;
  readonly #resource: ResourceDefinition;
  readonly #view: OrderView;
  /** When each deletion was first seen, on the monotonic clock, by namespace and name. */
  readonly #deletedMs = new Map<string, { readonly uid: string; readonly ms: number }>();

  constructor(deps: ControllerDeps, kind: DependencyKind, resource: ResourceDefinition) {
    this.#deps = deps;
    this.#kind = kind;
    this.#resource = resource;
    this.#view = orderView(deps);
  }

  async reconcile(object: KubeObject): Promise<void> {
    const { namespace = "" } = object.metadata;
    const change = { resource: this.#resource, object, finalizer: STOPS_LAST };
    const isNamed = this.#view.hasDependents(namespace) && this.#view.isNamed(namespace, this.#identitiesOf(object));
    if (isNamed) await addFinalizer(this.#deps.client, change);
    else await removeFinalizer(this.#deps.client, change);
  }

  async finalize(object: KubeObject): Promise<Requeue | void> {
    const { finalizers = [] } = object.metadata;
    if (!finalizers.includes(STOPS_LAST)) return;
    const dependents = this.#dependentsOf(object);
    const staying = dependents.filter((pod) => !this.#view.isLeaving(pod));
    const plan = planStop({
      isOrphaning: finalizers.includes(ORPHAN),
      deletedMs: this.#sinceDeletion(object),
      leaving: dependents.length - staying.length,
      staying: staying.length,
    });
    if (plan.action === "wait") return plan.afterMs === undefined ? undefined : { afterMs: plan.afterMs };
    if (plan.leavesBehind) {
      const names = [...new Set(staying.map((pod) => this.#view.workloadOf(pod)))].sort().join(", ");
      const message = `Stopping although what starts after it has not been deleted: ${names}`;
      this.#deps.events.record({ object }, "Warning", "DependentsStay", message);
    }
    await removeFinalizer(this.#deps.client, { resource: this.#resource, object, finalizer: STOPS_LAST });
  }

  forget(key: ObjectKey): void {
    this.#deletedMs.delete(formatKey(key));
  }

  /** A workload is named by the services before it, too. */
  #identitiesOf(object: KubeObject): readonly string[] {
    const { name, namespace = "" } = object.metadata;
    const labels = templateOf(object)?.metadata?.labels;
    const byService = labels ? this.#view.servicesSelecting(namespace, labels) : [];
    return [formatDependency({ kind: this.#kind, name }), ...byService];
  }

  /** But for those that it starts after itself: nobody waits in a circle. */
  #dependentsOf(object: KubeObject): readonly Pod[] {
    const { namespace = "" } = object.metadata;
    const identities = this.#identitiesOf(object);
    const edgesOf = (id: string) => this.#view.edgesOf(namespace, id);
    return this.#view
      .dependentPods(namespace, identities)
      .filter((pod) => !findPath(identities, edgesOf, new Set(this.#view.identitiesOf(pod))));
  }

  /** Measured here: other machines' clocks do not matter. */
  #sinceDeletion(object: KubeObject): number {
    const nowMs = this.#deps.clock.monotonic();
    const id = formatKey(keyOf(object));
    const { uid } = object.metadata;
    const known = this.#deletedMs.get(id);
    const seen = known?.uid === uid ? known : { uid, ms: nowMs };
    this.#deletedMs.set(id, seen);
    return nowMs - seen.ms;
  }
}
