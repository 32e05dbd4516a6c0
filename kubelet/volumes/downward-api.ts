// The pod's own fields as files; labels and annotations follow their changes.

import { writeAtomically } from "./atomic-files.ts";
import { downwardFiles } from "./volume-files.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

export const downwardApiVolume: VolumePlugin = {
  source: "downwardAPI",
  path: (_volume, directory) => directory,
  isReadOnly: () => true,
  async setUp({ downwardAPI = {} }, { pod, facts, directory }) {
    const { items = [], defaultMode } = downwardAPI;
    await writeAtomically(
      directory,
      downwardFiles(items, { pod, facts, defaultMode }),
      pod.spec.securityContext?.fsGroup,
    );
  },
};
