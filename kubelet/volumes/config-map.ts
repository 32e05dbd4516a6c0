// The keys of a ConfigMap as files, kept up to date while the pod runs.

import { writeAtomically } from "./atomic-files.ts";
import { configMapFiles } from "./volume-files.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

export const configMapVolume: VolumePlugin = {
  source: "configMap",
  path: (_volume, directory) => directory,
  isReadOnly: () => true,
  async setUp({ configMap = {} }, context) {
    const name = configMap.name ?? "";
    const files = configMapFiles(context.configMap(name), { ...configMap, name });
    await writeAtomically(context.directory, files, context.pod.spec.securityContext?.fsGroup);
  },
};
