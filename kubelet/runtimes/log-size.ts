// The size of a container's log: the file that is written, and the one before it.

import { stat } from "node:fs/promises";

/** 0 where there is no such file in this machine's reach. */
export async function sizeOfLog(path: string): Promise<number> {
  if (path === "") return 0;
  const sizes = [path, `${path}.1`].map(async (each) => (await stat(each).catch(() => undefined))?.size ?? 0);
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}
