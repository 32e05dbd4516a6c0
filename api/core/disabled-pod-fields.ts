// Fields of a pod that Kubernetes has behind a feature gate which is off by default: what a client writes in them is dropped
// when the pod is made.

import type { Container } from "./container.ts";
import type { PodSpec } from "./pod.ts";

/** Volumes from images (ImageVolume, a beta that has to be switched on), and what mounts them. */
export function dropImageVolumes(spec: PodSpec): PodSpec {
  const dropped = new Set((spec.volumes ?? []).filter(({ image }) => image !== undefined).map(({ name }) => name));
  if (dropped.size === 0) return spec;
  const withoutMounts = <T extends Pick<Container, "volumeMounts">>(container: T): T => ({
    ...container,
    ...(container.volumeMounts && { volumeMounts: container.volumeMounts.filter(({ name }) => !dropped.has(name)) }),
  });
  return {
    ...spec,
    volumes: spec.volumes?.filter(({ name }) => !dropped.has(name)),
    // Validation, which comes later, says where they are missing.
    containers: (spec.containers ?? []).map(withoutMounts),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(withoutMounts) }),
  };
}

/** Resources of a pod as a whole (PodLevelResources, an alpha). */
export function dropPodResources(spec: PodSpec): PodSpec {
  const { resources, ...rest } = spec;
  return resources ? rest : spec;
}
