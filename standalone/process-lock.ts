// Who runs a component of the cluster in a data directory: a file per component that names its process. It keeps two
// processes from sharing one store, and tells `kctl down` and `kctl status` whom to ask. Stale files of crashed processes
// do not count: a process is known by its id and its start.

import { link, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ignoreMissingFile } from "../lib/ignore-missing-file.ts";
import { readIfPresent } from "./private-file.ts";

export interface LockHolder {
  readonly component: string;
  readonly pid: number;
  /** The boot of the machine and the time since; a process id that has been given to another process has another. */
  readonly startTime: string;
}

const folderOf = (directory: string) => join(directory, "run");
const fileOf = (directory: string, component: string) => join(folderOf(directory), `${component}.lock`);

/** Takes the lock for process `pid`. Resolves with the holder where another process has it, with undefined on success. */
export async function acquireLock(directory: string, component: string, pid: number): Promise<LockHolder | undefined> {
  await mkdir(folderOf(directory), { recursive: true, mode: 0o700 });
  const file = fileOf(directory, component);
  const own = `${file}.${pid}`;
  await writeFile(own, JSON.stringify({ component, pid, startTime: await startTimeOf(pid) }), { mode: 0o600 });
  try {
    for (;;) {
      // Linking fails where somebody else was first, which writing would not.
      if (await link(own, file).then(() => true, isTaken)) return undefined;
      const holder = await readHolder(file);
      if (holder) return holder;
      await removeStale(file, `${own}.stale`);
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Moves the file aside before it looks again: somebody may have put a lock of its own there meanwhile, and gets it back. */
async function removeStale(file: string, aside: string): Promise<void> {
  await rename(file, aside).catch(ignoreMissingFile);
  if (await readHolder(aside)) await link(aside, file).catch(isTaken);
  await rm(aside, { force: true });
}

function isTaken(error: NodeJS.ErrnoException): false {
  if (error.code === "EEXIST") return false;
  throw error;
}

/** Whoever holds it; a lock that is free is success. */
export async function releaseLock(directory: string, component: string): Promise<void> {
  await rm(fileOf(directory, component), { force: true });
}

/** The components that run now. */
export async function readHolders(directory: string): Promise<LockHolder[]> {
  const names = (await readdir(folderOf(directory)).catch(ignoreMissingFile)) ?? [];
  const components = names.flatMap((name) => /^([a-z]+)\.lock$/.exec(name)?.[1] ?? []);
  const holders = await Promise.all(components.map((component) => readHolder(fileOf(directory, component))));
  return holders.filter((holder) => holder !== undefined);
}

async function readHolder(file: string): Promise<LockHolder | undefined> {
  const text = await readIfPresent(file);
  const holder = text ? (JSON.parse(text) as LockHolder) : undefined;
  return holder && (await isRunning(holder)) ? holder : undefined;
}

/** False once the process has ended, also where another one has got its id. */
export async function isRunning({ pid, startTime }: Pick<LockHolder, "pid" | "startTime">): Promise<boolean> {
  return startTime !== "" && (await startTimeOf(pid)) === startTime;
}

/** With field 22 of /proc/PID/stat; "" where there is no such process, or it has ended and nobody has noticed. */
async function startTimeOf(pid: number): Promise<string> {
  // A machine that starts the same things in the same order gives them the same numbers at the same time.
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "");
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The program's name, in parentheses, may have spaces.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const started = fields[0] === "Z" ? undefined : fields[19];
  return started === undefined ? "" : `${boot.trim()} ${started}`;
}
