// The kubelet's own use of the node's disk, besides what volumes hold: directories of pods, and the files for last words.
// Passed in, as all input and output is, so that a simulated node keeps its files in memory.

import { closeSync, constants, mkdirSync, openSync, promises as fs, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Paths are absolute. */
export interface NodeFiles {
  /** The names in a directory; none where there is no such directory. */
  list(directory: string): Promise<readonly string[]>;
  /** Makes an empty file, with the directories above it; leaves one that is there as it is. Throws for a link in its place. */
  createEmpty(path: string): void;
  /** The beginning of a file; nothing where it cannot be read, and where a link lies in its place. */
  readStart(path: string, bytesMax: number): Promise<Uint8Array>;
  /** Writes a file of the kubelet's own, all of it or nothing. */
  write(path: string, text: string): Promise<void>;
  /** Writes a file that containers share, which stays the same file; never through a link. All may read it. */
  rewrite(path: string, text: string): void;
  /** What is mounted below a directory, innermost first. */
  mountsBelow(directory: string): Promise<readonly string[]>;
  /** Removes a directory with everything in it. Nothing must be mounted there. Idempotent. */
  remove(directory: string): Promise<void>;
}

export const diskFiles: NodeFiles = {
  list: (directory) => fs.readdir(directory).catch(() => []),

  createEmpty(path) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
    closeSync(openSync(path, constants.O_CREAT | constants.O_WRONLY | constants.O_NOFOLLOW, 0o666));
  },

  // A container could have put a link there, which must not lead to a file of the node.
  async readStart(path, bytesMax) {
    try {
      const file = await fs.open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    } catch {
      return new Uint8Array();
    }
  },

  async write(path, text) {
    await fs.writeFile(`${path}.new`, text, { mode: 0o600 });
    await fs.rename(`${path}.new`, path);
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

  // Where the system does not tell, there are none.
  async mountsBelow(directory) {
    const table = await fs.readFile("/proc/self/mountinfo", "utf8").catch(() => "");
    return table
      .split("\n")
      .map((line) => (line.split(" ")[4] ?? "").replace(/\\040/g, " "))
      .filter((path) => path.startsWith(`${directory}/`))
      .sort((left, right) => right.length - left.length);
  },

  remove: (directory) => fs.rm(directory, { recursive: true, force: true }),
};
