// What pods have on the node's disk: their volumes as `du` counts them, their containers as the runtime does.

import type { Pod } from "../../api/core/pod.ts";
import type { Exec } from "../../lib/exec.ts";
import type { RuntimeSnapshot } from "../runtime-snapshot.ts";
import type { ContainerRuntime, RuntimeContainer } from "../runtimes/runtime.ts";
import type { PodVolumes } from "../volumes/pod-volumes.ts";
import { measureDirectories } from "./disk-meter.ts";
import { countedVolumes, type PodDiskUsage } from "./storage-limits.ts";

export interface DiskUsageSources {
  readonly snapshot: Pick<RuntimeSnapshot, "get">;
  readonly runtime: Pick<ContainerRuntime, "usage">;
  readonly volumes: Pick<PodVolumes, "pathOf">;
  readonly exec: Pick<Exec, "run">;
}

/** By uid. One `du` for all of them. */
export async function measurePods(
  sources: DiskUsageSources,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PodDiskUsage>> {
  const { snapshot, runtime, volumes, exec } = sources;
  const parts = pods.map((pod) => ({
    uid: pod.metadata.uid,
    paths: countedVolumes(pod).map((name) => [name, volumes.pathOf(pod, name)] as const),
    containers: (snapshot.get(pod.metadata.uid)?.containers ?? []).filter(isRunning),
  }));
  const ids = parts.flatMap(({ containers }) => containers.map(({ id }) => id));
  const [sizes, written] = await Promise.all([
    measureDirectories(exec, { paths: parts.flatMap(({ paths }) => paths.map(([, path]) => path)) }, signal),
    runtime.usage.measureDisk(ids, signal),
  ]);
  const pick = (keys: readonly (readonly [string, string])[], from: ReadonlyMap<string, number>) =>
    new Map(keys.flatMap(([name, key]) => (from.has(key) ? [[name, from.get(key) ?? 0] as const] : [])));
  return new Map(
    parts.map(({ uid, paths, containers }) => [
      uid,
      {
        volumes: pick(paths, sizes),
        containers: pick(
          containers.map(({ id, name }) => [name, id]),
          written,
        ),
      },
    ]),
  );
}

const isRunning = ({ state }: RuntimeContainer) => state === "running";
