// The kubelet's own use of the node's disk, besides what volumes hold: directories of pods, and the files for last words.
// Passed in, as all input and output is, so that a simulated node keeps its files in memory.

import { closeSync, constants, fchmodSync, mkdirSync, openSync, promises as fs, writeSync } from "node:fs";
import { dirname } from "node:path";
import { errorMessage } from "../lib/error-message.ts";
import { ignoreMissingFile } from "../lib/ignore-missing-file.ts";
import { mountOf, mountsBelow, parseMountTable } from "./volumes/mount-table.ts";

/** Paths are absolute. */
export interface NodeFiles {
  /** The names in a directory; none where there is no such directory. */
  list(directory: string): Promise<readonly string[]>;
  /**
   * Makes an empty file that everybody may write to, with the directories above it; leaves the content of one that is there.
   * Throws for a link in its place.
   */
  createEmpty(path: string): void;
  /** The beginning of a file; nothing where it cannot be read, and where something else lies in its place. */
  readStart(path: string, bytesMax: number): Promise<Uint8Array>;
  /** The same of its end. */
  readEnd(path: string, bytesMax: number): Promise<Uint8Array>;
  /** Writes a file of the kubelet's own, all of it or nothing. */
  write(path: string, text: string): Promise<void>;
  /** Writes a file that containers share, which stays the same file; never through a link. All may read it. */
  rewrite(path: string, text: string): void;
  /** What is mounted below a directory, innermost first. */
  mountsBelow(directory: string): Promise<readonly string[]>;
  /** Whether mounts that are made at or below a path are seen by others that have it, such as containers. */
  isShared(path: string): Promise<boolean>;
  /** Removes a directory with everything in it. Nothing must be mounted there. Idempotent. */
  remove(directory: string): Promise<void>;
}

export const diskFiles: NodeFiles = {
  list: (directory) => fs.readdir(directory).catch(() => []),

  createEmpty(path) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const file = openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW, 0o666);
    try {
      // The process' umask has narrowed the mode, and the container may run as any user.
      fchmodSync(file, 0o666);
    } finally {
      closeSync(file);
    }
  },

  readStart: (path, bytesMax) => readPart(path, bytesMax, () => 0),

  readEnd: (path, bytesMax) => readPart(path, bytesMax, (size) => Math.max(0, size - bytesMax)),

  async write(path, text) {
    try {
      await fs.writeFile(`${path}.new`, text, { mode: 0o600 });
      await fs.rename(`${path}.new`, path);
    } catch (error) {
      // A disk that is full says no more than that it is. The half-written file is overwritten the next time.
      throw new Error(`${path} could not be written: ${errorMessage(error)}`, { cause: error });
    }
  },

  rewrite(path, text) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    const { O_CREAT, O_WRONLY, O_TRUNC, O_NOFOLLOW } = constants;
    const file = openSync(path, O_CREAT | O_WRONLY | O_TRUNC | O_NOFOLLOW, 0o644);
    try {
      writeSync(file, text);
    } finally {
      closeSync(file);
    }
  },

  mountsBelow: async (directory) => mountsBelow(await readMountTable(), directory),

  isShared: async (path) => mountOf(await readMountTable(), path)?.isShared ?? false,

  remove: (directory) => fs.rm(directory, { recursive: true, force: true }),
};

/**
 * A container could have put a link there, which must not lead to a file of the node, or a pipe or a device, which would
 * never end; only files have a size, and are read.
 */
async function readPart(path: string, bytesMax: number, begin: (size: number) => number): Promise<Uint8Array> {
  try {
    const file = await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const found = await file.stat();
      if (!found.isFile()) return new Uint8Array();
      const { bytesRead, buffer } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, begin(found.size));
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return new Uint8Array();
  }
}

/** A system without the table has no mounts of ours. One that cannot be read is an error: what is mounted would be emptied. */
async function readMountTable() {
  return parseMountTable((await fs.readFile("/proc/self/mountinfo", "utf8").catch(ignoreMissingFile)) ?? "");
}
