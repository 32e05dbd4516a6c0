// Several sources in one directory.

import type { VolumeProjection } from "../../api/core/volume-projection.ts";
import { writeAtomically, type VolumeFiles } from "./atomic-files.ts";
import { mountMemory } from "./memory-mount.ts";
import { configMapFiles, downwardFiles, secretFiles } from "./volume-files.ts";
import type { VolumeContext, VolumePlugin } from "./volume-plugin.ts";

export const projectedVolume: VolumePlugin = {
  source: "projected",
  path: (_volume, directory) => directory,
  async setUp({ projected = {} }, context) {
    const { sources = [], defaultMode } = projected;
    const files = sources.flatMap((source) => [...project(source, { context, defaultMode })]);
    if (sources.some(({ secret }) => secret)) await mountMemory(context);
    await writeAtomically(context.directory, new Map(files), context.pod.spec.securityContext?.fsGroup);
  },
};

function project(
  { configMap, secret, downwardAPI, ...others }: VolumeProjection,
  { context, defaultMode }: { readonly context: VolumeContext; readonly defaultMode: number | undefined },
): VolumeFiles {
  const { pod, facts } = context;
  if (configMap) {
    const name = configMap.name ?? "";
    return configMapFiles(context.configMap(name), { ...configMap, name, defaultMode });
  }
  if (secret) {
    const name = secret.name ?? "";
    return secretFiles(context.secret(name), { ...secret, name, defaultMode });
  }
  if (downwardAPI) return downwardFiles(downwardAPI.items ?? [], { pod, facts, defaultMode });
  throw new Error(`projected volumes from ${Object.keys(others).join(", ")} are not supported by this kubelet`);
}
