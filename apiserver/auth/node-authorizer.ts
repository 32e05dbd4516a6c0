// What the kubelet of a node may do: what every node needs, and of the objects of others only what pods on its own node
// refer to. It decides by the pods as they are in the cache, at each request anew. Kubernetes' Node authorizer.

import { leases } from "../../api/coordination/lease.ts";
import { configMaps } from "../../api/core/config-map.ts";
import { nodes } from "../../api/core/node.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { pods } from "../../api/core/pod.ts";
import { secrets } from "../../api/core/secret.ts";
import { serviceAccounts } from "../../api/core/service-account.ts";
import { requiredFieldValue } from "../../api/meta/selector.ts";
import { resourceClaims } from "../../api/resource/resource-claim.ts";
import { resourceSlices } from "../../api/resource/resource-slice.ts";
import { csiNodes } from "../../api/storage/csi-node.ts";
import { volumeAttachments } from "../../api/storage/volume-attachment.ts";
import type { PolicyRule } from "../../api/rbac/role.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { Attributes, Authorizer, Decision } from "../authorizer.ts";
import type { ResourceTable } from "../served-resource.ts";
import { NodeObjects } from "./node-objects.ts";
import type { PodReferences } from "./pod-references.ts";
import { ruleAllows } from "./rule-matching.ts";

const ALLOWED: Decision = { verdict: "allow" };
const READS = ["get", "list", "watch"];

/** The name of the node that the user is the kubelet of; undefined for everybody else. */
export function nodeOf({ username, groups }: UserInfo): string | undefined {
  const name = /^system:node:(.+)$/.exec(username)?.[1];
  return groups.includes("system:nodes") ? name : undefined;
}

/** `rules`: what all nodes may do with what is nobody's in particular. */
export function createNodeAuthorizer(resources: ResourceTable, rules: readonly PolicyRule[]): Authorizer {
  const judges = createJudges(new NodeObjects(resources));
  return {
    authorize(attributes): Decision {
      const node = nodeOf(attributes.user);
      if (node === undefined) return { verdict: "none" };
      const { group, plural } = attributes.resource ?? {};
      const judge = judges.get(`${group}/${plural}`);
      const problem = judge?.(node, attributes);
      if (problem !== undefined) return { verdict: "none", reason: problem };
      const isAllowed = judge !== undefined || rules.some((rule) => ruleAllows(rule, attributes));
      return isAllowed ? ALLOWED : { verdict: "none" };
    },
    // Nothing that could be listed: it depends on the pods.
    rulesFor: () => ({ resourceRules: [], nonResourceRules: [] }),
  };
}

/** Undefined: allowed. Otherwise why not, in Kubernetes' words. */
type Judge = (node: string, attributes: Attributes) => string | undefined;
type IsRelated = (node: string, attributes: Attributes) => boolean;

const key = ({ group, plural }: { readonly group: string; readonly plural: string }) => `${group}/${plural}`;

function createJudges(objects: NodeObjects): ReadonlyMap<string, Judge> {
  const refers =
    (list: keyof PodReferences): IsRelated =>
    (node, { namespace = "", name = "" }) =>
      objects.someReference(node, namespace, (references) => references[list].has(name));
  return new Map<string, Judge>([
    [key(secrets), readJudge(refers("secrets"))],
    [key(configMaps), readJudge(refers("configMaps"))],
    [key(persistentVolumeClaims), claimJudge(refers("claims"))],
    [key(persistentVolumes), getJudge((node, { name = "" }) => objects.usesVolume(node, name))],
    [key(volumeAttachments), getJudge((node, { name = "" }) => objects.isAttachedTo(node, name))],
    [key(resourceClaims), getJudge(refers("resourceClaims"))],
    [key(serviceAccounts), accountJudge(refers("serviceAccounts"))],
    [key(leases), leaseJudge],
    [key(csiNodes), csiNodeJudge],
    [key(resourceSlices), sliceJudge((node, { name = "" }) => objects.ownsSlice(node, name))],
    [key(nodes), nodeJudge],
    [key(pods), podJudge((node, { namespace = "", name = "" }) => objects.runs(node, namespace, name))],
  ]);
}

function judgeRelation(isRelated: IsRelated, node: string, attributes: Attributes): string | undefined {
  if (!attributes.name) return "No Object name found";
  return isRelated(node, attributes) ? undefined : `no relationship found between node '${node}' and this object`;
}

const getJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    if (attributes.verb !== "get") return "can only get individual resources of this type";
    if (attributes.subresource) return "cannot get subresource";
    return judgeRelation(isRelated, node, attributes);
  };

/** Single objects may be followed, too. */
const readJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    if (!READS.includes(attributes.verb)) return "can only read resources of this type";
    if (attributes.subresource) return "cannot read subresource";
    if (!attributes.namespace) return "can only read namespaced object of this type";
    return judgeRelation(isRelated, node, attributes);
  };

/** Kubelets that grow a file system say so in the claim's status. */
const claimJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    if (attributes.subresource !== "status") return getJudge(isRelated)(node, attributes);
    if (!["update", "patch"].includes(attributes.verb)) return "can only get/update/patch this type";
    return judgeRelation(isRelated, node, attributes);
  };

/** Tokens for the pods that the node runs. */
const accountJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    const { verb, subresource, name } = attributes;
    if (verb !== "create" || !name) return "can only create tokens for individual service accounts";
    if (subresource !== "token") return "can only create token subresource of serviceaccount";
    return judgeRelation(isRelated, node, attributes);
  };

/** The name of what is created is not known here; NodeRestriction looks at it, as at all that is written. */
const hasOtherName = (node: string, { verb, name }: Attributes) => verb !== "create" && name !== node;

const leaseJudge: Judge = (node, attributes) => {
  if (!OWN_VERBS.includes(attributes.verb)) return "can only get, create, update, patch, or delete a node lease";
  if (attributes.namespace !== "kube-node-lease")
    return 'can only access leases in the "kube-node-lease" system namespace';
  return hasOtherName(node, attributes)
    ? "can only access node lease with the same name as the requesting node"
    : undefined;
};

const csiNodeJudge: Judge = (node, attributes) => {
  if (!OWN_VERBS.includes(attributes.verb)) return "can only get, create, update, patch, or delete a CSINode";
  if (attributes.subresource) return "cannot authorize CSINode subresources";
  return hasOtherName(node, attributes)
    ? "can only access CSINode with the same name as the requesting node"
    : undefined;
};

const OWN_VERBS = ["get", "create", "update", "patch", "delete"];

/** Whether the request is limited to what its field selector leaves: that of the node. */
const selectsNode = (node: string, { fieldSelector = [] }: Attributes) =>
  requiredFieldValue(fieldSelector, "spec.nodeName") === node;

const sliceJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    const { verb, subresource } = attributes;
    if (subresource) return "cannot authorize ResourceSlice subresources";
    if (verb === "create") return undefined;
    if (OWN_VERBS.includes(verb)) return judgeRelation(isRelated, node, attributes);
    if (!["watch", "list", "deletecollection"].includes(verb))
      return "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection";
    return selectsNode(node, attributes)
      ? undefined
      : "can only list/watch/deletecollection resourceslices with spec.nodeName field selector";
  };

const nodeJudge: Judge = (node, { verb, subresource, name }) => {
  if (subresource) return subresource === "status" && ["update", "patch"].includes(verb) ? undefined : "";
  if (["create", "update", "patch"].includes(verb)) return undefined;
  if (!READS.includes(verb)) return "";
  if (!name) return `node '${node}' cannot read all nodes, only its own Node object`;
  return name === node ? undefined : `node '${node}' cannot read '${name}', only its own Node object`;
};

/** A pod that is known to be another node's is not shown; which ones are listed the selector says. */
const podJudge =
  (isOn: IsRelated): Judge =>
  (node, attributes) => {
    const { verb, subresource = "", name } = attributes;
    if (POD_WRITES[subresource]?.includes(verb)) return undefined;
    if (subresource || !READS.includes(verb)) return "";
    if (verb === "get") return judgeRelation(isOn, node, attributes);
    if (selectsNode(node, attributes)) return undefined;
    return name ? judgeRelation(isOn, node, attributes) : "can only list/watch pods with spec.nodeName field selector";
  };

/** NodeRestriction limits them to pods of the node. */
const POD_WRITES: Readonly<Record<string, readonly string[] | undefined>> = {
  "": ["create", "delete"],
  status: ["update", "patch"],
  eviction: ["create"],
};
