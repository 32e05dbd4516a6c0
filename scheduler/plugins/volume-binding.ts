// Volumes that a claim stands for live where some node can reach them. This scheduler knows no such places, and never guesses:
// pods with such volumes wait.

import type { SchedulerPlugin } from "../framework.ts";

export const volumeBinding: SchedulerPlugin = {
  name: "VolumeBinding",
  prepare({ pod }) {
    for (const { name, persistentVolumeClaim, ephemeral } of pod.spec.volumes ?? []) {
      if (!persistentVolumeClaim && !ephemeral) continue;
      const claim = persistentVolumeClaim?.claimName ?? `${pod.metadata.name}-${name}`;
      return {
        refusal: `persistentvolumeclaim "${claim}" cannot be bound: this scheduler does not support volume claims`,
      };
    }
    return undefined;
  },
};
