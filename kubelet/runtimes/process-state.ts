// What the process runtime knows, on disk, so that it survives the kubelet: a record per sandbox, and per container a record
// and what its supervisor leaves (see process-supervisor.ts).

import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ProcessSpec } from "./process-spec.ts";
import type { PodIdentity, SandboxSpec } from "./runtime.ts";

export interface SandboxRecord {
  readonly id: string;
  readonly spec: SandboxSpec;
  readonly ip?: string;
  readonly createdAtMs: number;
}

export interface ContainerRecord {
  readonly id: string;
  readonly sandboxId: string;
  readonly pod: PodIdentity;
  readonly name: string;
  readonly attempt: number;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly program: ProcessSpec;
}

/** A process id with the time its process was started, in the kernel's ticks: together they name one process for ever. */
export interface ProcessId {
  readonly pid: number;
  readonly startTicks: string;
}

export interface ContainerProcesses {
  readonly supervisor: ProcessId;
  readonly program: ProcessId;
  readonly startedAtMs: number;
}

export interface ProcessExit {
  readonly exitCode: number;
  readonly finishedAtMs: number;
  /** Why the program could not be started. */
  readonly startError?: string;
}

export class ProcessState {
  readonly #root: string;

  constructor(stateDirectory: string) {
    this.#root = stateDirectory;
  }

  /** Where exit files appear: the one directory to be watched. */
  get exitsDirectory(): string {
    return join(this.#root, "exits");
  }

  async prepare(): Promise<void> {
    for (const name of ["sandboxes", "containers", "exits"]) {
      await mkdir(join(this.#root, name), { recursive: true, mode: 0o700 });
    }
  }

  containerDirectory(id: string): string {
    return join(this.#root, "containers", encodeURIComponent(id));
  }

  exitFile(id: string): string {
    return join(this.exitsDirectory, encodeURIComponent(id));
  }

  async sandboxes(): Promise<SandboxRecord[]> {
    const names = await readdir(join(this.#root, "sandboxes"));
    const records = await Promise.all(names.map((name) => this.sandbox(decodeURIComponent(name))));
    return records.filter((record) => record !== undefined);
  }

  sandbox(id: string): Promise<SandboxRecord | undefined> {
    return readRecord<SandboxRecord>(this.#sandboxFile(id));
  }

  async addSandbox(record: SandboxRecord): Promise<void> {
    await writeRecord(this.#sandboxFile(record.id), record);
  }

  async removeSandbox(id: string): Promise<void> {
    await rm(this.#sandboxFile(id), { force: true });
  }

  async containers(): Promise<ContainerRecord[]> {
    const names = await readdir(join(this.#root, "containers"));
    const records = await Promise.all(names.map((name) => this.container(decodeURIComponent(name))));
    return records.filter((record) => record !== undefined);
  }

  container(id: string): Promise<ContainerRecord | undefined> {
    return readRecord<ContainerRecord>(join(this.containerDirectory(id), "container.json"));
  }

  async addContainer(record: ContainerRecord): Promise<void> {
    await mkdir(this.containerDirectory(record.id), { recursive: true, mode: 0o700 });
    await writeRecord(join(this.containerDirectory(record.id), "container.json"), record);
  }

  async removeContainer(id: string): Promise<void> {
    await rm(this.containerDirectory(id), { recursive: true, force: true });
    await rm(this.exitFile(id), { force: true });
  }

  /** Undefined until the supervisor has started the program. */
  async processes(id: string): Promise<ContainerProcesses | undefined> {
    const path = join(this.containerDirectory(id), "pids");
    const text = await readText(path);
    const [pid, startTicks, programPid, programStartTicks] = text?.trim().split(" ") ?? [];
    if (pid === undefined || startTicks === undefined) return undefined;
    if (programPid === undefined || programStartTicks === undefined) return undefined;
    return {
      supervisor: { pid: Number(pid), startTicks },
      program: { pid: Number(programPid), startTicks: programStartTicks },
      startedAtMs: Math.floor((await stat(path)).mtimeMs),
    };
  }

  async exit(id: string): Promise<ProcessExit | undefined> {
    const text = await readText(this.exitFile(id));
    const [, code, seconds, startError] = /^(\d+) ([\d.]+) ?([^]*)\n$/.exec(text ?? "") ?? [];
    if (code === undefined || seconds === undefined) return undefined;
    const exit = { exitCode: Number(code), finishedAtMs: Math.floor(Number(seconds) * 1000) };
    return startError ? { ...exit, startError } : exit;
  }

  /** For ends that no supervisor has seen. */
  async addExit(id: string, { exitCode, finishedAtMs, startError = "" }: ProcessExit): Promise<void> {
    const path = this.exitFile(id);
    await writeFile(`${path}.new`, `${exitCode} ${finishedAtMs / 1000} ${startError}\n`);
    await rename(`${path}.new`, path);
  }

  #sandboxFile(id: string): string {
    return join(this.#root, "sandboxes", encodeURIComponent(id));
  }
}

/** The process is running: it is there, it is the same one, and it is no zombie. */
export async function isAlive({ pid, startTicks }: ProcessId): Promise<boolean> {
  const stat = await readText(`/proc/${pid}/stat`);
  // The program's name, in parentheses, may hold anything; numbers are counted after it.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? [];
  return fields[19] === startTicks && fields[0] !== "Z";
}

async function writeRecord(path: string, record: object): Promise<void> {
  await writeFile(`${path}.new`, JSON.stringify(record), { mode: 0o600 });
  await rename(`${path}.new`, path);
}

async function readRecord<T>(path: string): Promise<T | undefined> {
  if (path.endsWith(".new")) return undefined;
  const text = await readText(path);
  return text === undefined ? undefined : (JSON.parse(text) as T);
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    // ESRCH: a process ended while its entry in /proc was read.
    if (["ENOENT", "ESRCH"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}
