// What a container uses, as the kernel counts it in its control group: four small files, read without asking the runtime.
// Both versions of control groups, and the places where Docker and containerd put a container's group.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Usage } from "./usage.ts";

export type CgroupUsage = Omit<Usage, "measuredAtMs">;

interface Layout {
  readonly cpu: string;
  readonly memory: string;
  readonly memoryStat: string;
  readonly processes: string;
  parseCpu(text: string): number;
  readonly cacheField: string;
}

const NANOSECONDS_PER_MICROSECOND = 1000;

/** Where a container's group is below the root of a hierarchy: as systemd makes it, and as the runtimes do by themselves. */
const places = (id: string): readonly string[] => [
  `system.slice/docker-${id}.scope`,
  `docker/${id}`,
  `system.slice/cri-containerd-${id}.scope`,
  `k8s.io/${id}`,
];

const layouts = (place: string): readonly Layout[] => [
  {
    cpu: `${place}/cpu.stat`,
    memory: `${place}/memory.current`,
    memoryStat: `${place}/memory.stat`,
    processes: `${place}/pids.current`,
    parseCpu: (text) => fieldOf(text, "usage_usec") * NANOSECONDS_PER_MICROSECOND,
    cacheField: "inactive_file",
  },
  {
    cpu: `cpuacct/${place}/cpuacct.usage`,
    memory: `memory/${place}/memory.usage_in_bytes`,
    memoryStat: `memory/${place}/memory.stat`,
    processes: `pids/${place}/pids.current`,
    parseCpu: Number,
    cacheField: "total_inactive_file",
  },
];

/** Undefined where this machine has no such group: the container has ended, or the runtime is elsewhere. */
export async function readCgroupUsage(root: string, id: string): Promise<CgroupUsage | undefined> {
  for (const layout of places(id).flatMap(layouts)) {
    const cpu = await readIfThere(join(root, layout.cpu));
    if (cpu === undefined) continue;
    const memory = await readIfThere(join(root, layout.memory));
    const memoryStat = await readIfThere(join(root, layout.memoryStat));
    if (memory === undefined || memoryStat === undefined) return undefined;
    const memoryBytes = Math.max(0, Number(memory) - fieldOf(memoryStat, layout.cacheField));
    const processes = await readIfThere(join(root, layout.processes));
    return {
      cpuNanoseconds: layout.parseCpu(cpu),
      memoryBytes,
      ...(processes !== undefined && { processes: Number(processes) }),
    };
  }
  return undefined;
}

/** Of lines such as `usage_usec 1234`; 0 where there is none. */
function fieldOf(text: string, name: string): number {
  const line = text.split("\n").find((each) => each.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENODEV: the group was removed while its file was open.
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ENODEV") return undefined;
    throw error;
  }
}
