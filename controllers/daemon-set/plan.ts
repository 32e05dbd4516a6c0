// Which pods a DaemonSet creates and deletes so that each node that is to have one has one. Pure; the cases are Kubernetes'.

import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import { isPodAvailable, isPodReady } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { POD_REVISION } from "../revisions/revision.ts";
import type { DaemonNode } from "./daemon-nodes.ts";
import { surgeOf } from "./bounds.ts";

export interface DaemonPlan {
  /** The nodes to create a pod for. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

export interface RepairPlan extends DaemonPlan {
  /** Those among the removed that have failed or ended. */
  readonly ended: readonly Pod[];
  /** When a failed pod may be removed next that may not be yet. */
  readonly waitMs: number | undefined;
}

export interface PlanContext {
  /** The hash of the present template. */
  readonly hash: string;
  readonly nowMs: number;
}

export interface RepairContext extends PlanContext {
  /** How long the failed pod of a node is still to be left alone, so that a node that refuses it is not flooded. */
  readonly backoffMs: (node: string) => number;
}

/** Makes what is missing, and removes what is too much, in the wrong place, or over. */
export function planRepair(daemonSet: DaemonSet, nodes: readonly DaemonNode[], context: RepairContext): RepairPlan {
  const plans = nodes.map((node) => planNode(daemonSet, node, context));
  const waits = plans.flatMap(({ waitMs }) => waitMs ?? []);
  return {
    create: plans.flatMap(({ create }) => create),
    remove: plans.flatMap(({ remove }) => remove),
    ended: plans.flatMap(({ ended }) => ended),
    waitMs: waits.length > 0 ? Math.min(...waits) : undefined,
  };
}

const NOTHING: RepairPlan = { create: [], remove: [], ended: [], waitMs: undefined };

function planNode(daemonSet: DaemonSet, node: DaemonNode, context: RepairContext): RepairPlan {
  const present = node.pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  // 1. The node is gone, and with it all that runs there; what waits for it waits in vain.
  if (!node.exists) return { ...NOTHING, remove: present.filter(({ spec }) => !spec.nodeName) };
  // 2. It lacks its pod.
  if (node.isWanted && node.pods.length === 0) return { ...NOTHING, create: [node.name] };
  // 3. It is to have none.
  if (!node.mayStay) return { ...NOTHING, remove: present };
  // 4. It has some: those that are over go first, and one of the others stays.
  const ended = planEnded(node, present, context);
  const running = present.filter(({ status }) => status.phase !== "Failed" && status.phase !== "Succeeded");
  const rest = planRunning(daemonSet, { ...node, pods: running }, context);
  return { ...ended, create: rest.create, remove: [...ended.remove, ...rest.remove] };
}

function planEnded(node: DaemonNode, pods: readonly Pod[], { backoffMs }: RepairContext): RepairPlan {
  const failed = pods.filter(({ status }) => status.phase === "Failed");
  const succeeded = pods.filter(({ status }) => status.phase === "Succeeded");
  const waitMs = failed.length > 0 ? backoffMs(node.name) : 0;
  const ended = waitMs > 0 ? succeeded : [...failed, ...succeeded];
  return { create: [], remove: ended, ended, waitMs: waitMs > 0 ? waitMs : undefined };
}

function planRunning(daemonSet: DaemonSet, node: DaemonNode, context: PlanContext): DaemonPlan {
  const { pods } = node;
  if (surgeOf(daemonSet, 1) === 0) return { create: [], remove: pods.slice(1) };
  // While an update surges, what is on its way out has a successor beside it.
  if (pods.length === 0) return { create: node.isWanted ? [node.name] : [], remove: [] };
  if (pods.length === 1) return { create: [], remove: [] };
  const isNew = (pod: Pod) => pod.metadata.labels?.[POD_REVISION] === context.hash;
  const newest = pods.find(isNew);
  const old = pods.find((pod) => !isNew(pod));
  const surplus = pods.filter((pod) => pod !== newest && pod !== old);
  if (!newest || !old) return { create: [], remove: surplus };
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const isReplaced = !isPodReady(old) || isPodAvailable(newest, { minReadySeconds, nowMs: context.nowMs });
  return { create: [], remove: isReplaced ? [...surplus, old] : surplus };
}
