// Who a StatefulSet's pods are: their names and numbers, the labels that tell them, and the claims that stay theirs. Pure.

import { statefulSets, type StatefulSet } from "../../api/apps/stateful-set.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import { POD_REVISION } from "../revisions/revision.ts";

export const POD_NAME_LABEL = "statefulset.kubernetes.io/pod-name";
export const POD_INDEX_LABEL = "apps.kubernetes.io/pod-index";

const ORDINAL_MAX = 2 ** 31 - 1;

type Named = { readonly metadata: { readonly name?: string } };

/** -1 where the name is none that a StatefulSet gives. */
export function ordinalOf({ metadata }: Named): number {
  const ordinal = Number(/-([0-9]+)$/.exec(metadata.name ?? "")?.[1] ?? NaN);
  return ordinal <= ORDINAL_MAX ? ordinal : -1;
}

/** By its name alone. */
export const isMember = (set: StatefulSet, { metadata }: Named): boolean =>
  /^(.*)-[0-9]+$/.exec(metadata.name ?? "")?.[1] === set.metadata.name;

export const startOf = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;
export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;

/** Whether the set wants a pod of this number. */
export const isInRange = (set: StatefulSet, ordinal: number): boolean =>
  ordinal >= startOf(set) && ordinal < startOf(set) + replicasOf(set);

export interface PodVersion {
  readonly template: PodTemplateSpec;
  /** The name of the ControllerRevision that holds the template. */
  readonly revision: string;
}

export function buildPod(set: StatefulSet, ordinal: number, { template, revision }: PodVersion): NewObject<Pod> {
  const { name: setName, namespace } = set.metadata;
  const { metadata, spec } = template;
  const name = `${setName}-${ordinal}`;
  return {
    metadata: {
      name,
      generateName: `${setName}-`,
      namespace,
      labels: { ...metadata?.labels, [POD_REVISION]: revision, ...identityLabels(name) },
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(set, statefulSets)],
    },
    spec: {
      ...spec,
      hostname: name,
      subdomain: set.spec.serviceName,
      volumes: volumesOf(set, { metadata: { name }, spec }),
    },
  };
}

const identityLabels = (name: string) => ({
  [POD_NAME_LABEL]: name,
  [POD_INDEX_LABEL]: String(ordinalOf({ metadata: { name } })),
});

type Volumes = NonNullable<Pod["spec"]["volumes"]>;

/** The volumes of the pod's claims stand in for those of the same names in the template. */
function volumesOf(set: StatefulSet, pod: Named & { readonly spec: Pick<Pod["spec"], "volumes"> }): Volumes {
  const claimed = claimNames(set, pod);
  const own = claimed.map(({ volume, claim }) => ({ name: volume, persistentVolumeClaim: { claimName: claim } }));
  return [...own, ...(pod.spec.volumes ?? []).filter(({ name }) => !claimed.some(({ volume }) => volume === name))];
}

interface ClaimName {
  readonly volume: string;
  readonly claim: string;
}

/** `<template>-<set>-<ordinal>`, for each template. */
export function claimNames(set: StatefulSet, pod: Named): readonly ClaimName[] {
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata }) => {
    const volume = metadata?.name ?? "";
    return { volume, claim: `${volume}-${set.metadata.name}-${ordinalOf(pod)}` };
  });
}

export function buildClaims(set: StatefulSet, pod: Named): readonly NewObject<PersistentVolumeClaim>[] {
  const names = claimNames(set, pod);
  return (set.spec.volumeClaimTemplates ?? []).map((template, index) => ({
    ...template,
    metadata: {
      ...template.metadata,
      name: names[index]?.claim,
      namespace: set.metadata.namespace,
      labels: { ...template.metadata?.labels, ...set.spec.selector.matchLabels },
    },
    status: undefined,
  }));
}

/** Whether the pod has the labels that its name asks for, and the volumes of its claims. */
export function hasIdentity(set: StatefulSet, pod: Pod): boolean {
  const hasVolumes = claimNames(set, pod).every(({ volume, claim }) =>
    pod.spec.volumes?.some(({ name, persistentVolumeClaim }) => {
      return name === volume && persistentVolumeClaim?.claimName === claim;
    }),
  );
  return hasVolumes && pod.metadata.labels?.[POD_NAME_LABEL] === pod.metadata.name;
}

export function withIdentity(set: StatefulSet, pod: Pod): Pod {
  const { metadata, spec } = pod;
  const labels = { ...metadata.labels, ...identityLabels(metadata.name) };
  return { ...pod, metadata: { ...metadata, labels }, spec: { ...spec, volumes: volumesOf(set, pod) } };
}
