// A path inside of a volume that a container mounts instead of the whole. The volume's contents are the container's, so
// links in them are followed only as far as they stay inside (CVE-2017-1002101).

import { promises as fs } from "node:fs";
import { join, sep } from "node:path";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";

/** The real path, made as directories where it is missing. Throws an Error when it leads out of the volume. */
export async function resolveSubPath(volumePath: string, subPath: string): Promise<string> {
  const parts = subPath.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw new Error(`subPath "${subPath}" must not contain ".."`);
  const root = await fs.realpath(volumePath);
  let path = root;
  for (const part of parts) {
    const next = join(path, part);
    const found = await fs.lstat(next).catch(ignoreMissingFile);
    if (!found) await fs.mkdir(next, { mode: 0o750 });
    path = await fs.realpath(next);
    if (path !== root && !path.startsWith(root + sep)) throw new Error(`subPath "${subPath}" leads out of its volume`);
  }
  return path;
}
