// What a sandbox has sent and received, as the kernel counts it for each interface of the sandbox's network: two small files,
// found through any process of its control group.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { NetworkCounts, NetworkUsage } from "./usage.ts";

/** Where a container's processes are listed below the root of control groups: both versions, both places. */
const lists = (id: string): readonly string[] =>
  ["", "pids/"].flatMap((hierarchy) => [
    `${hierarchy}system.slice/docker-${id}.scope/cgroup.procs`,
    `${hierarchy}docker/${id}/cgroup.procs`,
  ]);

/** Undefined where this machine has no such group, or nothing runs in it. The loopback interface is left out. */
export async function readNetworkUsage(cgroupRoot: string, id: string): Promise<readonly NetworkUsage[] | undefined> {
  for (const list of lists(id)) {
    const [pid] = (await readIfThere(join(cgroupRoot, list))).split("\n");
    if (pid) return parseInterfaces(await readIfThere(`/proc/${pid}/net/dev`)).filter(({ name }) => name !== "lo");
  }
  return undefined;
}

/** Of /proc/PID/net/dev: two lines of titles, then an interface per line. */
export function parseInterfaces(text: string): readonly NetworkUsage[] {
  return text.split("\n").flatMap((line) => {
    const [, name, figures] = /^\s*([^\s:]+):\s*(\d[\d\s]*)$/.exec(line) ?? [];
    if (name === undefined || figures === undefined) return [];
    const counts = figures.trim().split(/\s+/).map(Number);
    return { name, receive: countsFrom(counts, 0), transmit: countsFrom(counts, 8) };
  });
}

const countsFrom = (counts: readonly number[], at: number): NetworkCounts => ({
  bytes: counts[at] ?? 0,
  packets: counts[at + 1] ?? 0,
  errors: counts[at + 2] ?? 0,
  dropped: counts[at + 3] ?? 0,
});

/** Processes and groups go while they are read: empty then. */
async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ENODEV", "ESRCH", "EINVAL"].includes(code ?? "")) return "";
    throw error;
  }
}
