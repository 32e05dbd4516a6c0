// Kubernetes' rules about a pod and one node, read as plainly as they can be written: from the objects alone, with nothing
// remembered. The scheduler's fast way is held against them. See plain-topology-rules.ts for the pods near a node.

import type { Taint, Node } from "../api/core/node.ts";
import type { NodeSelectorRequirement, NodeSelectorTerm, Toleration } from "../api/core/affinity.ts";
import type { Container } from "../api/core/container.ts";
import { resourceAmounts } from "../api/core/pod-resources.ts";
import type { Pod } from "../api/core/pod.ts";
import type { PluginArgs, ScoringStrategy } from "../scheduler/configuration/plugin-args.ts";
import type { PlainCluster } from "./plain-topology-rules.ts";

type Amounts = Readonly<Record<string, number>>;

/** What the pod asks for of a resource; `standIn` is taken for each container that does not say. */
export function plainRequest(pod: Pod, resource: string, standIn = 0): number {
  const of = ({ resources }: Container) => resourceAmounts(resources?.requests)[resource] ?? standIn;
  const sum = (containers: readonly Container[]) => containers.reduce((total, each) => total + of(each), 0);
  const init = pod.spec.initContainers ?? [];
  const sidecarsAmong = (containers: readonly Container[]) =>
    containers.filter((each) => each.restartPolicy === "Always");
  const running = sum(pod.spec.containers) + sum(sidecarsAmong(init));
  const starting = init.map((each, index) => of(each) + sum(sidecarsAmong(init.slice(0, index))));
  const overhead = resourceAmounts(pod.spec.overhead)[resource] ?? 0;
  return Math.max(running, ...starting) + overhead;
}

const podsOn = (node: Node, { placed }: PlainCluster) =>
  placed.filter((each) => each.node.metadata.name === node.metadata.name).map(({ pod }) => pod);

const used = (node: Node, cluster: PlainCluster, amountOf: (pod: Pod) => number) =>
  podsOn(node, cluster).reduce((total, pod) => total + amountOf(pod), 0);

const allocatable = (node: Node): Amounts => resourceAmounts(node.status.allocatable);

function tolerates(tolerations: readonly Toleration[], taint: Taint): boolean {
  return tolerations.some(
    ({ key = "", operator = "Equal", value = "", effect }) =>
      (!effect || effect === taint.effect) &&
      (key === "" ? operator === "Exists" : key === taint.key) &&
      (operator === "Exists" || value === (taint.value ?? "")),
  );
}

function holds({ key, operator, values = [] }: NodeSelectorRequirement, labels: Readonly<Record<string, string>>) {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
  }
}

function matchesTerm({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, { metadata }: Node): boolean {
  return (
    matchExpressions.length + matchFields.length > 0 &&
    matchExpressions.every((each) => holds(each, metadata.labels ?? {})) &&
    matchFields.every((each) => holds(each, { "metadata.name": metadata.name }))
  );
}

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/** What all nodes but those that the pod names say; undefined: it does not name nodes, or other ones will do as well. */
export function plainNamedNodes({ spec }: Pod): readonly string[] | "conflict" | undefined {
  const terms = spec.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? [];
  const named = terms.map(({ matchFields = [] }) => matchFields.filter(({ operator }) => operator === "In"));
  if (named.length === 0 || named.some((fields) => fields.length === 0)) return undefined;
  const names = named.map((fields) =>
    (fields[0]?.values ?? []).filter((name) => fields.every(({ values = [] }) => values.includes(name))),
  );
  return names.some((list) => list.length === 0) ? "conflict" : names.flat();
}

type Check = (pod: Pod, node: Node, view: { readonly cluster: PlainCluster; readonly args: PluginArgs }) => string[];

const isCordoned: Check = ({ spec }, node) => {
  const taint: Taint = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" };
  return node.spec.unschedulable && !tolerates(spec.tolerations ?? [], taint) ? ["node(s) were unschedulable"] : [];
};

const isTainted: Check = ({ spec }, node) => {
  const taint = (node.spec.taints ?? []).find(
    (each) => each.effect !== "PreferNoSchedule" && !tolerates(spec.tolerations ?? [], each),
  );
  return taint ? [`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`] : [];
};

const isUnwanted: Check = ({ spec }, node, { args }) => {
  const added = args.NodeAffinity.addedAffinity?.[REQUIRED]?.nodeSelectorTerms;
  if (added && !added.some((term) => matchesTerm(term, node)))
    return ["node(s) didn't match scheduler-enforced node affinity"];
  const terms = spec.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms;
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(
    ([key, value]) => node.metadata.labels?.[key] === value,
  );
  const isWanted = isSelected && (!terms || terms.some((term) => matchesTerm(term, node)));
  return isWanted ? [] : ["node(s) didn't match Pod's node affinity/selector"];
};

const portsOf = ({ spec }: Pod) =>
  [...spec.containers, ...(spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always")]
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort }) => hostPort)
    .map(({ hostPort, protocol = "TCP", hostIP }) => ({ hostPort, protocol, ip: hostIP || "0.0.0.0" }));

