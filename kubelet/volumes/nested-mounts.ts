// Mounts of a container that lie inside of another mount of it which is read-only: a runtime could not make their places.

import { promises as fs } from "node:fs";
import { join, posix } from "node:path";
import type { PodSpec } from "../../api/core/pod.ts";

/** Below the volume, in the order of the alphabet. Pure. */
export function nestedPlaces({ initContainers = [], containers }: PodSpec, volume: string): readonly string[] {
  const places = [...initContainers, ...containers].flatMap(({ volumeMounts = [] }) => {
    const all = volumeMounts.map(({ mountPath }) => posix.normalize(`/${mountPath}/`));
    const own = volumeMounts
      .filter(({ name }) => name === volume)
      .map(({ mountPath }) => posix.normalize(`/${mountPath}/`));
    return own.flatMap((outer) =>
      all.filter((path) => path !== outer && path.startsWith(outer)).map((path) => path.slice(outer.length, -1)),
    );
  });
  // Not below `..`, which only the kubelet's own links are.
  return [...new Set(places)].filter((path) => !path.startsWith("..")).sort();
}

/** Leaves what is there, such as a file that another is mounted over. */
export async function makeNestedPlaces(
  spec: PodSpec,
  { name, directory }: { readonly name: string; readonly directory: string },
): Promise<void> {
  for (const place of nestedPlaces(spec, name)) {
    await fs.mkdir(join(directory, place), { recursive: true, mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}
