// What each pod uses of what its node is short of.

import type { Pod } from "../../api/core/pod.ts";
import type { RuntimeContainer } from "../runtimes/runtime.ts";
import type { Usage } from "../runtimes/usage.ts";
import { measureDirectories } from "./disk-meter.ts";
import { measurePods, type DiskUsageSources } from "./pod-disk-usage.ts";
import type { PodUse } from "./rank-pods.ts";
import { countedVolumes, type PodDiskUsage } from "./storage-limits.ts";
import type { StarvedResource } from "./thresholds.ts";

export function measureUses(
  sources: DiskUsageSources,
  { resource, pods }: { readonly resource: StarvedResource; readonly pods: readonly Pod[] },
  signal: AbortSignal,
): Promise<readonly PodUse[]> {
  switch (resource) {
    case "memory":
      return measureContainers(sources, pods, { of: ({ memoryBytes }) => memoryBytes, signal });
    case "pids":
      return measureContainers(sources, pods, { of: ({ processes = 0 }) => processes, signal });
    case "ephemeral-storage":
      return measureDisk(sources, pods, signal);
    case "inodes":
      return measureInodes(sources, pods, signal);
  }
}

const sum = (amounts: Iterable<number>) => [...amounts].reduce((total, each) => total + each, 0);

async function measureContainers(
  { snapshot, runtime }: DiskUsageSources,
  pods: readonly Pod[],
  { of, signal }: { readonly of: (usage: Usage) => number; readonly signal: AbortSignal },
): Promise<readonly PodUse[]> {
  const running = (pod: Pod): readonly RuntimeContainer[] =>
    (snapshot.get(pod.metadata.uid)?.containers ?? []).filter(({ state }) => state === "running");
  const ids = pods.flatMap((pod) => running(pod).map(({ id }) => id));
  const usages = await runtime.usage.measure(ids, signal);
  return pods.map((pod) => {
    const containers = new Map(
      running(pod).flatMap(({ id, name }) => {
        const usage = usages.get(id);
        return usage ? [[name, of(usage)] as const] : [];
      }),
    );
    return { pod, containers, used: containers.size > 0 ? sum(containers.values()) : undefined };
  });
}

const NOTHING_MEASURED: PodDiskUsage = { volumes: new Map(), given: 0, containers: new Map() };

async function measureDisk(
  sources: DiskUsageSources,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<readonly PodUse[]> {
  const usages = await measurePods(sources, pods, signal);
  return pods.map((pod) => {
    const { volumes, given, containers } = usages.get(pod.metadata.uid) ?? NOTHING_MEASURED;
    const isMeasured = volumes.size + containers.size > 0;
    const used = isMeasured ? sum([...volumes.values(), given, ...containers.values()]) : undefined;
    return { pod, containers, used };
  });
}

/** Of volumes: nobody counts the files that a container has written elsewhere. */
async function measureInodes(
  { volumes, exec }: DiskUsageSources,
  pods: readonly Pod[],
  signal: AbortSignal,
): Promise<readonly PodUse[]> {
  const pathsOf = (pod: Pod) => countedVolumes(pod).map((name) => volumes.pathOf(pod, name));
  const counts = await measureDirectories(exec, { paths: pods.flatMap(pathsOf), unit: "inodes" }, signal);
  return pods.map((pod) => ({
    pod,
    containers: new Map(),
    used: sum(pathsOf(pod).map((path) => counts.get(path) ?? 0)),
  }));
}
