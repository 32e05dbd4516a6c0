// Descriptions of nodes: what they are, what they have, and what the pods on them have asked for. Pure.

import type { Container } from "../../api/core/container.ts";
import { podRequests, resourceAmounts, type ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Pod } from "../../api/core/pod.ts";
import { quantityOf, quantityOfMillis, renderQuantity } from "../../api/meta/quantity.ts";
import { entriesAt, listAt, textAt, valueAt, type AnyObject } from "../any-object.ts";
import type { Describer } from "./describer.ts";
import { eventLines } from "./events.ts";
import { annotationLines, labelled, mapLines, orNone, renderSince, renderTime, type Lines } from "./text.ts";

export const nodeDescriber: Describer = {
  related: ({ metadata: { name = "" } }) => ({
    pods: {
      path: "/api/v1/pods",
      fieldSelector: `spec.nodeName=${name},status.phase!=Failed,status.phase!=Succeeded`,
    },
    leases: {
      path: "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases",
      fieldSelector: `metadata.name=${name}`,
    },
  }),
  describe: ({ object, events, related, nowMs }) => [
    `Name:\t${object.metadata.name}`,
    `Roles:\t${renderRoles(object)}`,
    ...mapLines("Labels", object, "metadata", "labels"),
    ...annotationLines("Annotations", object, "metadata", "annotations"),
    `CreationTimestamp:\t${renderTime(object.metadata.creationTimestamp)}`,
    ...taintLines(object),
    `Unschedulable:\t${String(valueAt(object, "spec", "unschedulable") === true)}`,
    ...leaseLines(related.leases?.[0]),
    ...conditionLines(object),
    "Addresses:",
    ...listAt(object, "status", "addresses").map((each) => `  ${textAt(each, "type")}:\t${textAt(each, "address")}`),
    ...amountLines("Capacity", object, "capacity"),
    ...amountLines("Allocatable", object, "allocatable"),
    ...systemLines(object),
    ...labelled("PodCIDR", textAt(object, "spec", "podCIDR")),
    ...labelled("PodCIDRs", listAt(object, "spec", "podCIDRs").map(String).join(",")),
    ...labelled("ProviderID", textAt(object, "spec", "providerID")),
    ...podLines(object, related.pods ?? [], nowMs),
    ...eventLines(events, nowMs),
  ],
};

const ROLE = "node-role.kubernetes.io/";

function renderRoles({ metadata: { labels = {} } }: AnyObject): string {
  const roles = Object.entries(labels).flatMap(([key, value]) => {
    if (key.startsWith(ROLE) && key.length > ROLE.length) return [key.slice(ROLE.length)];
    return key === "kubernetes.io/role" && value ? [value] : [];
  });
  return orNone(roles.sort().join(","));
}

function taintLines(object: AnyObject): Lines {
  const taints = listAt(object, "spec", "taints").map((taint) => {
    const value = textAt(taint, "value");
    return `${textAt(taint, "key")}${value && `=${value}`}:${textAt(taint, "effect")}`;
  });
  if (taints.length === 0) return ["Taints:\t<none>"];
  return taints.sort().map((taint, index) => `${index === 0 ? "Taints:" : ""}\t${taint}`);
}

function leaseLines(lease: AnyObject | undefined): Lines {
  if (!lease) return ["Lease:\tFailed to get lease: the node has none"];
  return [
    "Lease:",
    `  HolderIdentity:\t${textAt(lease, "spec", "holderIdentity") || "<unset>"}`,
    `  AcquireTime:\t${renderTime(valueAt(lease, "spec", "acquireTime"))}`,
    `  RenewTime:\t${renderTime(valueAt(lease, "spec", "renewTime"))}`,
  ];
}

function conditionLines(object: AnyObject): Lines {
  const conditions = listAt(object, "status", "conditions");
  if (conditions.length === 0) return [];
  const rows = conditions.map((each) => {
    const times = [renderTime(valueAt(each, "lastHeartbeatTime")), renderTime(valueAt(each, "lastTransitionTime"))];
    return `  ${textAt(each, "type")} \t${textAt(each, "status")} \t${times.join(" \t")} \t${textAt(each, "reason")} \t${textAt(each, "message")}`;
  });
  return [
    "Conditions:",
    "  Type\tStatus\tLastHeartbeatTime\tLastTransitionTime\tReason\tMessage",
    "  ----\t------\t-----------------\t------------------\t------\t-------",
    ...rows,
  ];
}