const hasPortsTaken: Check = (pod, node, { cluster }) => {
  const taken = podsOn(node, cluster).flatMap(portsOf);
  const clash = portsOf(pod).some(({ hostPort, protocol, ip }) =>
    taken.some(
      (other) =>
        other.hostPort === hostPort &&
        other.protocol === protocol &&
        (other.ip === ip || other.ip === "0.0.0.0" || ip === "0.0.0.0"),
    ),
  );
  return clash ? ["node(s) didn't have free ports for the requested pod ports"] : [];
};

const RESOURCES = ["cpu", "memory", "ephemeral-storage", "a.test/gpu", "b.test/disk"];

const isShort: Check = (pod, node, { cluster, args }) => {
  const { ignoredResources, ignoredResourceGroups } = args.NodeResourcesFit;
  const counted = RESOURCES.filter(
    (name) => !ignoredResources.includes(name) && !ignoredResourceGroups.includes(name.split("/")[0] ?? ""),
  );
  const tooMany = podsOn(node, cluster).length + 1 > (allocatable(node).pods ?? 0);
  const short = counted.filter((name) => {
    const asked = plainRequest(pod, name);
    const left = (allocatable(node)[name] ?? 0) - used(node, cluster, (each) => plainRequest(each, name));
    return asked > 0 && asked > left;
  });
  return [...(tooMany ? ["Too many pods"] : []), ...short.map((name) => `Insufficient ${name}`)];
};

const checks: readonly Check[] = [isCordoned, isTainted, isUnwanted, hasPortsTaken, isShort];

/** Why the pod may not go to the node; the first rule that says no is the one that is heard. */
export function plainNodeRejection(...[pod, node, view]: Parameters<Check>): readonly string[] | undefined {
  return checks.map((check) => check(pod, node, view)).find((reasons) => reasons.length > 0);
}

const STAND_INS: Amounts = { cpu: 100, memory: 200 * 2 ** 20 };

interface Share {
  readonly requested: number;
  readonly capacity: number;
  readonly weight: number;
}

/** Of what the node has; a device that the pod does not ask for is left out. */
function sharesOf(
  [pod, node, cluster]: readonly [Pod, Node, PlainCluster],
  resources: ScoringStrategy["resources"],
  standIns: Amounts,
): readonly Share[] {
  return resources.flatMap(({ name, weight }) => {
    const asked = (each: Pod) => plainRequest(each, name, standIns[name]);
    const capacity = allocatable(node)[name] ?? 0;
    if (capacity === 0 || (name.includes("/") && asked(pod) === 0)) return [];
    return [{ requested: asked(pod) + used(node, cluster, asked), capacity, weight: Number(weight) }];
  });
}

const average = (scores: readonly { readonly score: number; readonly weight: number }[]) => {
  const weights = scores.reduce((sum, { weight }) => sum + weight, 0);
  return weights === 0 ? 0 : scores.reduce((sum, { score, weight }) => sum + score * weight, 0) / weights;
};

