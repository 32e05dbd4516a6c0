// Gives a volume to a group: all that is in it becomes the group's, to read and to write. Other pods may be at work in it, so
// the tree is walked by directories that are held open and never through a link.

import { promises as fs } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";
import { heldPath, openIn, openRoot } from "./open-below.ts";

const FILE_MODE = 0o660;
/** New files in the directory are the group's, too. */
const DIRECTORY_MODE = 0o2770;

/** `onlyOnMismatch`: nothing is done where the root is the group's already. The root comes last: it tells that all is done. */
export async function setGroup(
  root: string,
  group: number,
  { onlyOnMismatch }: { readonly onlyOnMismatch: boolean },
): Promise<void> {
  const place = await openRoot(root);
  try {
    const { gid, mode } = await place.stat();
    if (onlyOnMismatch && gid === group && (mode & DIRECTORY_MODE) === DIRECTORY_MODE) return;
    await give(place, group);
  } finally {
    await place.close();
  }
}

async function give(place: FileHandle, group: number): Promise<void> {
  const found = await place.stat();
  // A link has no rights of its own, and what it leads to may lie outside.
  if (found.isSymbolicLink()) return;
  if (found.isDirectory()) {
    for (const name of await fs.readdir(heldPath(place))) await giveEntry(place, name, group);
  }
  await fs.chown(heldPath(place), -1, group);
  await fs.chmod(heldPath(place), (found.mode & 0o7777) | (found.isDirectory() ? DIRECTORY_MODE : FILE_MODE));
}

async function giveEntry(directory: FileHandle, name: string, group: number): Promise<void> {
  // It may be gone by now.
  const entry = await openIn(directory, name).catch(ignoreMissingFile);
  try {
    if (entry) await give(entry, group);
  } finally {
    await entry?.close();
  }
}
