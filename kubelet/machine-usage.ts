// What the machine as a whole uses, from /proc: its programs outside of pods are part of it.

import { promises as fs } from "node:fs";
import type { Clock } from "../lib/clock.ts";
import type { Usage } from "./runtimes/usage.ts";

/** The kernel shows times in hundredths of a second on every architecture that Node runs on. */
const NANOSECONDS_PER_TICK = 10_000_000;
const KIB = 1024;
/** In the order of /proc/stat; guests are counted with user and nice already, and waiting is no work. */
const IDLE_FIELDS: ReadonlySet<number> = new Set([3, 4, 8, 9]);

export async function measureMachine(clock: Clock): Promise<Usage> {
  const [stat, memory] = await Promise.all([fs.readFile("/proc/stat", "utf8"), fs.readFile("/proc/meminfo", "utf8")]);
  return {
    cpuNanoseconds: parseBusyTicks(stat) * NANOSECONDS_PER_TICK,
    memoryBytes: parseMemoryBytes(memory),
    measuredAtMs: clock.now(),
  };
}

export function parseBusyTicks(stat: string): number {
  const [, line = ""] = /^cpu +(.*)$/m.exec(stat) ?? [];
  const ticks = line.split(" ").map(Number);
  return ticks.filter((_, field) => !IDLE_FIELDS.has(field)).reduce((sum, each) => sum + each, 0);
}

export function parseMemoryBytes(meminfo: string): number {
  const kib = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? 0);
  return Math.max(0, kib("MemTotal") - kib("MemAvailable")) * KIB;
}
