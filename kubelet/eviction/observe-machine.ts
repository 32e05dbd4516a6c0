// How much the machine has left of what pods share: memory, room on the disks of the node and of its images, process ids.

import { promises as fs } from "node:fs";
import type { Observation, Observations } from "./thresholds.ts";

export interface ObservedDirectories {
  /** Where the kubelet keeps volumes. */
  readonly node: string;
  /** Where the runtime keeps images, if that is on this machine. */
  readonly images: string | undefined;
}

export async function observeMachine(directories: ObservedDirectories): Promise<Observations> {
  const read = (path: string) => fs.readFile(path, "utf8");
  const [memory, load, pidMax, threadsMax, node, images] = await Promise.all([
    read("/proc/meminfo"),
    read("/proc/loadavg"),
    read("/proc/sys/kernel/pid_max"),
    read("/proc/sys/kernel/threads-max"),
    observeDisk(directories.node),
    directories.images === undefined ? undefined : observeDisk(directories.images),
  ]);
  return {
    "memory.available": parseMemory(memory),
    "nodefs.available": node.bytes,
    "nodefs.inodesFree": node.inodes,
    ...(images && { "imagefs.available": images.bytes, "imagefs.inodesFree": images.inodes }),
    "pid.available": parsePids(load, Math.min(Number(pidMax), Number(threadsMax))),
  };
}

/** A file system that does not count inodes tells of none, which is no shortage. */
async function observeDisk(path: string): Promise<{ bytes: Observation; inodes: Observation | undefined }> {
  const { bsize, bavail, blocks, ffree, files } = await fs.statfs(path);
  return {
    bytes: { available: bavail * bsize, capacity: blocks * bsize },
    inodes: files > 0 ? { available: ffree, capacity: files } : undefined,
  };
}

export function parseMemory(meminfo: string): Observation {
  const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(meminfo)?.[1] ?? 0) * 1024;
  return { available: bytes("MemAvailable"), capacity: bytes("MemTotal") };
}

/** The fourth field is how many run, of how many there are. */
export function parsePids(loadavg: string, most: number): Observation | undefined {
  const [, count] = /^\S+ \S+ \S+ \d+\/(\d+)/.exec(loadavg) ?? [];
  return count === undefined ? undefined : { available: most - Number(count), capacity: most };
}
