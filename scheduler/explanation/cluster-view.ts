// All objects that decide where a pod goes, as lists: what an explanation is made from, and what changes are tried on. Pure data,
// so that it can be made from any API server, and changed without anybody noticing.

import { namespaces } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { pods } from "../../api/core/pod.ts";
import { podGroups } from "../../api/kctl-scheduling/pod-group.ts";
import { queues } from "../../api/kctl-scheduling/queue.ts";
import { reservations } from "../../api/kctl-scheduling/reservation.ts";
import { formatKey, keyOf, type KubeObject } from "../../api/meta/object.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { priorityClasses } from "../../api/scheduling/priority-class.ts";
import { csiDrivers } from "../../api/storage/csi-driver.ts";
import { csiNodes } from "../../api/storage/csi-node.ts";
import { csiStorageCapacities } from "../../api/storage/csi-storage-capacity.ts";
import { storageClasses } from "../../api/storage/storage-class.ts";

/** What has to be listed. A server that lacks a kind has no objects of it. */
export const viewedKinds = {
  pods,
  nodes,
  namespaces,
  claims: persistentVolumeClaims,
  volumes: persistentVolumes,
  storageClasses,
  csiNodes,
  csiDrivers,
  csiStorageCapacities,
  priorityClasses,
  podGroups,
  queues,
  reservations,
} as const;

export type ViewedKind = keyof typeof viewedKinds;

type ObjectOf<K extends ViewedKind> = (typeof viewedKinds)[K] extends ResourceDefinition<infer T> ? T : never;

export type ClusterView = { readonly [K in ViewedKind]: readonly ObjectOf<K>[] };

/** One object made, changed, deleted, or made anew because what changes of it may not be changed. */
export interface Edit {
  readonly verb: "create" | "update" | "replace" | "delete";
  readonly kind: ViewedKind;
  /** As it is afterwards; for a deletion as it is. */
  readonly object: KubeObject;
}

export const edit = <K extends ViewedKind>(verb: Edit["verb"], kind: K, object: ObjectOf<K>): Edit => ({
  verb,
  kind,
  object,
});

/** The cluster as it would be. */
export function applyEdits(view: ClusterView, edits: readonly Edit[]): ClusterView {
  return edits.reduce<ClusterView>((before, { verb, kind, object }) => {
    const key = formatKey(keyOf(object));
    const others = (before[kind] as readonly KubeObject[]).filter((each) => formatKey(keyOf(each)) !== key);
    return { ...before, [kind]: verb === "delete" ? others : [...others, object] };
  }, view);
}

export function findPod(view: ClusterView, key: string): ObjectOf<"pods"> | undefined {
  return view.pods.find((pod) => formatKey(keyOf(pod)) === key);
}
