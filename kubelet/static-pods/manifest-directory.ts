// The directory that static pods are put into, as files. Read whole each time: it holds a handful.

import { promises as fs, watch as watchDirectory } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../../lib/error-message.ts";

export interface ManifestFile {
  readonly path: string;
  /** The text, or why it cannot be read. */
  readonly content: { readonly text: string } | { readonly problem: string };
}

export interface ManifestDirectory {
  /** The files in the order of their names, hidden ones left out. Rejects where the directory cannot be read. */
  read(): Promise<readonly ManifestFile[]>;
  /** `changed` is called when something has changed, if that can be told; looks now and then are needed besides. */
  watch(changed: () => void, signal: AbortSignal): void;
}

/** As Kubernetes: what is larger is no pod. */
const BYTES_MAX = 10 * 1024 * 1024;

/** A directory that is not there is made; a path that is a file stands for that file alone. */
export function diskManifests(path: string): ManifestDirectory {
  return {
    async read() {
      const { isFile } = await statOrMake(path);
      if (isFile) return [{ path, content: await readManifest(path) }];
      const entries = await fs.readdir(path);
      const names = entries.filter((name) => !name.startsWith(".")).sort();
      const files = names.map(async (name): Promise<ManifestFile | undefined> => {
        const found = join(path, name);
        // Directories are none of ours, and a file can be gone by now, or be a link to nowhere.
        const stat = await fs.stat(found).catch(() => undefined);
        return stat?.isFile() ? { path: found, content: await readManifest(found) } : undefined;
      });
      return (await Promise.all(files)).filter((each) => each !== undefined);
    },
    watch(changed, signal) {
      try {
        const watcher = watchDirectory(path, { signal, persistent: false }, changed);
        // The directory has gone: the looks now and then find it again.
        watcher.on("error", () => watcher.close());
      } catch {
        // The kernel has no watch to spare, or there is no directory: the looks now and then have to do.
      }
    },
  };
}

async function statOrMake(path: string): Promise<{ readonly isFile: boolean }> {
  await fs.mkdir(path, { recursive: true, mode: 0o750 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return { isFile: (await fs.stat(path)).isFile() };
}

async function readManifest(path: string): Promise<ManifestFile["content"]> {
  try {
    const { size } = await fs.stat(path);
    if (size > BYTES_MAX) return { problem: `it has ${size} bytes, and ${BYTES_MAX} are allowed` };
    return { text: await fs.readFile(path, "utf8") };
  } catch (error) {
    return { problem: errorMessage(error) };
  }
}
