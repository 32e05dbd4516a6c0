// What pods have on the node's disk: their volumes and the files that the kubelet gives them as `du` counts them, their containers
// as the runtime does.

import { join } from "node:path";
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
  readonly rootDirectory: string;
  readonly exec: Pick<Exec, "run">;
}

/** In a pod's directory: programs may write into them as if they were their own, and they are on the node's disk all the same. */
const GIVEN_FILES = ["etc-hosts", "resolv.conf", "containers"];

/** By uid. One `du` for all of them. */
export async function measurePods(
  sources: DiskUsageSources,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, PodDiskUsage>> {
  const { snapshot, runtime, volumes, rootDirectory, exec } = sources;
  const parts = pods.map((pod) => ({
    uid: pod.metadata.uid,
    paths: countedVolumes(pod).map((name) => [name, volumes.pathOf(pod, name)] as const),
    given: GIVEN_FILES.map((name) => join(rootDirectory, "pods", pod.metadata.uid, name)),
    containers: (snapshot.get(pod.metadata.uid)?.containers ?? []).filter(isRunning),
  }));
  const ids = parts.flatMap(({ containers }) => containers.map(({ id }) => id));
  const measured = parts.flatMap(({ paths, given }) => [...paths.map(([, path]) => path), ...given]);
  const [sizes, written] = await Promise.all([
    measureDirectories(exec, { paths: measured }, signal),
    runtime.usage.measureDisk(ids, signal),
  ]);
  const pick = (keys: readonly (readonly [string, string])[], from: ReadonlyMap<string, number>) =>
    new Map(keys.flatMap(([name, key]) => (from.has(key) ? [[name, from.get(key) ?? 0] as const] : [])));
  return new Map(
    parts.map(({ uid, paths, given, containers }) => [
      uid,
      {
        volumes: pick(paths, sizes),
        given: given.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0),
        containers: pick(
          containers.map(({ id, name }) => [name, id]),
          written,
        ),
      },
    ]),
  );
}

const isRunning = ({ state }: RuntimeContainer) => state === "running";
