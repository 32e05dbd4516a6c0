// What the cluster believes about a node, and keeps pods away by: conditions and taints. Pure. Names, reasons and messages
// are Kubernetes'.

import type { Node, NodeCondition, Taint } from "../../api/core/node.ts";
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

const OWN_KEYS = new Set([UNSCHEDULABLE, ...CONDITION_TAINTS.map(({ key }) => key)]);

/** "True" only while the kubelet says so. */
export const readiness = (node: Node): string => findCondition(node.status.conditions, "Ready")?.status ?? "Unknown";

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

/** The taint that drives pods out, which the node should have while it is not ready. */
export function evictionTaint(node: Node, nowMs: number): Taint | undefined {
  const status = readiness(node);
  if (status === "True") return undefined;
  return { key: status === "False" ? NOT_READY : UNREACHABLE, effect: "NoExecute", timeAdded: formatTime(nowMs) };
}

export const hasTaint = (node: Node, taint: Taint): boolean =>
  (node.spec.taints ?? []).some(({ key, effect }) => key === taint.key && effect === taint.effect);

/**
 * The node's taints: users' own as they are, ours as its conditions ask for. Taints that are there already keep their
 * time.
 */
export function planTaints(node: Node, eviction: Taint | undefined): readonly Taint[] {
  const current = node.spec.taints ?? [];
  const wanted = [...schedulingTaints(node), ...(eviction ? [eviction] : [])];
  const isOurs = ({ key, effect }: Taint) => OWN_KEYS.has(key) && effect !== "PreferNoSchedule";
  const same = (a: Taint, b: Taint) => a.key === b.key && a.effect === b.effect;
  const kept = current.filter((taint) => !isOurs(taint) || wanted.some((each) => same(each, taint)));
  const added = wanted.filter((taint) => !current.some((each) => same(each, taint)));
  return [...kept, ...added];
}
