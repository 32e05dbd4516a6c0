// CommandFiles on the real disk.

import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { CommandFiles } from "./command-io.ts";

export const diskFiles: CommandFiles = {
  read: (path) => readFile(path, "utf8"),
  readBytes: (path) => readFile(path),
  async write(path, text) {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, text, { mode: 0o600 });
  },
  async kind(path) {
    try {
      return (await stat(path)).isDirectory() ? "directory" : "file";
    } catch (error) {
      if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
      throw error;
    }
  },
  list: async (path) => (await readdir(path)).sort(),
  remove: (path) => rm(path, { recursive: true, force: true }),
};
