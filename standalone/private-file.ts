// Files that hold secrets or state of the cluster: readable by their owner only, and replaced as a whole, so that a crash
// leaves the old text or the new one and never half of either.

import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { ignoreMissingFile } from "../lib/ignore-missing-file.ts";

/** Creates the folder where it is missing (0700); the file gets mode 0600. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.new`;
  const file = await open(temporary, "w", 0o600);
  try {
    // An old temporary file of a crash may have had another mode.
    await file.chmod(0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** The file's text; undefined where there is none. */
export function readIfPresent(path: string): Promise<string | undefined> {
  return readFile(path, "utf8").catch(ignoreMissingFile);
}