function fitScore(pod: Pod, node: Node, { cluster, args }: Parameters<Check>[2]): number {
  const { type, resources, requestedToCapacityRatio } = args.NodeResourcesFit.scoringStrategy;
  const shares = sharesOf([pod, node, cluster], resources, STAND_INS);
  if (type === "LeastAllocated") {
    const left = ({ requested, capacity }: Share) =>
      requested > capacity ? 0 : Math.floor(((capacity - requested) * 100) / capacity);
    return Math.floor(average(shares.map((share) => ({ score: left(share), weight: share.weight }))));
  }
  if (type === "MostAllocated") {
    const inUse = ({ requested, capacity }: Share) => Math.floor((Math.min(requested, capacity) * 100) / capacity);
    return Math.floor(average(shares.map((share) => ({ score: inUse(share), weight: share.weight }))));
  }
  const shape = requestedToCapacityRatio?.shape ?? [];
  const scores = shares.map(({ requested, capacity, weight }) => {
    const percent = requested > capacity ? 100 : Math.floor((requested * 100) / capacity);
    return { score: plainLine(shape, percent), weight };
  });
  return Math.round(average(scores.filter(({ score }) => score > 0)));
}

function plainLine(
  shape: readonly { readonly utilization: number; readonly score: number }[],
  percent: number,
): number {
  const first = shape[0];
  const last = shape.at(-1);
  if (!first || !last) return 0;
  if (percent <= first.utilization) return first.score * 10;
  if (percent > last.utilization) return last.score * 10;
  const upper = shape.findIndex(({ utilization }) => utilization >= percent);
  const [from = first, to = last] = [shape[upper - 1], shape[upper]];
  const slope = ((to.score - from.score) * 10 * (percent - from.utilization)) / (to.utilization - from.utilization);
  return from.score * 10 + Math.trunc(slope);
}

function balanceScore(pod: Pod, node: Node, { cluster, args }: Parameters<Check>[2]): number {
  const { resources } = args.NodeResourcesBalancedAllocation;
  if (resources.every(({ name }) => plainRequest(pod, name) === 0)) return 0;
  const shares = sharesOf([pod, node, cluster], resources, {}).map(({ requested, capacity }) =>
    Math.min(1, requested / capacity),
  );
  if (shares.length < 2) return 100;
  if (shares.length === 2) return Math.trunc((1 - Math.abs(((shares[0] ?? 0) - (shares[1] ?? 0)) / 2)) * 100);
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / shares.length;
  return Math.trunc((1 - Math.sqrt(variance)) * 100);
}

function imageScore({ spec }: Pod, node: Node, { cluster: { nodes } }: Parameters<Check>[2]): number {
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const tagged = (image: string) => (/:[^/]*$/.test(image) ? image : `${image}:latest`);
  const sizeOn = (each: Node, image: string) =>
    (each.status.images ?? []).find(({ names = [] }) => names.includes(tagged(image)))?.sizeBytes;
  const bytes = containers.map(({ image = "" }) => {
    const size = sizeOn(node, image);
    if (size === undefined) return 0;
    const having = nodes.filter((each) => sizeOn(each, image) !== undefined).length;
    return Math.floor(Number(size) * (having / nodes.length));
  });
  const least = 23 * 2 ** 20;
  const most = 1000 * 2 ** 20 * containers.length;
  const sum = Math.min(
    most,
    Math.max(
      least,
      bytes.reduce((total, each) => total + each, 0),
    ),
  );
  return Math.floor((100 * (sum - least)) / (most - least));
}

const scaled = (amounts: readonly number[]) => {
  const most = Math.max(0, ...amounts);
  return amounts.map((amount) => (most === 0 ? 0 : Math.floor((amount * 100) / most)));
};

/** The points of each of the nodes where the pod may go, by the rules about single nodes and with their weights. */
export function plainNodePoints(pod: Pod, nodes: readonly Node[], view: Parameters<Check>[2]): readonly number[] {
  const { addedAffinity } = view.args.NodeAffinity;
  const preferences = [...(addedAffinity?.[PREFERRED] ?? []), ...(pod.spec.affinity?.nodeAffinity?.[PREFERRED] ?? [])];
  const liked = scaled(
    nodes.map((node) =>
      preferences.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0),
    ),
  );
  const tainted = scaled(
    nodes.map(
      (node) =>
        (node.spec.taints ?? []).filter(
          (taint) => taint.effect === "PreferNoSchedule" && !tolerates(pod.spec.tolerations ?? [], taint),
        ).length,
    ),
  );
  return nodes.map(
    (node, index) =>
      3 * (100 - (tainted[index] ?? 0)) +
      2 * (liked[index] ?? 0) +
      fitScore(pod, node, view) +
      balanceScore(pod, node, view) +
      imageScore(pod, node, view),
  );
}