const amountLines = (title: string, object: AnyObject, field: string): Lines => {
  const entries = entriesAt(object, "status", field);
  return entries.length === 0 ? [] : [`${title}:`, ...entries.map(([name, amount]) => `  ${name}:\t${String(amount)}`)];
};

const systemLines = (object: AnyObject): Lines => [
  "System Info:",
  ...[
    ["Machine ID", "machineID"],
    ["System UUID", "systemUUID"],
    ["Boot ID", "bootID"],
    ["Kernel Version", "kernelVersion"],
    ["OS Image", "osImage"],
    ["Operating System", "operatingSystem"],
    ["Architecture", "architecture"],
    ["Container Runtime Version", "containerRuntimeVersion"],
    ["Kubelet Version", "kubeletVersion"],
    ["Kube-Proxy Version", "kubeProxyVersion"],
  ].map(([label = "", field = ""]) => `  ${label}:\t${textAt(object, "status", "nodeInfo", field)}`),
];

interface PodAmounts {
  readonly requests: ResourceAmounts;
  readonly limits: ResourceAmounts;
}

function podLines(node: AnyObject, pods: readonly AnyObject[], nowMs: number): Lines {
  const allocatable = resourceAmounts(valueAt(node, "status", "allocatable") as Readonly<Record<string, string>>);
  const amounts = pods.map((pod) => amountsOf(pod as unknown as Pod));
  const rows = pods.map(({ metadata }, index) => {
    const { requests, limits } = amounts[index] as PodAmounts;
    const cells = ["cpu", "memory"].flatMap((name) =>
      [requests, limits].map((each) => renderShare(name, each[name] ?? 0, allocatable)),
    );
    const age = renderSince(metadata.creationTimestamp, nowMs);
    return `  ${metadata.namespace}\t${metadata.name}\t\t${cells.join("\t")}\t${age}`;
  });
  return [
    `Non-terminated Pods:\t(${pods.length} in total)`,
    "  Namespace\tName\t\tCPU Requests\tCPU Limits\tMemory Requests\tMemory Limits\tAge",
    "  ---------\t----\t\t------------\t----------\t---------------\t-------------\t---",
    ...rows,
    "Allocated resources:",
    "  (Total limits may be over 100 percent, i.e., overcommitted.)",
    "  Resource\tRequests\tLimits",
    "  --------\t--------\t------",
    ...shownResources(allocatable).map((name) => {
      const shares = (["requests", "limits"] as const).map((field) =>
        renderShare(
          name,
          amounts.reduce((sum, each) => sum + (each[field][name] ?? 0), 0),
          allocatable,
        ),
      );
      return `  ${name}\t${shares.join("\t")}`;
    }),
  ];
}

const shownResources = (allocatable: ResourceAmounts): readonly string[] => [
  "cpu",
  "memory",
  "ephemeral-storage",
  ...Object.keys(allocatable)
    .filter((name) => name.startsWith("hugepages-"))
    .sort(),
];

/** Limits add up as requests do, so that they are counted in their place. */
function amountsOf({ spec }: Pod): PodAmounts {
  const limited = (container: Container): Container => ({
    ...container,
    resources: { requests: container.resources?.limits },
  });
  const limits = podRequests({
    spec: {
      ...spec,
      containers: spec.containers.map(limited),
      initContainers: spec.initContainers?.map(limited),
      resources: undefined,
    },
  });
  return { requests: podRequests({ spec }), limits };
}

/** `100m (5%)`. */
function renderShare(name: string, amount: number, allocatable: ResourceAmounts): string {
  const total = allocatable[name] ?? 0;
  const quantity = name === "cpu" ? quantityOfMillis(amount) : quantityOf(amount, "BinarySI");
  return `${renderQuantity(quantity)} (${total > 0 ? Math.trunc((amount / total) * 100) : 0}%)`;
}
