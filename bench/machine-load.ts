// What else the machine does: a figure means little without it.

import { availableParallelism, loadavg, totalmem } from "node:os";
import { readFileSync } from "node:fs";

/** `2 cores, 24 GiB, Node v20.20.0; load average 0.42 0.50 0.61`. */
export function describeMachine(): string {
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg()
    .map((each) => each.toFixed(2))
    .join(" ");
  return `${availableParallelism()} cores, ${memory}, Node ${process.version}; load average ${load}`;
}

/** Linux counts a process's time in hundredths of a second, whatever the kernel's own tick. */
const TICKS_PER_SECOND = 100;

/** The processor time that a process has used, with that of the children it has waited for, in seconds. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The program's name, in brackets, may contain spaces: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return ticks / TICKS_PER_SECOND;
}

/** The pages that the children of a process have touched first, of those that it has waited for: 0 where it has started none. */
export function childFaults(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[8]);
}

/** The memory of a process that is in the machine's memory, in MB, now or at its peak. */
export function memoryMegabytes(pid: number, which: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kilobytes = Number(new RegExp(`^${which}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? NaN);
  return (kilobytes * 1024) / 1e6;
}
