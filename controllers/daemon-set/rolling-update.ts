// Which pods a DaemonSet's rolling update replaces next: it deletes old ones within maxUnavailable, or makes new ones beside them
// within maxSurge. Pure; the rules are Kubernetes'. Nodes that have no pod, or too many, are left to the plan in plan.ts.

import type { DaemonSet } from "../../api/apps/daemon-set.ts";
import { isPodAvailable } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { updateBounds } from "./bounds.ts";
import type { DaemonNode } from "./daemon-nodes.ts";
import { isUpToDate } from "./daemon-pod.ts";
import type { DaemonPlan, PlanContext } from "./plan.ts";

export function planRollingUpdate(
  daemonSet: DaemonSet,
  nodes: readonly DaemonNode[],
  context: PlanContext,
): DaemonPlan {
  const minReadySeconds = daemonSet.spec.minReadySeconds ?? 0;
  const isAvailable = (pod: Pod) => isPodAvailable(pod, { minReadySeconds, nowMs: context.nowMs });
  const pairs = nodes
    .filter(({ isWanted, pods }) => isWanted || pods.length > 0)
    .map((node) => pairOf(node, (pod) => isUpToDate(daemonSet, pod, context.hash)));
  const { maxSurge, maxUnavailable } = updateBounds(daemonSet, nodes.filter(({ isWanted }) => isWanted).length);
  return maxSurge === 0 ? planReplacing(pairs, isAvailable, maxUnavailable) : planSurging(pairs, isAvailable, maxSurge);
}

interface Pair {
  readonly node: DaemonNode;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
  /** More than one of a kind: it is unknown which of them stays. */
  readonly isCrowded: boolean;
}

function pairOf(node: DaemonNode, isFresh: (pod: Pod) => boolean): Pair {
  const present = node.pods.filter(({ metadata }) => !metadata.deletionTimestamp);
  const fresh = present.filter(isFresh);
  const old = present.filter((pod) => !isFresh(pod));
  return { node, fresh: fresh[0], old: old[0], isCrowded: fresh.length > 1 || old.length > 1 };
}

type Judge = (pod: Pod) => boolean;

function planReplacing(pairs: readonly Pair[], isAvailable: Judge, maxUnavailable: number): DaemonPlan {
  const isMissing = ({ fresh, old, isCrowded }: Pair) =>
    isCrowded || Boolean(fresh) === Boolean(old) || (fresh !== undefined && !isAvailable(fresh));
  const unavailable = pairs.filter(isMissing).length;
  const old = pairs.filter((pair) => !isMissing(pair)).flatMap((pair) => pair.old ?? []);
  // Replacing what does not work costs nothing.
  const broken = old.filter((pod) => !isAvailable(pod));
  const working = old.filter(isAvailable).slice(0, Math.max(0, maxUnavailable - unavailable));
  return { create: [], remove: [...broken, ...working] };
}

function planSurging(pairs: readonly Pair[], isAvailable: Judge, maxSurge: number): DaemonPlan {
  const isOutdated = ({ fresh, old, isCrowded }: Pair) => !isCrowded && old !== undefined && fresh === undefined;
  const doubled = pairs.filter(({ fresh, old, isCrowded }) => !isCrowded && fresh && old);
  const done = doubled.filter(({ fresh }) => fresh && isAvailable(fresh));
  const surging = pairs.filter(({ isCrowded }) => isCrowded).length + doubled.length - done.length;
  const candidates = pairs.filter((pair) => isOutdated(pair) && pair.node.isWanted);
  const broken = candidates.filter(({ old }) => old && !isAvailable(old));
  const working = candidates.filter(({ old }) => old && isAvailable(old)).slice(0, Math.max(0, maxSurge - surging));
  return {
    create: [...broken, ...working].map(({ node }) => node.name),
    remove: done.flatMap(({ old }) => old ?? []),
  };
}
