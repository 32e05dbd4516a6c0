// A file or directory of the node itself. What lies there belongs to the node and stays.

import { promises as fs, type Stats } from "node:fs";
import { dirname } from "node:path";
import type { HostPathVolumeSource } from "../../api/core/volume.ts";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";
import type { VolumePlugin } from "./volume-plugin.ts";

type HostPathType = NonNullable<HostPathVolumeSource["type"]>;

export const hostPathVolume: VolumePlugin = {
  source: "hostPath",
  path: ({ hostPath }, directory) => hostPath?.path ?? directory,
  async setUp({ hostPath }) {
    if (!hostPath) throw new Error("the volume has no hostPath");
    await checkHostPath(hostPath);
  },
};

/** Makes what the type allows to be made. Throws an Error in Kubernetes' words where something else, or nothing, is there. */
export async function checkHostPath({ path, type = "" }: HostPathVolumeSource): Promise<void> {
  const found = await fs.stat(path).catch(ignoreMissingFile);
  if (!found) return create(path, type);
  const isRight = CHECKS[type];
  if (!isRight(found)) throw new Error(`hostPath type check failed: ${path} is not ${NAMES[type]}`);
}

const CHECKS: Readonly<Record<HostPathType, (found: Stats) => boolean>> = {
  "": () => true,
  Directory: (found) => found.isDirectory(),
  DirectoryOrCreate: (found) => found.isDirectory(),
  File: (found) => found.isFile(),
  FileOrCreate: (found) => found.isFile(),
  Socket: (found) => found.isSocket(),
  CharDevice: (found) => found.isCharacterDevice(),
  BlockDevice: (found) => found.isBlockDevice(),
};

const NAMES: Readonly<Record<HostPathType, string>> = {
  "": "there",
  Directory: "a directory",
  DirectoryOrCreate: "a directory",
  File: "a file",
  FileOrCreate: "a file",
  Socket: "a socket file",
  CharDevice: "a character device",
  BlockDevice: "a block device",
};

/** Without a type, Kubernetes leaves it to the runtime, and runtimes make a directory. */
async function create(path: string, type: HostPathType): Promise<void> {
  if (type === "DirectoryOrCreate" || type === "") await fs.mkdir(path, { recursive: true, mode: 0o755 });
  else if (type === "FileOrCreate") {
    await fs.access(dirname(path));
    await (await fs.open(path, "a", 0o644)).close();
  } else throw new Error(`hostPath type check failed: ${path} is not ${NAMES[type]}`);
}
