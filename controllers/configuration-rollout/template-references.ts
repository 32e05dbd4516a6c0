// The ConfigMaps and Secrets that a pod template takes settings from: its volumes, variables and environments. Pure. What pulls
// images or mounts storage is no setting of the application.

import { configMaps, type ConfigMap } from "../../api/core/config-map.ts";
import type { Container } from "../../api/core/container.ts";
import type { PodTemplateSpec } from "../../api/core/pod-template.ts";
import { secrets, type Secret } from "../../api/core/secret.ts";
import type { Volume } from "../../api/core/volume.ts";
import type { ResourceDefinition } from "../../api/resource.ts";

export type ConfigurationKind = "ConfigMap" | "Secret";

type OfKind = ResourceDefinition<ConfigMap | Secret>;
// Who reads one kind may be handed what serves either: each is only ever asked for its own.
export const RESOURCES: Readonly<Record<ConfigurationKind, OfKind>> = { ConfigMap: configMaps, Secret: secrets };

export interface Reference {
  readonly kind: ConfigurationKind;
  readonly name: string;
  /** Pods start without it. */
  readonly isOptional: boolean;
}

/** How the object is known in a note. */
export const referenceKey = ({ kind, name }: Pick<Reference, "kind" | "name">): string => `${kind}/${name}`;

/** The kind in such a key. */
export const kindOf = (key: string): ConfigurationKind => (key.startsWith("Secret/") ? "Secret" : "ConfigMap");

/** Each object once; it is optional only if every mention of it is. */
export function referencesIn(template: PodTemplateSpec): readonly Reference[] {
  const found = new Map<string, Reference>();
  renameReferences(template, (reference) => {
    const known = found.get(referenceKey(reference));
    const isOptional = reference.isOptional && (known?.isOptional ?? true);
    found.set(referenceKey(reference), { ...reference, isOptional });
    return reference.name;
  });
  return [...found.values()];
}

type Rename = (reference: Reference) => string;

/** The template with other names in the places of these. */
export function renameReferences(template: PodTemplateSpec, rename: Rename): PodTemplateSpec {
  const { spec } = template;
  if (!spec) return template;
  return {
    ...template,
    spec: {
      ...spec,
      ...(spec.volumes && { volumes: spec.volumes.map((volume) => inVolume(volume, rename)) }),
      ...(spec.initContainers && { initContainers: spec.initContainers.map((each) => inContainer(each, rename)) }),
      containers: spec.containers.map((each) => inContainer(each, rename)),
    },
  };
}

interface Named {
  readonly name?: string;
  readonly optional?: boolean;
}

function renamed<T extends Named>(kind: ConfigurationKind, source: T, rename: Rename): T {
  if (!source.name) return source;
  return { ...source, name: rename({ kind, name: source.name, isOptional: source.optional === true }) };
}

function inVolume(volume: Volume, rename: Rename): Volume {
  const { configMap, secret, projected } = volume;
  if (configMap) return { ...volume, configMap: renamed("ConfigMap", configMap, rename) };
  if (secret?.secretName) {
    const { secretName: name, optional } = secret;
    return { ...volume, secret: { ...secret, secretName: renamed("Secret", { name, optional }, rename).name } };
  }
  if (!projected?.sources) return volume;
  const sources = projected.sources.map((source) => ({ ...source, ...inSource(source, rename) }));
  return { ...volume, projected: { ...projected, sources } };
}

function inContainer(container: Container, rename: Rename): Container {
  const { env, envFrom } = container;
  return {
    ...container,
    ...(env && {
      env: env.map((variable) => {
        const { valueFrom } = variable;
        if (!valueFrom?.configMapKeyRef && !valueFrom?.secretKeyRef) return variable;
        const { configMapKeyRef, secretKeyRef } = valueFrom;
        return {
          ...variable,
          valueFrom: {
            ...valueFrom,
            ...(configMapKeyRef && { configMapKeyRef: renamed("ConfigMap", configMapKeyRef, rename) }),
            ...(secretKeyRef && { secretKeyRef: renamed("Secret", secretKeyRef, rename) }),
          },
        };
      }),
    }),
    ...(envFrom && {
      envFrom: envFrom.map(({ configMapRef, secretRef, ...rest }) => ({
        ...rest,
        ...(configMapRef && { configMapRef: renamed("ConfigMap", configMapRef, rename) }),
        ...(secretRef && { secretRef: renamed("Secret", secretRef, rename) }),
      })),
    }),
  };
}

type Source = NonNullable<NonNullable<Volume["projected"]>["sources"]>[number];

function inSource({ configMap, secret }: Source, rename: Rename): Source {
  return {
    ...(configMap && { configMap: renamed("ConfigMap", configMap, rename) }),
    ...(secret && { secret: renamed("Secret", secret, rename) }),
  };
}
