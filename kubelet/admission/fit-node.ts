// Whether a pod can run on its node at all, by the same rules as the scheduler's: a pod can come here without having been
// scheduled, and the node can have changed since. Reasons and messages are those of Kubernetes' kubelet. Pure.

import { matchesNodeAffinity } from "../../api/core/node-affinity.ts";
import type { Node } from "../../api/core/node.ts";
import { grantedRequests, podRequests, resourceAmounts } from "../../api/core/pod-resources.ts";
import { isPodTerminal, isSidecar } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { findUntoleratedTaint } from "../../api/core/taints.ts";

export interface NodeRoom {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints?: NonNullable<Node["spec"]>["taints"];
  /** By resource name, as quantities. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** The other pods of the node, the ended ones among them. */
  readonly others: readonly Pod[];
}

export interface Unfit {
  readonly reason: string;
  readonly message: string;
}

/** The first reason against it; undefined where the pod fits. */
export function findUnfit(pod: Pod, room: NodeRoom): Unfit | undefined {
  return (
    judgeSystem(pod, room) ??
    judgeResources(pod, room) ??
    judgeAffinity(pod, room) ??
    judgePorts(pod, room) ??
    judgeTaints(pod, room)
  );
}

const OS_LABEL = "kubernetes.io/os";

function judgeSystem({ spec }: Pod, { labels }: NodeRoom): Unfit | undefined {
  const selected = spec.nodeSelector?.[OS_LABEL];
  if (selected !== undefined && labels[OS_LABEL] !== undefined && selected !== labels[OS_LABEL]) {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return { reason: "PodOSSelectorNodeLabelDoesNotMatch", message };
  }
  if (spec.os && spec.os.name !== (labels[OS_LABEL] ?? "linux")) {
    return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
  }
  if (spec.securityContext?.supplementalGroupsPolicy === "Strict") {
    const message = "SupplementalGroupsPolicy=Strict is not supported in this node";
    return { reason: "SupplementalGroupsPolicyNotSupported", message };
  }
  return undefined;
}

function judgeResources(pod: Pod, { allocatable, others }: NodeRoom): Unfit | undefined {
  const running = others.filter((each) => !isPodTerminal(each));
  const capacity = resourceAmounts(allocatable);
  if (running.length + 1 > (capacity["pods"] ?? Infinity)) {
    return outOf("pods", { requested: 1, used: running.length, capacity: capacity["pods"] ?? 0 });
  }
  for (const [resource, requested] of Object.entries(podRequests({ spec: pod.spec }))) {
    if (requested === 0) continue;
    const used = running.reduce((sum, each) => sum + (grantedRequests(each)[resource] ?? 0), 0);
    const has = capacity[resource] ?? 0;
    if (requested + used > has) return outOf(resource, { requested, used, capacity: has });
  }
  return undefined;
}

interface Figures {
  readonly requested: number;
  readonly used: number;
  readonly capacity: number;
}

const outOf = (resource: string, { requested, used, capacity }: Figures): Unfit => ({
  reason: `OutOf${resource}`,
  message: `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
});

const failed = (name: string, why: string): Unfit => ({ reason: name, message: `Predicate ${name} failed: ${why}` });

function judgeAffinity(pod: Pod, { name, labels }: NodeRoom): Unfit | undefined {
  if (matchesNodeAffinity(pod, { metadata: { name, labels } })) return undefined;
  return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
}

function judgePorts(pod: Pod, { others }: NodeRoom): Unfit | undefined {
  const taken = others.filter((each) => !isPodTerminal(each)).flatMap(hostPortsOf);
  const clashes = hostPortsOf(pod).some((mine) => taken.some((theirs) => clash(mine, theirs)));
  return clashes ? failed("NodePorts", "node(s) didn't have free ports for the requested pod ports") : undefined;
}

interface HostPort {
  readonly protocol: string;
  readonly port: number;
  readonly address: string;
}

const EVERYWHERE = "0.0.0.0";

function hostPortsOf({ spec }: Pod): HostPort[] {
  return [...(spec.initContainers ?? []).filter(isSidecar), ...spec.containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ hostPort, hostIP, protocol = "TCP" }) =>
      hostPort ? [{ protocol, port: hostPort, address: hostIP || EVERYWHERE }] : [],
    );
}

const clash = (one: HostPort, other: HostPort): boolean =>
  one.port === other.port &&
  one.protocol === other.protocol &&
  (one.address === other.address || one.address === EVERYWHERE || other.address === EVERYWHERE);

/** A mirror of a pod that the node was given by file is not asked: it runs on every node that has the file. */
function judgeTaints({ metadata, spec }: Pod, { taints }: NodeRoom): Unfit | undefined {
  if (metadata.annotations?.["kubernetes.io/config.source"] === "file") return undefined;
  if (!findUntoleratedTaint(taints, spec.tolerations, ["NoExecute"])) return undefined;
  return failed("TaintToleration", "node(s) had taints that the pod didn't tolerate");
}
