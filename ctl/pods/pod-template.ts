// Where an object keeps the containers that it makes pods from: a pod its own, a workload those of its template. Pure.

import type { Container } from "../../api/core/container.ts";
import type { PodSpec } from "../../api/core/pod.ts";
import type { AnyObject } from "../any-object.ts";

type Json = Readonly<Record<string, unknown>>;

/** From the object to its pods' spec. */
const SPEC_PATHS: Readonly<Record<string, readonly string[]>> = {
  Pod: ["spec"],
  PodTemplate: ["template", "spec"],
  CronJob: ["spec", "jobTemplate", "spec", "template", "spec"],
};
const TEMPLATE_KINDS = new Set([
  "Deployment",
  "ReplicaSet",
  "ReplicationController",
  "StatefulSet",
  "DaemonSet",
  "Job",
]);

const pathOf = ({ kind }: AnyObject): readonly string[] | undefined =>
  SPEC_PATHS[kind] ?? (TEMPLATE_KINDS.has(kind) ? ["spec", "template", "spec"] : undefined);

/** Undefined where the kind makes no pods. */
export function podSpecOf(object: AnyObject): PodSpec | undefined {
  const path = pathOf(object);
  if (!path) return undefined;
  return path.reduce<unknown>((value, field) => (value as Json | undefined)?.[field], object) as PodSpec | undefined;
}

/** The object with another pod spec in the same place. */
export function withPodSpec(object: AnyObject, spec: PodSpec): AnyObject {
  return replaceAt(object, pathOf(object) ?? [], spec) as AnyObject;
}

function replaceAt(object: Json, [field, ...rest]: readonly string[], value: unknown): unknown {
  if (field === undefined) return value;
  return { ...object, [field]: replaceAt((object[field] ?? {}) as Json, rest, value) };
}

/** The object with each of its containers, init containers among them, put through `change`. */
export function mapContainers(object: AnyObject, change: (container: Container) => Container): AnyObject {
  const spec = podSpecOf(object);
  if (!spec) return object;
  const { initContainers, containers } = spec;
  return withPodSpec(object, {
    ...spec,
    ...(initContainers && { initContainers: initContainers.map(change) }),
    containers: containers.map(change),
  });
}

export const allContainers = ({ initContainers = [], containers }: PodSpec): readonly Container[] => [
  ...initContainers,
  ...containers,
];
