// The rules about volumes: claims that have none, volumes that a node cannot reach, disks that another pod holds.

import { storageClassOf } from "../../../api/core/claim-quota.ts";
import type { PersistentVolumeClaim } from "../../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../../api/core/persistent-volume.ts";
import { isFullyBound } from "../../../api/core/volume-binding.ts";
import type { PodInfo } from "../../pod-info.ts";
import { edit } from "../cluster-view.ts";
import { COST, type Obstacle, type Remedy } from "../obstacle.ts";
import type { Picture } from "../picture.ts";
import { listNames } from "../pod-changes.ts";
import { HOSTNAME_LABEL } from "../../spread-constraints.ts";
import { isRemovable, removal } from "./room-guides.ts";
import type { RuleGuide, Site } from "./rule-guide.ts";

/** The claims of the pod that are there. */
const claimsOf = ({ claims, namespace }: PodInfo, { snapshot: { storage } }: Picture) =>
  claims.flatMap(({ name }) => storage.claim(namespace, name) ?? []);

/** The pod's volumes that only some nodes reach. */
export const volumesOf = (pod: PodInfo, picture: Picture): readonly PersistentVolume[] =>
  claimsOf(pod, picture).flatMap(({ spec }) => picture.snapshot.storage.volume(spec.volumeName ?? "") ?? []);

export const volumeBindingGuide: RuleGuide = {
  plugin: "VolumeBinding",
  cause({ reasons }) {
    const [first = ""] = reasons;
    if (first.includes("node affinity conflict")) return "VolumeNodeAffinity";
    if (first.includes("non-existent")) return "VolumeMissing";
    return first.includes("free storage") ? "StorageCapacity" : "NoVolumeAvailable";
  },
  tell(site) {
    const { reasons, pod, picture } = site;
    const names = listNames(volumesOf(pod, picture).map(({ metadata }) => metadata.name));
    const [first = ""] = reasons;
    if (first.includes("node affinity conflict")) return `it does not reach the pod's volume ${names}`;
    if (first.includes("non-existent")) return "a claim of the pod is bound to a volume that does not exist";
    if (first.includes("free storage")) return "no storage of this size is left for it";
    return `it has no volume for the claim ${listNames(open(site).map(({ metadata }) => metadata.name))}, and nobody makes one there`;
  },
  remedies: (site) =>
    open(site)
      .slice(0, 1)
      .map((claim) => makeVolume(claim, site.node.name)),
};

const open = ({ pod, picture }: Site) => claimsOf(pod, picture).filter((claim) => !isFullyBound(claim));

/** `nodeName`: the volume is to be there; anywhere unless given. */
function makeVolume(claim: PersistentVolumeClaim, nodeName?: string): Remedy {
  const { name, namespace } = claim.metadata;
  const storage = claim.spec.resources.requests?.storage ?? "1Gi";
  const className = storageClassOf(claim);
  const terms = [{ matchExpressions: [{ key: HOSTNAME_LABEL, operator: "In", values: [nodeName] }] }];
  const volume = {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: `for-${namespace}-${name}`, uid: `new ${name}` },
    spec: {
      capacity: { storage },
      accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
      ...(className && { storageClassName: className }),
      ...(claim.spec.volumeMode && { volumeMode: claim.spec.volumeMode }),
      persistentVolumeReclaimPolicy: "Retain",
      hostPath: { path: `/var/lib/volumes/${namespace}-${name}` },
      ...(nodeName !== undefined && { nodeAffinity: { required: { nodeSelectorTerms: terms } } }),
    },
    status: { phase: "Available" },
  } as unknown as PersistentVolume;
  const modes = listNames(claim.spec.accessModes ?? []);
  const where = nodeName === undefined ? "" : ` that node ${nodeName} reaches`;
  const ofClass = className ? `of the storage class ${className}` : "without a storage class";
  return {
    cost: COST.loosen,
    text: `Make a volume of ${storage} ${ofClass} with the access mode ${modes}${where}, for the claim ${namespace}/${name}.`,
    edits: [edit("create", "volumes", volume)],
  };
}

export const volumeZoneGuide: RuleGuide = {
  plugin: "VolumeZone",
  cause: () => "VolumeZone",
  tell: ({ pod, picture }) =>
    `the pod's volume ${listNames(volumesOf(pod, picture).map(({ metadata }) => metadata.name))} is in another zone`,
  remedies: () => [],
};

export const volumeLimitsGuide: RuleGuide = {
  plugin: "NodeVolumeLimits",
  cause: () => "TooManyVolumes",
  tell: () => "it has as many volumes attached as it can have",
  remedies(site) {
    const users = [...site.picture.snapshot.podsOn(site.node.name)].filter(
      (pod) => pod.claims.length > 0 && isRemovable(pod),
    );
    const [first] = users;
    return first
      ? [removal([first.pod], `Remove a pod with volumes, such as ${first.key}, from node ${site.node.name}`)]
      : [];
  },
};

