// Lets pods go that start after others, once those are ready, and has those restart that want to restart along with them. What a
// pod waits for is told by its condition PodScheduled and by events; a pod that waits for itself waits until somebody changes that.

import { daemonSets } from "../../api/apps/daemon-set.ts";
import { deployments } from "../../api/apps/deployment.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { jobs } from "../../api/batch/job.ts";
import { isPodTerminal, podCondition } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { services } from "../../api/core/service.ts";
import { endpointSlices, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import { keyOf, type KubeObject, type ObjectKey } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { hasReason, ignoreNotFound, isNotFound } from "../../api/meta/status.ts";
import {
  dependenciesIn,
  formatDependency,
  restartsAlong,
  STARTED_WITH,
  STARTS_AFTER,
  type Dependency,
} from "../../api/start-order/dependencies.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change } from "../../client/informer.ts";
import { formatTime } from "../../lib/clock.ts";
import { findPath } from "./find-path.ts";
import { problemOf } from "./judge-dependency.ts";
import { orderView, serviceOf, type OrderView } from "./order-view.ts";
import { formatStartedWith, isRestarted, parseStartedWith, readyMark } from "./plan-restart.ts";

/** A disruption budget is asked again so often. */
const BLOCKED_MS = 10_000;

export const startOrderController: Controller<Pod> = {
  name: "start-order",
  for: pods,
  watches: [
    ...[deployments, statefulSets, daemonSets, jobs, services].map((resource) => ({
      resource: resource,
      map: ({ object }: Change<KubeObject>, deps: ControllerDeps) =>
        dependentsOf(deps, object.metadata.namespace, [`${resource.kind.toLowerCase()}/${object.metadata.name}`]),
    })),
    {
      resource: endpointSlices,
      map: (change, deps) => {
        const { object } = change as Change<EndpointSlice>;
        return dependentsOf(deps, object.metadata.namespace, [`service/${serviceOf(object) ?? ""}`]);
      },
    },
    { resource: pods, map: (change, deps) => dependentsOfPod(change as Change<Pod>, deps) },
  ],
  build: (deps) => new StartOrderReconciler(deps),
};

const dependentsOf = (deps: ControllerDeps, namespace = "", identities: readonly string[]): readonly ObjectKey[] =>
  orderView(deps).dependentPods(namespace, identities).map(keyOf);

/** Only a pod that has become ready, or is so no more, concerns others. */
function dependentsOfPod(change: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  const { object: pod } = change;
  const { namespace = "" } = pod.metadata;
  const view = orderView(deps);
  if (change.type === "updated" && readyMark(change.before) === readyMark(pod)) return [];
  return view.hasDependentPods(namespace) ? dependentsOf(deps, namespace, view.identitiesOf(pod)) : [];
}

/** What of a pod's dependencies stands in its way, and what is ready. */
interface Judgement {
  readonly dependency: Dependency;
  readonly problem: string | undefined;
  readonly marks: readonly string[];
}

class StartOrderReconciler implements Reconciler<Pod> {
  readonly #deps: ControllerDeps;
  readonly #view: OrderView;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#view = orderView(deps);
  }

  async reconcile(pod: Pod, signal: AbortSignal): Promise<Requeue | void> {
    if (isPodTerminal(pod) || pod.metadata.deletionTimestamp) return;
    if (pod.spec.schedulingGates?.some(({ name }) => name === STARTS_AFTER)) return this.#start(pod);
    const { annotations } = pod.metadata;
    if (annotations?.[STARTED_WITH] !== undefined && restartsAlong(annotations))
      return this.#followRestart(pod, signal);
  }

  #judge(pod: Pod): readonly Judgement[] {
    const { namespace = "", annotations } = pod.metadata;
    return dependenciesIn(annotations).map((dependency) => {
      const object = this.#view.find(namespace, dependency);
      const marks = this.#view.readyMarks(dependency, object);
      const problem = problemOf(dependency.kind, object, this.#view.readyBehind(dependency, object, marks));
      return { dependency, problem, marks };
    });
  }

  async #start(pod: Pod): Promise<void> {
    const judged = this.#judge(pod);
    const circle = this.#circleOf(pod);
    const waiting = judged.filter(({ problem }) => problem !== undefined);
    if (!circle && waiting.length === 0) return this.#open(pod, judged);
    const reasons = waiting.map(({ dependency, problem }) => `${formatDependency(dependency)} ${problem}`);
    await this.#tell(pod, circle ? `it waits for itself: ${circle.join(" after ")}` : reasons.join(", "));
  }

  /** The way from the pod's dependencies back to the pod. */
  #circleOf(pod: Pod): readonly string[] | undefined {
    const { namespace = "", annotations } = pod.metadata;
    const identities = new Set(this.#view.identitiesOf(pod));
    const first = dependenciesIn(annotations).map(formatDependency);
    const path = findPath(first, (id) => this.#view.edgesOf(namespace, id), identities);
    return path && [path.at(-1) ?? "", ...path];
  }

  /** What it started with is written with the same stroke: a crash cannot come between. */
  async #open(pod: Pod, judged: readonly Judgement[]): Promise<void> {
    const { annotations, uid, resourceVersion } = pod.metadata;
    const known = judged.filter(({ marks }) => marks.length > 0);
    const marks = Object.fromEntries(known.map(({ dependency, marks }) => [formatDependency(dependency), marks]));
    const patch = {
      metadata: {
        uid,
        resourceVersion,
        ...(restartsAlong(annotations) && { annotations: { [STARTED_WITH]: formatStartedWith(marks) } }),
      },
      spec: { schedulingGates: pod.spec.schedulingGates?.filter(({ name }) => name !== STARTS_AFTER) },
    };
    try {
      await this.#deps.client.patch(pods, keyOf(pod), { type: "merge", patch });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      return;
    }
    if (judged.length === 0) return;
    const names = judged.map(({ dependency }) => formatDependency(dependency)).join(", ");
    this.#deps.events.record({ object: pod }, "Normal", "DependenciesReady", `Ready: ${names}`);
  }

  /** The condition is what remembers that it was told. */
  async #tell(pod: Pod, why: string): Promise<void> {
    const message = `Waiting to start: ${why}`;
    const known = podCondition(pod, "PodScheduled");
    if (known?.message === message) return;
    const lastTransitionTime = formatTime(this.#deps.clock.now());
    const next = { type: "PodScheduled", status: "False", reason: "SchedulingGated", message } as const;
    const conditions = setCondition(pod.status.conditions, { ...known, ...next, lastTransitionTime });
    const { uid, resourceVersion } = pod.metadata;
    const patch = { metadata: { uid, resourceVersion }, status: { conditions } };
    const options = { subresource: "status" };
    await this.#deps.client.patch(pods, keyOf(pod), { type: "merge", patch }, options).catch(ignoreNotFound);
    this.#deps.events.record({ object: pod }, "Normal", "WaitingForDependencies", message);
  }

  async #followRestart(pod: Pod, signal: AbortSignal): Promise<Requeue | void> {
    const then = parseStartedWith(pod.metadata.annotations?.[STARTED_WITH] ?? "");
    const judged = this.#judge(pod);
    const restarted = judged.find(({ dependency, problem, marks }) => {
      const recorded = then[formatDependency(dependency)] ?? [];
      return problem === undefined && isRestarted(recorded, marks);
    });
    if (!restarted) return;
    const name = formatDependency(restarted.dependency);
    if (!controllerOf(pod)) return this.#leave(pod, name, judged);
    return this.#evict(pod, name, signal);
  }

  async #evict(pod: Pod, dependency: string, signal: AbortSignal): Promise<Requeue | void> {
    const { name, namespace, uid } = pod.metadata;
    const target = { namespace, name, subresource: "eviction" };
    const body = { metadata: { name, namespace }, deleteOptions: { preconditions: { uid } } };
    try {
      await this.#deps.client.createSubresource(pods, target, body, { signal });
    } catch (error) {
      if (isNotFound(error)) return;
      if (!hasReason(error, "TooManyRequests")) throw error;
      const message = `${dependency} has been restarted, but a disruption budget does not let this pod restart now`;
      this.#deps.events.record({ object: pod }, "Warning", "RestartBlocked", message);
      return { afterMs: BLOCKED_MS };
    }
    const message = `Evicted because ${dependency} has been restarted`;
    this.#deps.events.record({ object: pod }, "Normal", "RestartedAlong", message);
  }

  /** Nobody would make the pod anew. It is told once, and goes with what is there now. */
  async #leave(pod: Pod, dependency: string, judged: readonly Judgement[]): Promise<void> {
    const { uid, resourceVersion } = pod.metadata;
    const marks = Object.fromEntries(judged.map((each) => [formatDependency(each.dependency), each.marks]));
    const patch = { metadata: { uid, resourceVersion, annotations: { [STARTED_WITH]: formatStartedWith(marks) } } };
    await this.#deps.client.patch(pods, keyOf(pod), { type: "merge", patch }).catch(ignoreNotFound);
    const message = `${dependency} has been restarted, but nothing controls this pod that would make it anew`;
    this.#deps.events.record({ object: pod }, "Warning", "NotRestarted", message);
  }
}
