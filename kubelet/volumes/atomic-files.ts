// A directory of files whose contents change all at once, laid out as Kubernetes does: the files are links into `..data`,
// itself a link to a directory with a name of its own, which one rename replaces. A reader that opened the old directory
// goes on with the old files.

import { promises as fs } from "node:fs";
import { basename, dirname, join, posix } from "node:path";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";

export interface VolumeFile {
  readonly data: Uint8Array;
  readonly mode: number;
  /** Who owns the file; the kubelet unless given. */
  readonly user?: number | undefined;
}

/** By path below the volume. */
export type VolumeFiles = ReadonlyMap<string, VolumeFile>;

const DATA = "..data";
const VERSION = "..version_";

/** Makes `directory` show exactly these files. Writes nothing where it does already. `group` owns them where given. */
export async function writeAtomically(directory: string, files: VolumeFiles, group?: number): Promise<void> {
  for (const path of files.keys()) assertInside(path);
  await fs.mkdir(directory, { recursive: true });
  await fs.chmod(directory, 0o777);
  const current = await currentVersion(directory);
  if (current !== undefined && (await holds(join(directory, current), files, group))) return;
  const fresh = await writeVersion(directory, files, group);
  const link = join(directory, "..data_tmp");
  await fs.rm(link, { force: true });
  await fs.symlink(basename(fresh), link);
  await fs.rename(link, join(directory, DATA));
  await showEntries(directory, files);
  await removeOldVersions(directory, basename(fresh));
}

async function writeVersion(directory: string, files: VolumeFiles, group: number | undefined): Promise<string> {
  const fresh = await fs.mkdtemp(join(directory, VERSION));
  try {
    await fs.chmod(fresh, 0o755);
    for (const [path, file] of files) await writeFile(join(fresh, path), file, group);
    return fresh;
  } catch (error) {
    // On a disk that is full, the half of it would take the last that there is.
    await fs.rm(fresh, { recursive: true, force: true });
    throw error;
  }
}

/** Pods cannot write here; still, what is not of this module's making is not followed. */
async function currentVersion(directory: string): Promise<string | undefined> {
  const target = await fs.readlink(join(directory, DATA)).catch(ignoreMissingFile);
  return target?.startsWith(VERSION) && !target.includes("/") ? target : undefined;
}

/** The one before, and those that a crash has left half-made. */
async function removeOldVersions(directory: string, current: string): Promise<void> {
  for (const name of await fs.readdir(directory)) {
    if (!name.startsWith(VERSION) || name === current) continue;
    await fs.rm(join(directory, name), { recursive: true, force: true });
  }
}

function assertInside(path: string): void {
  const outside = path === "" || path.startsWith("/") || path.split("/").includes("..") || path.startsWith("..");
  if (outside) throw new Error(`invalid path "${path}": it must stay below the volume's directory`);
}

async function holds(directory: string, files: VolumeFiles, group: number | undefined): Promise<boolean> {
  const found = await fs.readdir(directory, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (found?.filter((entry) => entry.isFile()).length !== files.size) return false;
  for (const [path, file] of files) {
    const [content, stat] = await Promise.all([
      fs.readFile(join(directory, path)).catch(() => undefined),
      fs.stat(join(directory, path)).catch(() => undefined),
    ]);
    if (!content?.equals(file.data) || ((stat?.mode ?? 0) & 0o777) !== (modeFor(file, group) & 0o777)) return false;
  }
  return true;
}

/** The group that the volume belongs to can always read. */
const modeFor = ({ mode }: VolumeFile, group: number | undefined) => (group === undefined ? mode : mode | 0o440);

async function writeFile(path: string, file: VolumeFile, group: number | undefined): Promise<void> {
  const { data, user } = file;
  await fs.mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await fs.writeFile(path, data);
  if (group !== undefined || user !== undefined) await fs.chown(path, user ?? -1, group ?? -1);
  // The mode is set apart from the creation, which the process' umask would narrow.
  await fs.chmod(path, modeFor(file, group));
}

/** The first component of each path is a link into `..data`; links of files that are gone are removed. */
async function showEntries(directory: string, files: VolumeFiles): Promise<void> {
  const wanted = new Set([...files.keys()].map((path) => posix.normalize(path).split("/")[0] ?? ""));
  for (const entry of await fs.readdir(directory, { withFileTypes: true })) {
    // A directory is the place of another mount of the container.
    if (entry.isSymbolicLink() && entry.name !== DATA && !wanted.has(entry.name)) {
      await fs.unlink(join(directory, entry.name));
    }
  }
  for (const name of wanted) {
    await fs.symlink(join(DATA, name), join(directory, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
  }
}
