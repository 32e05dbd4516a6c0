// Which pods may be moved at all: those that somebody puts back, and that lose nothing but their place.

import { POD_GROUP_LABEL } from "../../api/kctl-scheduling/pod-group.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { PodInfo } from "../pod-info.ts";

/** Owners whose pods belong to a node: they would come back to it, or nobody would bring them back. */
const STAYING_OWNERS = ["DaemonSet", "Node"];
/** From here on the cluster itself depends on the pod, as in Kubernetes. */
const CRITICAL_PRIORITY = 2_000_000_000;
const MIRROR = "kubernetes.io/config.mirror";

/** The uid of the controller that puts the pod back elsewhere; undefined: the pod stays where it is. */
export function moverOf(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  if (!owner || STAYING_OWNERS.includes(owner.kind) || pod.metadata.deletionTimestamp || isPodTerminal(pod))
    return undefined;
  return isNeededHere(pod) ? undefined : owner.uid;
}

/** Its node runs it by itself, the cluster depends on it, its data goes with it, or others do not work without it. */
const isNeededHere = ({ metadata: { annotations, labels }, spec }: Pod): boolean =>
  annotations?.[MIRROR] !== undefined ||
  (spec.priority ?? 0) >= CRITICAL_PRIORITY ||
  (spec.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined) ||
  labels?.[POD_GROUP_LABEL] !== undefined;

const wanderers = new WeakMap<PodInfo, PodInfo>();

/** The pod as its successor will be: without a node. */
export function withoutNode(pod: PodInfo): PodInfo {
  const known = wanderers.get(pod);
  if (known) return known;
  const spec = { ...pod.pod.spec, nodeName: undefined };
  const free = new PodInfo({ ...pod.pod, spec });
  wanderers.set(pod, free);
  return free;
}
