// A file system in memory over a volume's directory.

import { promises as fs } from "node:fs";
import { dirname } from "node:path";
import type { VolumeContext } from "./volume-plugin.ts";

/** Idempotent. Without the right to mount the directory stays on disk: false. */
export async function mountMemory(
  { directory, exec, signal }: Pick<VolumeContext, "directory" | "exec" | "signal">,
  sizeBytes?: number,
): Promise<boolean> {
  await fs.mkdir(directory, { recursive: true });
  if (await isMountPoint(directory)) return true;
  const size = sizeBytes === undefined ? [] : ["-o", `size=${sizeBytes}`];
  const result = await exec.run("mount", ["-t", "tmpfs", ...size, "tmpfs", directory], { signal });
  return result.code === 0;
}

async function isMountPoint(directory: string): Promise<boolean> {
  const [own, parent] = await Promise.all([fs.stat(directory), fs.stat(dirname(directory))]);
  return own.dev !== parent.dev;
}
