// What the programs of the process runtime use, from /proc: each program with all that it has started. The whole of /proc is
// read once for all containers. What a child has used that left before anybody waited for it is not known to the kernel.

import { readdir, readFile } from "node:fs/promises";
import type { Clock } from "../../lib/clock.ts";
import { sizeOfLog } from "./log-size.ts";
import type { ProcessId } from "./process-state.ts";
import type { ContainerId } from "./runtime.ts";
import type { Usage, UsageMeter } from "./usage.ts";

/** One process, as /proc/PID/stat and /proc/PID/status tell. */
export interface ProcessReading {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly startTicks: string;
  /** With those of children that were waited for. */
  readonly cpuTicks: number;
}

/** The kernel shows times in hundredths of a second on every architecture that Node runs on. */
const NANOSECONDS_PER_TICK = 10_000_000;
const KIB = 1024;

export interface ProcessUsageOptions {
  readonly clock: Clock;
  /** The program of a container; undefined where it has not been started. */
  programOf(id: ContainerId): Promise<ProcessId | undefined>;
  logOf(id: ContainerId): string;
}

export class ProcessUsage implements UsageMeter {
  readonly #options: ProcessUsageOptions;

  constructor(options: ProcessUsageOptions) {
    this.#options = options;
  }

  async measure(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, Usage>> {
    signal.throwIfAborted();
    if (ids.length === 0) return new Map();
    const programs = await Promise.all(ids.map((id) => this.#options.programOf(id)));
    const all = await readProcesses();
    const measuredAtMs = this.#options.clock.now();
    const measured = ids.map(async (id, index): Promise<[ContainerId, Usage] | undefined> => {
      const program = programs[index];
      const family = program ? familyOf(program, all) : [];
      if (family.length === 0) return undefined;
      const cpuTicks = family.reduce((sum, process) => sum + process.cpuTicks, 0);
      const memory = await Promise.all(family.map(({ pid }) => readResidentBytes(pid)));
      const memoryBytes = memory.reduce((sum, bytes) => sum + bytes, 0);
      const cpuNanoseconds = cpuTicks * NANOSECONDS_PER_TICK;
      return [id, { cpuNanoseconds, memoryBytes, processes: family.length, measuredAtMs }];
    });
    return new Map((await Promise.all(measured)).filter((each) => each !== undefined));
  }

  /** Programs write into the machine's own files, which nobody can count as theirs: their logs alone are. */
  async measureDisk(ids: readonly ContainerId[], signal: AbortSignal): Promise<ReadonlyMap<ContainerId, number>> {
    signal.throwIfAborted();
    const { logOf } = this.#options;
    return new Map(await Promise.all(ids.map(async (id) => [id, await sizeOfLog(logOf(id))] as const)));
  }
}

/** The program, its process group, and what they have started. Empty when the program has ended. */
export function familyOf(program: ProcessId, all: readonly ProcessReading[]): readonly ProcessReading[] {
  const isProgram = ({ pid, startTicks }: ProcessReading) => pid === program.pid && startTicks === program.startTicks;
  if (!all.some(isProgram)) return [];
  const members = new Set(all.filter(({ pid, group }) => pid === program.pid || group === program.pid));
  const pids = new Set([...members].map(({ pid }) => pid));
  // Sets show what is added while they are gone through: children, grandchildren, and so on.
  for (const { pid } of members) {
    for (const process of all) {
      if (process.parent !== pid || pids.has(process.pid)) continue;
      members.add(process);
      pids.add(process.pid);
    }
  }
  return [...members];
}

/** Undefined for what is no line of that file. */
export function parseProcessStat(text: string): ProcessReading | undefined {
  // The program's name, in parentheses, may hold anything; numbers are counted after it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [pid, parent, group] = [text, fields[1], fields[2]].map((field = "") => Number.parseInt(field, 10));
  const startTicks = fields[19];
  if (!pid || parent === undefined || group === undefined || startTicks === undefined) return undefined;
  const cpuTicks = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  return { pid, parent, group, startTicks, cpuTicks };
}

async function readProcesses(): Promise<readonly ProcessReading[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map(async (pid) => parseProcessStat(await readIfThere(`/proc/${pid}/stat`))));
  return found.filter((each) => each !== undefined);
}

async function readResidentBytes(pid: number): Promise<number> {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(await readIfThere(`/proc/${pid}/status`)) ?? [];
  return Number(kib ?? 0) * KIB;
}

/** Processes end while they are read: empty then. */
async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return "";
    throw error;
  }
}
