// What the kubelet of a node may do: what every node needs, and of the objects of others only what pods on its own node
// refer to. It decides by the pods as they are in the cache, at each request anew. Kubernetes' Node authorizer.

import { leases } from "../../api/coordination/lease.ts";
import { configMaps } from "../../api/core/config-map.ts";
import { nodes } from "../../api/core/node.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { secrets } from "../../api/core/secret.ts";
import { serviceAccounts } from "../../api/core/service-account.ts";
import { csiNodes } from "../../api/storage/csi-node.ts";
import { volumeAttachments, type VolumeAttachment } from "../../api/storage/volume-attachment.ts";
import type { PolicyRule } from "../../api/rbac/role.ts";
import type { UserInfo } from "../../lib/http.ts";
import type { Attributes, Authorizer, Decision } from "../authorizer.ts";
import { objectOf } from "../registry/view.ts";
import { collectionPrefix, storageKey, type ResourceTable } from "../served-resource.ts";
import { listPodReferences, type PodReferences } from "./pod-references.ts";
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

/** Undefined: allowed. Otherwise why not. */
type Judge = (node: string, attributes: Attributes) => string | undefined;

const NO_RELATIONSHIP = (node: string) => `no relationship found between node ${JSON.stringify(node)} and this object`;

function createJudges(objects: NodeObjects): ReadonlyMap<string, Judge> {
  const related =
    (verbs: readonly string[], isRelated: (node: string, attributes: Attributes) => boolean): Judge =>
    (node, attributes) => {
      const { verb, name, subresource } = attributes;
      if (!verbs.includes(verb)) return `can only ${describeVerbs(verbs)} this resource`;
      if (subresource) return "cannot read subresource";
      if (!name) return "No Object name found";
      return isRelated(node, attributes) ? undefined : NO_RELATIONSHIP(node);
    };
  const own = (verbs: readonly string[], kind: string): Judge => {
    return (node, { verb, name, subresource }) => {
      if (!verbs.includes(verb)) return `can only ${describeVerbs(verbs)} a ${kind}`;
      if (subresource) return `cannot authorize ${kind} subresources`;
      // A name that the server chooses cannot be the node's.
      if (verb !== "create" && name !== node)
        return `can only access ${kind} with the same name as the requesting node`;
      return undefined;
    };
  };
  const refers =
    (list: keyof PodReferences) =>
    (node: string, { namespace = "", name = "" }: Attributes) =>
      objects.someReference(node, namespace, (references) => references[list].has(name));
  const key = ({ group, plural }: { readonly group: string; readonly plural: string }) => `${group}/${plural}`;
  return new Map<string, Judge>([
    [key(secrets), related(READS, refers("secrets"))],
    [key(configMaps), related(READS, refers("configMaps"))],
    [key(persistentVolumeClaims), claimJudge(refers("claims"))],
    [key(persistentVolumes), related(["get"], (node, { name = "" }) => objects.usesVolume(node, name))],
    [key(volumeAttachments), related(["get"], (node, { name = "" }) => objects.isAttachedTo(node, name))],
    [key(serviceAccounts), accountJudge(refers("serviceAccounts"))],
    [key(leases), leaseJudge(own(["create", "get", "update", "patch", "delete"], "lease"))],
    [key(csiNodes), own(["create", "get", "update", "patch", "delete"], "CSINode")],
    [key(nodes), nodeJudge],
    [key(pods), podJudge((node, { namespace = "", name = "" }) => objects.runs(node, namespace, name))],
  ]);
}

const describeVerbs = (verbs: readonly string[]) => [...verbs].join("/");

type IsRelated = (node: string, attributes: Attributes) => boolean;

/** Kubelets that grow a file system say so in the claim's status. */
const claimJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    const { verb, subresource, name } = attributes;
    const verbs = subresource === "status" ? ["get", "update", "patch"] : ["get"];
    if (subresource && subresource !== "status") return "cannot read subresource";
    if (!verbs.includes(verb)) return `can only ${describeVerbs(verbs)} individual resources of this type`;
    return name && isRelated(node, attributes) ? undefined : NO_RELATIONSHIP(node);
  };

/** Tokens for the pods that the node runs. */
const accountJudge =
  (isRelated: IsRelated): Judge =>
  (node, attributes) => {
    const { verb, subresource, name } = attributes;
    if (verb !== "create" || subresource !== "token") return "can only create tokens for individual service accounts";
    return name && isRelated(node, attributes) ? undefined : NO_RELATIONSHIP(node);
  };

const leaseJudge =
  (judge: Judge): Judge =>
  (node, attributes) =>
    attributes.namespace === "kube-node-lease" ? judge(node, attributes) : "can only access leases in kube-node-lease";

const nodeJudge: Judge = (node, { verb, subresource, name }) => {
  const isOwn = name === node;
  if (subresource)
    return isOwn && subresource === "status" && ["update", "patch"].includes(verb)
      ? undefined
      : "cannot access this subresource";
  if (verb === "create") return undefined;
  if (!["get", "list", "watch", "update", "patch"].includes(verb))
    return "can only get, list, watch, create and change nodes";
  return isOwn ? undefined : "node can only access its own Node object";
};

/** A list is narrowed by the kubelet's own selector; single pods are those of the node, or new ones. */
const podJudge =
  (isOn: IsRelated): Judge =>
  (node, attributes) => {
    const { verb, subresource = "", name } = attributes;
    if (!POD_VERBS[subresource]?.includes(verb))
      return "can only read, create and delete pods, and report their status";
    const isAboutOne = name !== undefined && !(verb === "create" && subresource === "");
    return !isAboutOne || isOn(node, attributes) ? undefined : NO_RELATIONSHIP(node);
  };

const POD_VERBS: Readonly<Record<string, readonly string[] | undefined>> = {
  "": ["get", "list", "watch", "create", "delete"],
  status: ["update", "patch"],
  eviction: ["create"],
};

/** The objects that have to do with a node, as the caches show them. */
class NodeObjects {
  readonly #resources: ResourceTable;

  constructor(resources: ResourceTable) {
    this.#resources = resources;
  }

  /** Whether a pod of the namespace on the node refers to what `isMeant` looks for. */
  someReference(node: string, namespace: string, isMeant: (references: PodReferences) => boolean): boolean {
    const served = this.#resources.require(pods);
    for (const entry of served.cache.walk(collectionPrefix(served, namespace))) {
      const pod = objectOf<Pod>(entry);
      if (pod.spec.nodeName === node && isMeant(listPodReferences(pod))) return true;
    }
    return false;
  }

  /** Also true of pods that are gone: what is asked about them is answered so. */
  runs(node: string, namespace: string, name: string): boolean {
    const served = this.#resources.require(pods);
    const entry = served.cache.get(storageKey(served, { namespace, name }));
    return entry === undefined || objectOf<Pod>(entry).spec.nodeName === node;
  }

  /** Volumes are reached through their claims. */
  usesVolume(node: string, name: string): boolean {
    const served = this.#resources.require(persistentVolumeClaims);
    for (const entry of served.cache.walk(served.prefix)) {
      const { spec, metadata } = objectOf<PersistentVolumeClaim>(entry);
      const isClaimed = spec.volumeName === name;
      if (isClaimed && this.someReference(node, metadata.namespace ?? "", ({ claims }) => claims.has(metadata.name)))
        return true;
    }
    return false;
  }

  isAttachedTo(node: string, name: string): boolean {
    const served = this.#resources.require(volumeAttachments);
    const entry = served.cache.get(storageKey(served, { name }));
    return entry !== undefined && objectOf<VolumeAttachment>(entry).spec.nodeName === node;
  }
}
