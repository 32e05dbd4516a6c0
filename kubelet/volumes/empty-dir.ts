// An empty directory that lives as long as the pod does, on the node's disk or in its memory.

import { promises as fs } from "node:fs";
import { mountMemory } from "./memory-mount.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

export const emptyDirVolume: VolumePlugin = {
  source: "emptyDir",
  path: (_volume, directory) => directory,
  async setUp({ emptyDir = {} }, context) {
    const { directory, pod } = context;
    await fs.mkdir(directory, { recursive: true });
    if (emptyDir.medium === "Memory" && !(await mountMemory(context, emptyDir.sizeLimit))) {
      throw new Error("a volume in memory needs the right to mount, which this kubelet does not have");
    }
    const group = pod.spec.securityContext?.fsGroup;
    if (group !== undefined) await fs.chown(directory, -1, group);
    await fs.chmod(directory, group === undefined ? 0o777 : 0o2777);
  },
};
