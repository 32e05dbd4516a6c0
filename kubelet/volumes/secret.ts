// The keys of a Secret as files, kept up to date while the pod runs. They lie in memory where the kubelet may mount, so
// that no disk ever holds them.

import { writeAtomically } from "./atomic-files.ts";
import { mountMemory } from "./memory-mount.ts";
import { secretFiles } from "./volume-files.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

export const secretVolume: VolumePlugin = {
  source: "secret",
  path: (_volume, directory) => directory,
  isReadOnly: () => true,
  async setUp({ secret = {} }, context) {
    const name = secret.secretName ?? "";
    const files = secretFiles(context.secret(name), { ...secret, name });
    await mountMemory(context);
    await writeAtomically(context.directory, files, context.pod.spec.securityContext?.fsGroup);
  },
};
