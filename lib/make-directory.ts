// Makes a directory and what is missing above it, one level at a time: Node's own recursive mkdir never ends below /proc,
// where making a directory fails as if its parent were missing.

import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Rejects with the error of the first level that cannot be made. Directories that are there keep their mode. */
export async function makeDirectory(path: string, mode: number): Promise<void> {
  const parent = dirname(path);
  if (parent !== path && !(await exists(parent))) await makeDirectory(parent, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST" && (await stat(path)).isDirectory();
    if (!isThere) throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
