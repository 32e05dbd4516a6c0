// A directory of this node that a persistent volume stands for. It is there already, and stays.

import { setGroup } from "./volume-group.ts";
import { checkHostPath } from "./host-path.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

export const localVolume: VolumePlugin = {
  source: "local",
  path: ({ local }, directory) => local?.path ?? directory,
  async setUp({ local, persistent }, { pod, isKnown }) {
    if (!local) throw new Error("the volume has no path");
    await checkHostPath({ path: local.path, type: "Directory" });
    const { fsGroup, fsGroupChangePolicy } = pod.spec.securityContext ?? {};
    if (fsGroup === undefined || isKnown || persistent?.readOnly) return;
    await setGroup(local.path, fsGroup, { onlyOnMismatch: fsGroupChangePolicy === "OnRootMismatch" });
  },
};
