// Several sources in one directory. What is secret lies in memory where the kubelet may mount, so that no disk ever holds it.

import type { PodSpec } from "../../api/core/pod.ts";
import type { ServiceAccountTokenProjection, VolumeProjection } from "../../api/core/volume-projection.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { writeAtomically, type VolumeFiles } from "./atomic-files.ts";
import { mountMemory } from "./memory-mount.ts";
import { configMapFiles, downwardFiles, secretFiles } from "./volume-files.ts";
import type { VolumeContext, VolumePlugin } from "./volume-plugin.ts";

export const projectedVolume: VolumePlugin = {
  source: "projected",
  path: (_volume, directory) => directory,
  isReadOnly: () => true,
  async setUp({ projected = {} }, context) {
    const { sources = [], defaultMode } = projected;
    const files = await allOf(sources.map((source) => project(source, { context, defaultMode })));
    if (sources.some(({ secret, serviceAccountToken }) => secret ?? serviceAccountToken)) await mountMemory(context);
    const merged = new Map(files.flatMap((each) => [...each]));
    await writeAtomically(context.directory, merged, context.pod.spec.securityContext?.fsGroup);
  },
};

/** What failed is told together. */
async function allOf(attempts: readonly Promise<VolumeFiles>[]): Promise<readonly VolumeFiles[]> {
  const settled = await Promise.allSettled(attempts);
  const failures = settled.filter((each) => each.status === "rejected").map(({ reason }) => errorMessage(reason));
  if (failures.length > 0) throw new Error(failures.length === 1 ? failures[0] : `[${failures.join(", ")}]`);
  return settled.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
}

interface Projecting {
  readonly context: VolumeContext;
  readonly defaultMode: number | undefined;
}

async function project(source: VolumeProjection, { context, defaultMode }: Projecting): Promise<VolumeFiles> {
  const { configMap, secret, downwardAPI, serviceAccountToken, ...others } = source;
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
  if (serviceAccountToken) return await projectToken(serviceAccountToken, { context, defaultMode });
  throw new Error(`projected volumes from ${Object.keys(others).join(", ")} are not supported by this kubelet`);
}

const DEFAULT_MODE = 0o644;
const PRIVATE_MODE = 0o600;

/** Where it is known who will read the token, nobody else may. */
async function projectToken(
  projection: ServiceAccountTokenProjection,
  { context, defaultMode = DEFAULT_MODE }: Projecting,
): Promise<VolumeFiles> {
  const data = Buffer.from(await context.token(projection));
  const { spec } = context.pod;
  const user = commonUser(spec);
  const isKnown = user !== undefined || spec.securityContext?.fsGroup !== undefined;
  return new Map([[projection.path, { data, mode: isKnown ? PRIVATE_MODE : defaultMode, user }]]);
}

/** The user that every container runs as; undefined where they differ, or leave it to their images. */
export function commonUser({ containers, initContainers = [], securityContext }: PodSpec): number | undefined {
  const users = [...initContainers, ...containers].map(
    (container) => container.securityContext?.runAsUser ?? securityContext?.runAsUser,
  );
  const [first] = users;
  return users.every((user) => user === first) ? first : undefined;
}
