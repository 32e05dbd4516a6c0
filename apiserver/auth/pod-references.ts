// The objects of its namespace that a pod refers to, by name: what the kubelet that runs it has to read. Pure.

import type { Container, EphemeralContainer } from "../../api/core/container.ts";
import type { Pod, PodSpec } from "../../api/core/pod.ts";
import type { Volume } from "../../api/core/volume.ts";
import type { VolumeProjection } from "../../api/core/volume-projection.ts";

export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configMaps: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly serviceAccounts: ReadonlySet<string>;
  /** Claims to devices. */
  readonly resourceClaims: ReadonlySet<string>;
}

type Names = readonly (string | undefined)[];

export function listPodReferences({ metadata, spec, status }: Pod): PodReferences {
  const { volumes = [], serviceAccountName, imagePullSecrets = [] } = spec;
  const projections = volumes.flatMap(({ projected }) => projected?.sources ?? []);
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
  return {
    secrets: setOf([
      ...imagePullSecrets.map(({ name }) => name),
      ...containers.flatMap((each) => sourcesOf(each).map(({ secret }) => secret)),
      ...volumes.flatMap(secretsOfVolume),
      ...projections.map(({ secret }: VolumeProjection) => secret?.name),
    ]),
    configMaps: setOf([
      ...containers.flatMap((each) => sourcesOf(each).map(({ configMap }) => configMap)),
      ...volumes.map(({ configMap }) => configMap?.name),
      ...projections.map(({ configMap }: VolumeProjection) => configMap?.name),
    ]),
    claims: setOf(claimsOf(metadata.name, volumes)),
    serviceAccounts: setOf([serviceAccountName]),
    resourceClaims: setOf([
      ...(spec.resourceClaims ?? []).map(({ resourceClaimName }) => resourceClaimName),
      // Those that were made for the pod.
      ...(status.resourceClaimStatuses ?? []).map(({ resourceClaimName }) => resourceClaimName),
    ]),
  };
}

const setOf = (names: Names): ReadonlySet<string> =>
  new Set(names.filter((name) => name !== undefined && name !== "") as string[]);

const sourcesOf = ({ env = [], envFrom = [] }: Container | EphemeralContainer) => [
  ...env.map(({ valueFrom }) => ({
    secret: valueFrom?.secretKeyRef?.name,
    configMap: valueFrom?.configMapKeyRef?.name,
  })),
  ...envFrom.map(({ secretRef, configMapRef }) => ({ secret: secretRef?.name, configMap: configMapRef?.name })),
];

interface SecretHolder {
  readonly secretName?: string;
  readonly secretRef?: { readonly name?: string };
  readonly nodePublishSecretRef?: { readonly name?: string };
}

/** Every sort of volume names its secret in one of these fields. */
function secretsOfVolume(volume: Volume): Names {
  return Object.values(volume).flatMap((source: unknown) => {
    if (typeof source !== "object" || source === null) return [];
    const { secretName, secretRef, nodePublishSecretRef } = source as SecretHolder;
    return [secretName, secretRef?.name, nodePublishSecretRef?.name];
  });
}

/** A claim that is made for the pod has the pod's name in its own. */
const claimsOf = (pod: string, volumes: NonNullable<PodSpec["volumes"]>): Names =>
  volumes.map(({ name, persistentVolumeClaim, ephemeral }) =>
    ephemeral ? `${pod}-${name}` : persistentVolumeClaim?.claimName,
  );
