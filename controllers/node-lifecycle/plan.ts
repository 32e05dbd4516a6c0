// What the cluster believes about a node, and keeps pods away by: conditions and taints. Pure. Names, reasons and messages
// are Kubernetes'.

import type { Node, NodeCondition, Taint } from "../../api/core/node.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";

/** Conditions that a silent kubelet leaves unknown. */
const WATCHED_CONDITIONS = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/** The taint for each condition that keeps new pods away. */
const CONDITION_TAINTS: readonly { type: string; status: string; key: string }[] = [
  { type: "Ready", status: "False", key: NOT_READY },
  { type: "Ready", status: "Unknown", key: UNREACHABLE },
  { type: "MemoryPressure", status: "True", key: "node.kubernetes.io/memory-pressure" },
  { type: "DiskPressure", status: "True", key: "node.kubernetes.io/disk-pressure" },
  { type: "PIDPressure", status: "True", key: "node.kubernetes.io/pid-pressure" },
  { type: "NetworkUnavailable", status: "True", key: "node.kubernetes.io/network-unavailable" },
];
const UNSCHEDULABLE = "node.kubernetes.io/unschedulable";

const SCHEDULING_KEYS = new Set([UNSCHEDULABLE, ...CONDITION_TAINTS.map(({ key }) => key)]);

/** "True" only while the kubelet says so; undefined where none has ever said anything. */
export const readiness = (node: Node): NodeCondition["status"] | undefined =>
  findCondition(node.status.conditions, "Ready")?.status;

/** The conditions once the kubelet has been silent for too long; those that are unknown already stay. `nowMs` since 1970. */
export function silentConditions(node: Node, nowMs: number): readonly NodeCondition[] {
  const now = formatTime(nowMs);
  const others = (node.status.conditions ?? []).filter(({ type }) => !WATCHED_CONDITIONS.includes(type));
  const unknown = WATCHED_CONDITIONS.map((type): NodeCondition => {
    const known = findCondition(node.status.conditions, type);
    if (known?.status === "Unknown") return known;
    if (known) {
      const message = "Kubelet stopped posting node status.";
      return { ...known, status: "Unknown", reason: "NodeStatusUnknown", message, lastTransitionTime: now };
    }
    const never = { reason: "NodeStatusNeverUpdated", message: "Kubelet never posted node status." };
    return {
      type,
      status: "Unknown",
      ...never,
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: now,
    };
  });
  return [...others, ...unknown];
}

/** Taints that keep new pods away: one for each bad condition, and one for a cordoned node. */
function schedulingTaints(node: Node): readonly Taint[] {
  const conditions = CONDITION_TAINTS.filter(
    ({ type, status }) => findCondition(node.status.conditions, type)?.status === status,
  );
  const keys = [...conditions.map(({ key }) => key), ...(node.spec.unschedulable ? [UNSCHEDULABLE] : [])];
  return keys.map((key) => ({ key, effect: "NoSchedule" }));
}

/** The taint that drives pods out, which the node should have while it is known not to be ready. */
export function evictionTaint(node: Node): Taint | undefined {
  const status = readiness(node);
  if (status === "False") return { key: NOT_READY, effect: "NoExecute" };
  return status === "Unknown" ? { key: UNREACHABLE, effect: "NoExecute" } : undefined;
}

const isEvictionTaint = ({ key, effect }: Taint) =>
  effect === "NoExecute" && (key === NOT_READY || key === UNREACHABLE);

/** Pods are being driven out already, whether for silence or for what the kubelet says. */
export const isBeingEmptied = (node: Node): boolean => (node.spec.taints ?? []).some(isEvictionTaint);

/**
 * The node's taints: users' own as they are, ours as its conditions ask for. Taints that are there already keep their
 * time. `nowMs` since 1970.
 */
export function planTaints(
  node: Node,
  { eviction, nowMs }: { readonly eviction?: Taint; readonly nowMs: number },
): readonly Taint[] {
  const current = node.spec.taints ?? [];
  const wanted = [...schedulingTaints(node), ...(eviction ? [eviction] : [])];
  const isOurs = (taint: Taint) =>
    isEvictionTaint(taint) || (taint.effect === "NoSchedule" && SCHEDULING_KEYS.has(taint.key));
  const same = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  const kept = current.filter((taint) => !isOurs(taint) || wanted.some((each) => same(each, taint)));
  const added = wanted.filter((taint) => !current.some((each) => same(each, taint)));
  return [...kept, ...added.map((taint) => ({ ...taint, timeAdded: formatTime(nowMs) }))];
}

/**
 * Nobody can vouch for the pod's readiness: its node is silent, or has said that it is not ready since the pod last became
 * so. A kubelet that is alive may say otherwise afterwards, and is believed.
 */
export function isReadinessDoubtful(node: Node, pod: Pod): boolean {
  const condition = findCondition(node.status.conditions, "Ready");
  const ready = podCondition(pod, "Ready");
  if (ready?.status !== "True" || condition === undefined || condition.status === "True") return false;
  return condition.status === "Unknown" || (ready.lastTransitionTime ?? "") <= (condition.lastTransitionTime ?? "");
}
