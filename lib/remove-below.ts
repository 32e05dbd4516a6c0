// Removes a file or directory with all that is in it, but never anything outside of a given place: a symbolic link on the way
// there cannot lead elsewhere.

import { realpath, rm } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { ignoreMissingFile } from "./ignore-missing-file.ts";

/** Idempotent. Rejects for a path that does not lie below `root`. */
export async function removeBelow(root: string, path: string): Promise<void> {
  const parent = await realpath(dirname(path)).catch(ignoreMissingFile);
  if (parent === undefined) return;
  const place = await realpath(root);
  const name = basename(path);
  const isBelow = parent === place || parent.startsWith(place + sep);
  if (!isBelow || name === "" || name === "..") throw new Error(`${path} does not lie below ${root}`);
  await rm(join(parent, name), { recursive: true, force: true });
}