export const volumeRestrictionsGuide: RuleGuide = {
  plugin: "VolumeRestrictions",
  cause: () => "VolumeInUse",
  tell: (site) =>
    `${listNames(holders(site).map(({ key }) => key)) || "another pod"} uses its volume, which only one pod may use`,
  remedies(site) {
    const users = holders(site);
    if (users.length === 0 || !users.every(isRemovable)) return [];
    return [
      removal(
        users.map(({ pod }) => pod),
        `Remove ${listNames(users.map(({ key }) => key))}, or wait until it ends`,
      ),
    ];
  },
};

/** Those with a claim of the pod's, wherever they are; those with disks of this node, where none has. */
function holders({ pod, node, picture: { snapshot } }: Site): readonly PodInfo[] {
  const names = new Set(pod.claims.map(({ name }) => name));
  const all = snapshot.nodes.flatMap(({ name }) => [...snapshot.podsOn(name)]);
  const sharing = all.filter(
    (other) => other.namespace === pod.namespace && other.claims.some(({ name }) => names.has(name)),
  );
  if (sharing.length > 0) return sharing;
  return [...snapshot.podsOn(node.name)].filter(({ pod: { spec } }) =>
    spec.volumes?.some(
      ({ gcePersistentDisk, awsElasticBlockStore, iscsi, rbd }) =>
        gcePersistentDisk ?? awsElasticBlockStore ?? iscsi ?? rbd,
    ),
  );
}

/** What the pod's claims say before any node is looked at; undefined: nothing. */
export function explainClaims(pod: PodInfo, picture: Picture, refusal: string): Obstacle | undefined {
  const { storage } = picture.snapshot;
  for (const { name, isEphemeral } of pod.claims) {
    const claim = storage.claim(pod.namespace, name);
    if (!claim) return isEphemeral ? ephemeral(name, refusal) : missingClaim(pod, name, picture);
    if (claim.status.phase === "Lost") return lostClaim(claim);
    const waits = storage.storageClass(storageClassOf(claim))?.volumeBindingMode === "WaitForFirstConsumer";
    if (!isFullyBound(claim) && (!waits || claim.spec.volumeName)) return unboundClaim(claim, picture);
  }
  return undefined;
}

const ephemeral = (name: string, refusal: string): Obstacle => ({
  cause: "ClaimMissing",
  summary: `The pod waits for its claim ${name}, which the ephemeral volume controller is to make.`,
  evidence: [refusal],
  remedies: [],
});

function missingClaim({ namespace }: PodInfo, name: string, { view }: Picture): Obstacle {
  const standard = view.storageClasses.find(
    ({ metadata }) => metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true",
  );
  const storageClassName = standard?.metadata.name ?? "";
  const claim = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { namespace, name, uid: `new ${name}` },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, storageClassName },
    status: { phase: "Pending" },
  } as unknown as PersistentVolumeClaim;
  const near = view.claims
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map(({ metadata }) => metadata.name);
  const there = near.length > 0 ? `has the claims ${listNames(near)}` : "has no claims";
  return {
    cause: "ClaimMissing",
    summary: `The pod uses the claim ${namespace}/${name}, which does not exist.`,
    evidence: [`The namespace ${namespace} ${there}.`],
    remedies: [
      { cost: COST.allow, text: `Create the claim ${namespace}/${name}.`, edits: [edit("create", "claims", claim)] },
    ],
  };
}

const lostClaim = ({ metadata, spec }: PersistentVolumeClaim): Obstacle => ({
  cause: "ClaimLost",
  summary: `The claim ${metadata.namespace}/${metadata.name} has lost its volume ${spec.volumeName}.`,
  evidence: [`No volume is named ${spec.volumeName}: it was deleted while the claim was bound to it.`],
  remedies: [],
  advice: [
    {
      cost: COST.loosen,
      text: "Delete the claim, create it again, and restore its data.",
      command: `kctl delete pvc ${metadata.name} -n ${metadata.namespace}`,
      edits: [],
    },
  ],
});

function unboundClaim(claim: PersistentVolumeClaim, { view }: Picture): Obstacle {
  const { namespace, name } = claim.metadata;
  const className = storageClassOf(claim);
  const storageClass = view.storageClasses.find(({ metadata }) => metadata.name === className);
  const asked = `It asks for ${claim.spec.resources.requests?.storage} ${className ? `of the storage class ${className}` : "without a storage class"} and ${listNames(claim.spec.accessModes ?? [])}.`;
  const free = view.volumes.filter(({ spec }) => !spec.claimRef).map(({ metadata }) => metadata.name);
  const volumes = `${free.length > 0 ? `The free volumes are ${listNames(free)}` : "There is no free volume"}.`;
  const provisioner = storageClass
    ? `Volumes of this class are made by ${storageClass.provisioner}.`
    : `${className ? `There is no storage class ${className}` : "No class means that nobody makes volumes"}.`;
  return {
    cause: "ClaimUnbound",
    summary: `The claim ${namespace}/${name} of the pod has no volume, and does not wait for the pod to get one.`,
    evidence: [asked, volumes, provisioner],
    remedies: [makeVolume(claim)],
  };
}
