// What kubelets may not do although they may write such objects: touch what is of other nodes, make pods that borrow the rights
// of others, and give their node labels and taints by which pods are kept off it or drawn to it. Kubernetes' words.

import { leases } from "../../api/coordination/lease.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { notFound } from "../../api/meta/status.ts";
import type { ResourceSlice } from "../../api/resource/resource-slice.ts";
import { resourceSlices } from "../../api/resource/resource-slice.ts";
import { csiNodes } from "../../api/storage/csi-node.ts";
import { nodeOf } from "../auth/node-authorizer.ts";
import { listPodReferences } from "../auth/pod-references.ts";
import { omit } from "../omit.ts";
import { findSeen, refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";
import { forbiddenLabels } from "./node-labels.ts";
import { isMirror } from "./pod-secrets.ts";

export const nodeRestriction: AdmissionStep = {
  name: "NodeRestriction",
  async admit(request) {
    const node = nodeOf(request.user);
    const problem = node === undefined ? undefined : await findProblem(request, node);
    if (problem !== undefined) throw refused(request, problem);
    return undefined;
  },
};

/** Undefined: let pass. Otherwise why not. */
type Problem = string | undefined;
type Check = (request: AdmissionRequest, node: string) => Problem | Promise<Problem>;

const key = ({ group, plural }: { readonly group: string; readonly plural: string }) => `${group}/${plural}`;

const CHECKS: ReadonlyMap<string, Check> = new Map<string, Check>([
  [key(pods), checkPod],
  [key(nodes), checkNode],
  [key(persistentVolumeClaims), checkClaimStatus],
  [key(leases), checkLease],
  [key(csiNodes), checkCsiNode],
  [key(resourceSlices), checkSlice],
]);

function findProblem(request: AdmissionRequest, node: string): Problem | Promise<Problem> {
  return CHECKS.get(key(request.served.resource))?.(request, node);
}

const quote = (text: string) => JSON.stringify(text);

function checkPod(request: AdmissionRequest, node: string): Problem | Promise<Problem> {
  const { operation, subresource } = request;
  const isOwn = (request.old as Pod | undefined)?.spec.nodeName === node;
  switch (subresource) {
    case undefined:
      if (operation === "CREATE") return checkMirrorPod(request, node);
      if (operation !== "DELETE")
        return `unexpected operation ${quote(operation)}, node ${quote(node)} can only create and delete mirror pods`;
      return isOwn ? undefined : `node ${quote(node)} can only delete pods with spec.nodeName set to itself`;
    case "status":
      return checkPodStatus(request, node);
    case "eviction":
      return isOwn ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`;
    default:
      return `unexpected pod subresource ${quote(subresource)}, only 'status' and 'eviction' are allowed`;
  }
}

function checkPodStatus({ object, old }: AdmissionRequest, node: string): Problem {
  const [pod, before] = [object as Pod, old as Pod];
  const by = `node ${quote(node)}`;
  if (before.spec.nodeName !== node)
    return `${by} can only update pod status for pods with spec.nodeName set to itself`;
  if (!semanticEqual(pod.metadata.labels ?? {}, before.metadata.labels ?? {}))
    return `${by} cannot update labels through pod status`;
  const claims = ({ status }: Pod) => status.resourceClaimStatuses ?? [];
  return semanticEqual(claims(pod), claims(before)) ? undefined : `${by} cannot update resource claim statues`;
}

async function checkMirrorPod(request: AdmissionRequest, node: string): Promise<Problem> {
  const pod = request.object as Pod;
  const by = `node ${quote(node)}`;
  if (!isMirror(pod)) {
    return `pod does not have "kubernetes.io/config.mirror" annotation, ${by} can only create mirror pods`;
  }
  if (pod.spec.nodeName !== node) return `${by} can only create pods with spec.nodeName set to itself`;
  return (await checkOwner(request, pod, node)) ?? checkReferences(pod, by);
}

/** The pod goes with its node, and with no other that comes by the same name. */
async function checkOwner(request: AdmissionRequest, pod: Pod, node: string): Promise<Problem> {
  const by = `node ${quote(node)}`;
  const [owner, ...others] = pod.metadata.ownerReferences ?? [];
  if (others.length > 0) return `${by} can only create pods with a single owner reference set to itself`;
  if (owner?.apiVersion !== "v1" || owner.kind !== "Node" || owner.name !== node)
    return `${by} can only create pods with an owner reference set to itself`;
  if (!owner.controller) return `${by} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion) return `${by} must not set blockOwnerDeletion on an owner reference`;
  const stored = await findSeen(request, nodes, node);
  if (!stored) throw notFound(nodes, node);
  const { uid } = stored.metadata;
  return owner.uid === uid ? undefined : `node ${node} UID mismatch: expected ${owner.uid} got ${uid}`;
}

function checkReferences(pod: Pod, by: string): Problem {
  const references = listPodReferences(pod);
  const { volumes = [] } = pod.spec;
  const bundles = volumes.some(({ projected }) => projected?.sources?.some((each) => each.clusterTrustBundle));
  if (references.serviceAccounts.size > 0) return `${by} can not create pods that reference a service account`;
  const kinds: readonly (readonly [string, boolean])[] = [
    ["secrets", references.secrets.size > 0],
    ["configmaps", references.configMaps.size > 0],
    ["clustertrustbundles", bundles],
    ["persistentvolumeclaims", references.claims.size > 0],
    ["resourceclaims", references.resourceClaims.size > 0],
  ];
  const found = kinds.find(([, isFound]) => isFound);
  return found && `${by} can not create pods that reference ${found[0]}`;
}

function checkNode({ name, object, old }: AdmissionRequest, node: string): Problem {
  if (name !== node) return `node ${quote(node)} is not allowed to modify node ${quote(name)}`;
  if (!object) return undefined;
  return old ? checkNodeUpdate(object as Node, old as Node) : checkNewNode(object as Node);
}

/** It may come with taints: with fewer pods than it could have. */
function checkNewNode(node: Node): Problem {
  const by = `node ${quote(node.metadata.name)}`;
  if (node.spec.configSource) return `${by} is not allowed to create pods with a non-nil configSource`;
  const labels = forbiddenLabels(node, undefined);
  return labels.length > 0 ? `${by} is not allowed to set the following labels: ${labels.join(", ")}` : undefined;
}

function checkNodeUpdate(node: Node, old: Node): Problem {
  const by = `node ${quote(node.metadata.name)}`;
  const { configSource, taints = [] } = node.spec;
  if (configSource && !semanticEqual(configSource, old.spec.configSource))
    return `${by} is not allowed to update configSource to a new non-nil configSource`;
  if (!semanticEqual(taints, old.spec.taints ?? [])) return `${by} is not allowed to modify taints`;
  const labels = forbiddenLabels(node, old);
  return labels.length > 0 ? `is not allowed to modify labels: ${labels.join(", ")}` : undefined;
}

/** Kubelets that grow a file system say how far they are, and nothing else. */
function checkClaimStatus({ subresource, object, old }: AdmissionRequest, node: string): Problem {
  if (subresource !== "status") return "may only update PVC status";
  const kept = ({ metadata, status, ...claim }: PersistentVolumeClaim) => ({
    ...claim,
    metadata: omit(metadata, "resourceVersion", "managedFields"),
    status: omit(status, "capacity", "conditions", "allocatedResources", "allocatedResourceStatuses"),
  });
  if (semanticEqual(kept(object as PersistentVolumeClaim), kept(old as PersistentVolumeClaim))) return undefined;
  return `node ${quote(node)} is not allowed to update fields other than status.capacity and status.conditions`;
}

function checkLease({ namespace, name }: AdmissionRequest, node: string): Problem {
  if (namespace !== "kube-node-lease") return 'can only access leases in the "kube-node-lease" system namespace';
  return name === node ? undefined : "can only access node lease with the same name as the requesting node";
}

function checkCsiNode({ name }: AdmissionRequest, node: string): Problem {
  return name === node ? undefined : "can only access CSINode with the same name as the requesting node";
}

function checkSlice({ operation, object, old }: AdmissionRequest, node: string): Problem {
  const slice = (operation === "DELETE" ? old : object) as ResourceSlice;
  if ((operation !== "CREATE" && operation !== "DELETE") || slice.spec.nodeName === node) return undefined;
  return `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`;
}
