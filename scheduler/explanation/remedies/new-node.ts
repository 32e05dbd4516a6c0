// The remedy that always helps if anything does: one more node, made for the pod.

import type { Node } from "../../../api/core/node.ts";
import type { ResourceAmounts } from "../../../api/core/pod-resources.ts";
import { nodeMatchesTerm } from "../../../api/core/node-affinity.ts";
import { POOL_LABEL, poolOf } from "../../../api/kctl-scheduling/pools.ts";
import type { PodInfo } from "../../pod-info.ts";
import { amountsOf, renderAmounts } from "../../queues/amounts.ts";
import { HOSTNAME_LABEL } from "../../spread-constraints.ts";
import { edit } from "../cluster-view.ts";
import { COST, type Remedy } from "../obstacle.ts";
import type { Picture } from "../picture.ts";
import { listNames } from "../pod-changes.ts";
import { labelsFor } from "./node-guides.ts";
import { volumesOf } from "./volume-guides.ts";

const ZONES = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];
const ARCHITECTURES = ["kubernetes.io/os", "kubernetes.io/arch"];

/** One in each zone that there is, and one in none. */
export function newNodes(pod: PodInfo, picture: Picture): readonly Remedy[] {
  const zones = new Map<string, Record<string, string>>([["", {}]]);
  for (const { metadata } of picture.view.nodes) {
    const labels = pick(metadata.labels ?? {}, ZONES);
    if (Object.keys(labels).length > 0) zones.set(JSON.stringify(labels), labels);
  }
  return [...zones.values()].slice(0, 8).map((zone) => newNode(pod, picture, zone));
}

function newNode(pod: PodInfo, picture: Picture, zone: Record<string, string>): Remedy {
  const { view } = picture;
  const name = freeName(view.nodes);
  const pool = poolOf(picture.snapshot.namespaceLabels(pod.namespace));
  const common = pick(view.nodes[0]?.metadata.labels ?? {}, ARCHITECTURES);
  const base = { ...common, ...zone, ...(pool !== undefined && { [POOL_LABEL]: pool }) };
  const bare = { metadata: { name, labels: base }, spec: {}, status: {} } as unknown as Node;
  const asked = definedOf(labelsFor({ pod: pod, node: { node: bare } as never }) ?? {});
  const wanted = { ...base, ...volumeLabels(pod, picture, bare), ...asked };
  const labels = { [HOSTNAME_LABEL]: name, ...wanted };
  const amounts = atLeast(amountsOf(pod.pod));
  const resources = renderAmounts(amounts);
  const node = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels, uid: `new ${name}` },
    spec: {},
    status: { capacity: resources, allocatable: resources, conditions: [{ type: "Ready", status: "True" }] },
  } as unknown as Node;
  const sizes = Object.entries(resources)
    .filter(([resource]) => resource !== "pods")
    .map(([resource, amount]) => `${amount} of ${resource}`);
  const told = Object.entries(wanted).map(([key, value]) => `${key}=${value}`);
  const size = sizes.length > 0 ? ` with at least ${listNames(sizes)} for pods` : "";
  return {
    cost: COST.build + Object.keys(zone).length * 0.1,
    text: `Add a node${size}${told.length > 0 ? `${size ? " and" : " with"} the labels ${listNames(told, 8)}` : ""}.`,
    edits: [edit("create", "nodes", node)],
  };
}

const definedOf = (labels: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(Object.entries(labels).filter((entry): entry is [string, string] => entry[1] !== undefined));

const atLeast = (amounts: ResourceAmounts): ResourceAmounts => ({ ...amounts, pods: 110 });

const pick = (labels: Readonly<Record<string, string>>, keys: readonly string[]) =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => keys.includes(key)));

/** What a node needs to reach the pod's volumes. */
function volumeLabels(pod: PodInfo, picture: Picture, bare: Node): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const { metadata, spec } of volumesOf(pod, picture)) {
    Object.assign(labels, pick(metadata.labels ?? {}, ZONES));
    const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
    if (terms.some((term) => nodeMatchesTerm(term, bare))) continue;
    for (const { key, values = [] } of terms[0]?.matchExpressions ?? [])
      if (values[0] !== undefined) labels[key] = values[0];
  }
  return labels;
}

function freeName(nodes: readonly Node[]): string {
  const taken = new Set(nodes.map(({ metadata }) => metadata.name));
  let number = 1;
  while (taken.has(`new-node-${number}`)) number++;
  return `new-node-${number}`;
}
