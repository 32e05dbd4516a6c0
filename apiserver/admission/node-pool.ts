// Keeps static partitions apart: a pod that gets a node, whoever gives it, gets one of its namespace's pool. That the namespace
// is still bound as it was seen, and the node still in the pool, is checked by the transaction.

import { daemonSets } from "../../api/apps/daemon-set.ts";
import { namespaces } from "../../api/core/namespace.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { poolDemand } from "../../api/kctl-scheduling/pools.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import type { Draft } from "../registry/draft.ts";
import type { AdmissionRequest, AdmissionStep } from "./admission-step.ts";

export const nodePool: AdmissionStep = {
  name: "NodePool",
  isFixed: true,
  validate(request) {
    const { served, object, old, namespace } = request;
    if (served.resource.plural !== pods.plural || served.resource.group !== pods.group || !namespace) return undefined;
    const node = (object as Pod | undefined)?.spec.nodeName;
    const isPlaced = node && node !== (old as Pod | undefined)?.spec.nodeName;
    return isPlaced ? demand(request, { pod: object as Pod, node, namespace }) : undefined;
  },
};

interface Placed {
  readonly pod: Pod;
  readonly node: string;
  readonly namespace: string;
}

async function demand(request: AdmissionRequest, { pod, node, namespace }: Placed): Promise<Partial<Draft>> {
  const entry = await request.view.get(request.resources.require(namespaces), { name: namespace });
  const namespaceLabels = entry?.object.metadata.labels;
  const owner = controllerOf(pod);
  const isDaemon = owner?.kind === daemonSets.kind && (await isDaemonSet(request, owner, namespace));
  return {
    ...(entry && { checks: [{ key: entry.key, revision: entry.revision }] }),
    allocations: [{ node, demand: poolDemand({ namespace, namespaceLabels, isDaemon }) }],
  };
}

/** Anybody can name an owner, so it has to be there. */
async function isDaemonSet(
  { view, resources }: AdmissionRequest,
  { apiVersion, name, uid }: OwnerReference,
  namespace: string,
): Promise<boolean> {
  const served = resources.find(daemonSets.group, daemonSets.version, daemonSets.plural);
  if (!served || !apiVersion.startsWith(`${daemonSets.group}/`)) return false;
  const found = await view.get(served, { namespace, name });
  return found?.object.metadata.uid === uid;
}
