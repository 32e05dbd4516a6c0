// What is still wrong with a cluster that has had time to recover: an empty list means that desired and actual state agree,
// from the deployments down to the containers on the nodes and up again to the endpoints of the services. Pure.

import type { Deployment } from "../../api/apps/deployment.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import type { Endpoints } from "../../api/core/endpoints.ts";
import type { Node } from "../../api/core/node.ts";
import { isPodReady } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Service } from "../../api/core/service.ts";
import type { EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import { formatKey, keyOf, type KubeObject } from "../../api/meta/object.ts";
import type { RuntimePod } from "../../kubelet/runtimes/runtime.ts";

export interface ClusterState {
  readonly deployments: readonly Deployment[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  readonly endpoints: readonly Endpoints[];
  readonly endpointSlices: readonly EndpointSlice[];
  readonly nodes: readonly Node[];
  /** What runs on each node, by the node's name. */
  readonly running: ReadonlyMap<string, readonly RuntimePod[]>;
}

export function findDifferences(state: ClusterState): readonly string[] {
  return [
    ...state.deployments.flatMap(judgeDeployment),
    ...findOrphans(state.replicaSets, state.deployments),
    ...findOrphans(state.pods, state.replicaSets),
    ...state.replicaSets.flatMap((replicaSet) => judgeReplicaSet(replicaSet, state.pods)),
    ...state.pods.flatMap(judgePod),
    ...state.services.flatMap((service) => judgeService(service, state)),
    ...state.nodes.flatMap(judgeNode),
    ...[...state.running].flatMap(([node, running]) => judgeRuntime(node, running, state.pods)),
  ];
}

const nameOf = (object: KubeObject) => `${object.kind} ${formatKey(keyOf(object))}`;

function judgeDeployment(deployment: Deployment): readonly string[] {
  const { metadata, spec, status } = deployment;
  const { observedGeneration, replicas = 0, updatedReplicas = 0, availableReplicas = 0, readyReplicas = 0 } = status;
  const counts = { replicas, updatedReplicas, availableReplicas, readyReplicas };
  const wrong = Object.entries(counts).filter(([, count]) => count !== spec.replicas);
  if (metadata.deletionTimestamp) return [`${nameOf(deployment)} is still being deleted`];
  return [
    ...(observedGeneration === metadata.generation ? [] : [`${nameOf(deployment)} has not been observed`]),
    ...wrong.map(([field, count]) => `${nameOf(deployment)} wants ${spec.replicas} replicas and has ${field} ${count}`),
  ];
}

function findOrphans(owned: readonly KubeObject[], owners: readonly KubeObject[]): readonly string[] {
  const uids = new Set(owners.map(({ metadata }) => metadata.uid));
  const isOrphan = ({ metadata }: KubeObject) => !metadata.ownerReferences?.some(({ uid }) => uids.has(uid));
  return owned.filter(isOrphan).map((object) => `${nameOf(object)} has no owner that exists`);
}

function judgeReplicaSet(replicaSet: ReplicaSet, pods: readonly Pod[]): readonly string[] {
  const { uid } = replicaSet.metadata;
  const owned = pods.filter(({ metadata }) => metadata.ownerReferences?.some((owner) => owner.uid === uid));
  const wanted = replicaSet.spec.replicas ?? 1;
  if (owned.length === wanted) return [];
  return [`${nameOf(replicaSet)} wants ${wanted} pods and has ${owned.length}`];
}

function judgePod(pod: Pod): readonly string[] {
  if (pod.metadata.deletionTimestamp) return [`${nameOf(pod)} is still being deleted on ${pod.spec.nodeName}`];
  if (isPodReady(pod) && pod.status.phase === "Running") return [];
  const why = pod.status.containerStatuses?.[0]?.state ?? pod.status.conditions;
  return [`${nameOf(pod)} on ${pod.spec.nodeName} is ${pod.status.phase} and not ready: ${JSON.stringify(why)}`];
}

function judgeService(service: Service, { pods, endpoints, endpointSlices }: ClusterState): readonly string[] {
  const { namespace, name } = service.metadata;
  const selector = Object.entries(service.spec.selector ?? {});
  // The API server's own service has no selector, and nobody to keep its endpoints here.
  if (selector.length === 0) return [];
  const selected = pods.filter(
    ({ metadata }) =>
      metadata.namespace === namespace && selector.every(([label, value]) => metadata.labels?.[label] === value),
  );
  const expected = selected.filter(isPodReady).map(({ status }) => status.podIP ?? "");
  const found = endpoints.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const addresses = (found?.subsets ?? []).flatMap((subset) => subset.addresses ?? []).map(({ ip }) => ip);
  const sliced = endpointSlices
    .filter(
      ({ metadata }) => metadata.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === name,
    )
    .flatMap((slice) => slice.endpoints ?? [])
    .filter(({ conditions }) => conditions?.ready)
    .flatMap((endpoint) => endpoint.addresses);
  return [
    ...compare(`the Endpoints of ${nameOf(service)}`, addresses, expected),
    ...compare(`the EndpointSlices of ${nameOf(service)}`, sliced, expected),
  ];
}

function compare(what: string, found: readonly string[], expected: readonly string[]): readonly string[] {
  const [is, should] = [found, expected].map((list) => list.toSorted().join(" "));
  return is === should ? [] : [`${what} are [${is}] and should be [${should}]`];
}

function judgeNode(node: Node): readonly string[] {
  const taints = (node.spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
  const isReady = node.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True");
  return [
    ...(isReady ? [] : [`${nameOf(node)} is not ready`]),
    ...(taints.length === 0 ? [] : [`${nameOf(node)} has the taints ${taints.join(", ")}`]),
  ];
}

/** Exactly the node's pods run on it, each in one sandbox with one container. */
function judgeRuntime(node: string, running: readonly RuntimePod[], pods: readonly Pod[]): readonly string[] {
  const bound = pods.filter(({ spec }) => spec.nodeName === node);
  const expected = bound.map(({ metadata }) => metadata.uid);
  const found = running.flatMap(({ pod, sandboxes, containers }) => [
    ...sandboxes.filter((sandbox) => sandbox.running).map(() => pod.uid),
    ...containers.filter(({ state }) => state === "running").map(() => pod.uid),
  ]);
  return compare(
    `what runs on ${node}, sandboxes and containers,`,
    found,
    expected.flatMap((uid) => [uid, uid]),
  );
}
