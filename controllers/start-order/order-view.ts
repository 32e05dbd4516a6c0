// Who starts after whom, read from the shared caches. An identity is what an annotation may call an object, `statefulset/db`,
// within its namespace; a pod is also called by what controls it and by the services that select it.

import { cronJobs } from "../../api/batch/cron-job.ts";
import { daemonSets } from "../../api/apps/daemon-set.ts";
import { deployments } from "../../api/apps/deployment.ts";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { jobs } from "../../api/batch/job.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { replicationControllers } from "../../api/core/replication-controller.ts";
import { services, type Service } from "../../api/core/service.ts";
import { endpointSlices, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import {
  dependenciesIn,
  dependencyKinds,
  formatDependency,
  templateOf,
  type Dependency,
  type DependencyKind,
} from "../../api/start-order/dependencies.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Indexers, Informer } from "../../client/informer.ts";
import { BY_NAMESPACE, byNamespace } from "../by-namespace.ts";
import { podIndexers, podsBehind, selectsPods } from "../endpoints/service-pods.ts";
import { BY_CONTROLLER, ownershipIndexers } from "../ownership-index.ts";
import { readyMarks } from "./plan-restart.ts";
import type { ReadyBehind } from "./judge-dependency.ts";

const BY_DEPENDENCY = "starts-after";
const HAVING_DEPENDENCIES = "having-dependencies-in-namespace";
const BY_SERVICE = "service-name";
const SERVICE_NAME = "kubernetes.io/service-name";

/** What makes pods and can be waited for, or is asked whether it stays. */
const workloadKinds: readonly ResourceDefinition[] = [deployments, statefulSets, daemonSets, jobs];
const ownerKinds: readonly ResourceDefinition[] = [...workloadKinds, replicaSets, replicationControllers, cronJobs];

type Strings = Readonly<Record<string, string>>;

const idsIn = ({ metadata }: KubeObject, annotations: Strings | undefined): readonly string[] =>
  dependenciesIn(annotations).map((each) => `${metadata.namespace ?? ""}/${formatDependency(each)}`);

/** So that a namespace in which nobody asks for an order costs next to nothing. */
const namespaceIf = (object: KubeObject, annotations: Strings | undefined): readonly string[] =>
  dependenciesIn(annotations).length > 0 ? [object.metadata.namespace ?? ""] : [];

const podIndexes: Indexers<Pod> = {
  ...podIndexers,
  ...ownershipIndexers,
  [BY_DEPENDENCY]: (pod) => idsIn(pod, pod.metadata.annotations),
  [HAVING_DEPENDENCIES]: (pod) => namespaceIf(pod, pod.metadata.annotations),
};
const ownerIndexes: Indexers<KubeObject> = {
  ...ownershipIndexers,
  ...byNamespace,
  [BY_DEPENDENCY]: (object) => idsIn(object, templateOf(object)?.metadata?.annotations),
  [HAVING_DEPENDENCIES]: (object) => namespaceIf(object, templateOf(object)?.metadata?.annotations),
};
const sliceIndexes: Indexers<EndpointSlice> = {
  [BY_SERVICE]: ({ metadata }) => [`${metadata.namespace ?? ""}/${metadata.labels?.[SERVICE_NAME] ?? ""}`],
};

/** The service that a slice has endpoints of. */
export const serviceOf = ({ metadata }: EndpointSlice): string | undefined => metadata.labels?.[SERVICE_NAME];

const isOf = (resource: ResourceDefinition, { apiVersion, kind }: OwnerReference) =>
  kind === resource.kind && apiVersion.split("/").slice(0, -1).join("/") === resource.group;

const kindNamed = (resource: ResourceDefinition): DependencyKind | undefined =>
  (Object.keys(dependencyKinds) as DependencyKind[]).find((kind) => dependencyKinds[kind].kind === resource.kind);

const views = new WeakMap<ControllerDeps, OrderView>();

/** One view for each controller: its watch rules and its reconciler read the same. */
export function orderView(deps: ControllerDeps): OrderView {
  const known = views.get(deps) ?? new OrderView(deps);
  views.set(deps, known);
  return known;
}

export class OrderView {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;

  /** Asks for all informers that it reads. */
  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, podIndexes);
    this.#services = deps.informer(services, byNamespace);
    this.#slices = deps.informer(endpointSlices, sliceIndexes);
    ownerKinds.forEach((kind) => this.#owners(kind));
  }

  find(namespace: string, { kind, name }: Dependency): KubeObject | undefined {
    const resource: ResourceDefinition = dependencyKinds[kind];
    return this.#deps.informer(resource).get({ namespace, name });
  }

  /** Whether any pod of the namespace starts after something. */
  hasDependentPods(namespace: string): boolean {
    return this.#pods.byIndex(HAVING_DEPENDENCIES, namespace).length > 0;
  }

  /** The same, of what makes pods as well. */
  hasDependents(namespace: string): boolean {
    const isTemplate = (kind: ResourceDefinition) =>
      this.#owners(kind).byIndex(HAVING_DEPENDENCIES, namespace).length > 0;
    return this.hasDependentPods(namespace) || ownerKinds.some(isTemplate);
  }

  /** What annotations may call the pod. */
  identitiesOf(pod: Pod): readonly string[] {
    const { name, namespace = "", labels = {} } = pod.metadata;
    const owners = this.#ownersOf(pod).flatMap(({ resource, reference }) => {
      const kind = resource && kindNamed(resource);
      return kind ? [formatDependency({ kind, name: reference.name })] : [];
    });
    return [`pod/${name}`, ...owners, ...this.servicesSelecting(namespace, labels)];
  }

  servicesSelecting(namespace: string, labels: Strings): readonly string[] {
    return this.#services
      .byIndex(BY_NAMESPACE, namespace)
      .filter((service) => selects(service, labels))
      .map(({ metadata }) => `service/${metadata.name}`);
  }

  /** Pods, not yet at their end, that start after any of these. */
  dependentPods(namespace: string, identities: readonly string[]): readonly Pod[] {
    const found = identities.flatMap((id) => this.#pods.byIndex(BY_DEPENDENCY, `${namespace}/${id}`));
    return [...new Set(found)].filter((pod) => !isPodTerminal(pod));
  }

  /** Whether pods, or what makes pods, start after any of these. */
  isNamed(namespace: string, identities: readonly string[]): boolean {
    const isNamedByTemplate = (kind: ResourceDefinition, id: string) =>
      this.#owners(kind).byIndex(BY_DEPENDENCY, `${namespace}/${id}`).some(isOriginal);
    return (
      this.dependentPods(namespace, identities).length > 0 ||
      ownerKinds.some((kind) => identities.some((id) => isNamedByTemplate(kind, id)))
    );
  }

  /** What an object of this identity starts after itself; a service, what stands behind it. */
  edgesOf(namespace: string, identity: string): readonly string[] {
    const slash = identity.indexOf("/");
    const dependency = { kind: identity.slice(0, slash) as DependencyKind, name: identity.slice(slash + 1) };
    const object = this.find(namespace, dependency);
    if (!object) return [];
    if (dependency.kind === "service") return this.workloadsBehind(object as Service).map(formatDependency);
    const annotated = dependency.kind === "pod" ? object : templateOf(object);
    return dependenciesIn(annotated?.metadata?.annotations).map(formatDependency);
  }

  /** What makes pods that the service selects. */
  workloadsBehind(service: Service): readonly Dependency[] {
    return workloadKinds.flatMap((resource) => {
      const kind = kindNamed(resource);
      const all = kind ? this.#owners(resource).byIndex(BY_NAMESPACE, service.metadata.namespace ?? "") : [];
      const matching = all.filter((each) => selects(service, templateOf(each)?.metadata?.labels ?? {}));
      return kind ? matching.map(({ metadata }) => ({ kind, name: metadata.name })) : [];
    });
  }

  readyMarks(dependency: Dependency, object: KubeObject | undefined): readonly string[] {
    return object ? readyMarks(this.#podsOf(dependency, object)) : [];
  }

  /** What of the object is ready, by its pods' marks and its endpoints. */
  readyBehind({ kind, name }: Dependency, object: KubeObject | undefined, marks: readonly string[]): ReadyBehind {
    const namespace = object?.metadata.namespace ?? "";
    const slices = kind === "service" ? this.#slices.byIndex(BY_SERVICE, `${namespace}/${name}`) : [];
    const ready = slices.flatMap((slice) => slice.endpoints).filter(({ conditions }) => conditions.ready !== false);
    return { pods: marks.length, endpoints: ready.length };
  }

  /** The pod goes for good: with what controls it; or alone, where it is not known to come back. */
  isLeaving(pod: Pod): boolean {
    const owners = this.#ownersOf(pod);
    if (owners.every(({ resource }) => !resource)) return pod.metadata.deletionTimestamp !== undefined;
    return owners.some(({ resource, object }) => resource && (!object || object.metadata.deletionTimestamp));
  }

  /** What to call the pod in front of people: by the workload that made it. */
  workloadOf(pod: Pod): string {
    const { kind, name } = this.#ownersOf(pod).at(-1)?.reference ?? { kind: "Pod", name: pod.metadata.name };
    return `${kind.toLowerCase()}/${name}`;
  }

  /** From the nearest on. An owner that is gone has no object, one of an unknown kind no resource. */
  #ownersOf(pod: Pod): readonly OwnerLink[] {
    const links: OwnerLink[] = [];
    for (let reference = controllerOf(pod); reference && links.length < OWNERS_MAX;) {
      const { name, uid } = reference;
      const known = ownerKinds.find((each) => isOf(each, reference as OwnerReference));
      const cached = known && this.#owners(known).get({ namespace: pod.metadata.namespace, name });
      const object = cached?.metadata.uid === uid ? cached : undefined;
      links.push({ reference, resource: known, object });
      reference = object && controllerOf(object);
    }
    return links;
  }

  #podsOf({ kind }: Dependency, object: KubeObject): readonly Pod[] {
    if (kind === "pod") return [object as Pod];
    if (kind === "service") return podsBehind(object as Service, this.#pods);
    const { uid } = object.metadata;
    const makers = kind === "deployment" ? this.#owners(replicaSets).byIndex(BY_CONTROLLER, uid) : [object];
    return makers.flatMap(({ metadata }) => this.#pods.byIndex(BY_CONTROLLER, metadata.uid));
  }

  #owners(kind: ResourceDefinition): Informer<KubeObject> {
    return this.#deps.informer(kind, ownerIndexes);
  }
}

/** Owners above owners; more there are in no cluster but a broken one. */
const OWNERS_MAX = 5;

interface OwnerLink {
  readonly reference: OwnerReference;
  readonly resource: ResourceDefinition | undefined;
  readonly object: KubeObject | undefined;
}

/** Not one of those that another workload has made, which may be out of date. */
const isOriginal = (object: KubeObject): boolean => controllerOf(object) === undefined;

function selects(service: Service, labels: Strings): boolean {
  const selector = Object.entries(service.spec.selector ?? {});
  return selectsPods(service) && selector.every(([key, value]) => labels[key] === value);
}
