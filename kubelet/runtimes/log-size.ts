// The size of a container's log: the file that is written, and the one before it.

import { stat } from "node:fs/promises";

/** Docker keeps logs where only root may look; whoever may use Docker need not be root. */
const OUT_OF_REACH = new Set(["ENOENT", "ENOTDIR", "EACCES"]);

/** 0 where there is no such file in this process' reach. */
export async function sizeOfLog(path: string): Promise<number> {
  if (path === "") return 0;
  const sizes = await Promise.all([path, `${path}.1`].map(sizeOf));
  return sizes.reduce((sum, bytes) => sum + bytes, 0);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (OUT_OF_REACH.has((error as NodeJS.ErrnoException).code ?? "")) return 0;
    throw error;
  }
}
