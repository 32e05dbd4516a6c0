// The ConfigMaps and Secrets that a pod's spec names: in environments, volumes, and for pulling images. Pure.

import type { Container } from "../api/core/container.ts";
import type { PodSpec } from "../api/core/pod.ts";
import type { Volume } from "../api/core/volume.ts";

export interface Reference {
  readonly kind: "configmap" | "secret";
  readonly namespace: string;
  readonly name: string;
}

type Named = Pick<Reference, "kind"> & { readonly name: string | undefined };

/** Each once. */
export function listReferences(namespace: string, spec: PodSpec): readonly Reference[] {
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  const named = [
    ...containers.flatMap(ofContainer),
    ...(spec.volumes ?? []).flatMap(ofVolume),
    ...(spec.imagePullSecrets ?? []).map(({ name }): Named => ({ kind: "secret", name })),
  ];
  const distinct = new Map(named.map(({ kind, name }) => [`${kind}/${name}`, { kind, namespace, name: name ?? "" }]));
  return [...distinct.values()].filter(({ name }) => name !== "");
}

function ofContainer({ env = [], envFrom = [] }: Container): Named[] {
  const sources = [
    ...envFrom.map(({ configMapRef, secretRef }) => ({ configMap: configMapRef, secret: secretRef })),
    ...env.map(({ valueFrom }) => ({ configMap: valueFrom?.configMapKeyRef, secret: valueFrom?.secretKeyRef })),
  ];
  return sources.flatMap(ofSource);
}

interface Source {
  readonly configMap?: { readonly name?: string };
  readonly secret?: { readonly name?: string };
}

const ofSource = ({ configMap, secret }: Source): Named[] => [
  ...(configMap ? [{ kind: "configmap", name: configMap.name } as const] : []),
  ...(secret ? [{ kind: "secret", name: secret.name } as const] : []),
];

function ofVolume({ configMap, secret, projected }: Volume): Named[] {
  const own = ofSource({ configMap, ...(secret && { secret: { name: secret.secretName } }) });
  return [...own, ...(projected?.sources ?? []).flatMap(ofSource)];
}
