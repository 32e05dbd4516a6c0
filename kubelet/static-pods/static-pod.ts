// What makes a pod a static one, and what its mirror in the API looks like. Pure.

import type { Pod } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";

export const CONFIG_SOURCE = "kubernetes.io/config.source";
export const CONFIG_HASH = "kubernetes.io/config.hash";
export const CONFIG_SEEN = "kubernetes.io/config.seen";
export const CONFIG_MIRROR = "kubernetes.io/config.mirror";

/** No object of the API has this version: nobody can write a pod there that is taken for one of a file. */
export const STATIC_VERSION = "0";

export const isStatic = ({ metadata }: Pod): boolean =>
  metadata.resourceVersion === STATIC_VERSION && metadata.annotations?.[CONFIG_SOURCE] === "file";

/** Of a pod of the API: it only shows what a kubelet runs by a file. */
export const isMirror = ({ metadata }: Pod): boolean => metadata.annotations?.[CONFIG_MIRROR] !== undefined;

export const isMirrorOf = (mirror: Pod, pod: Pod): boolean =>
  mirror.metadata.annotations?.[CONFIG_MIRROR] === pod.metadata.annotations?.[CONFIG_HASH];

/** The mirror goes with its node. */
export function buildMirror(pod: Pod, node: { readonly name: string; readonly uid: string }): NewObject<Pod> {
  const { name, namespace, labels, annotations = {} } = pod.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      ...(labels && { labels }),
      annotations: { ...annotations, [CONFIG_MIRROR]: annotations[CONFIG_HASH] ?? "" },
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name: node.name, uid: node.uid, controller: true }],
    },
    // The priority of a static pod is the kubelet's affair; the server knows what the class says.
    spec: { ...pod.spec, priority: undefined },
    status: {},
  };
}
