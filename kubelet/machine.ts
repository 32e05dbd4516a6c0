// Reads what the machine is and has, for the Node that a kubelet registers.

import { promises as fs } from "node:fs";
import os from "node:os";
import type { MachineFacts, SecurityModule } from "./node-status.ts";

export interface MachineOptions {
  /** A directory on the file system that pods write to; it exists. */
  readonly directory: string;
  /** How many pods the node may have. */
  readonly podsMax: number;
}

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386" };

export async function readMachineFacts({ directory, podsMax }: MachineOptions): Promise<MachineFacts> {
  const { bsize, blocks } = await fs.statfs(directory);
  const machineId = await readLine("/etc/machine-id");
  return {
    cpuMillis: os.availableParallelism() * 1000,
    memoryBytes: os.totalmem(),
    ephemeralStorageBytes: bsize * blocks,
    podsMax,
    hugePages: await readHugePages(),
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    operatingSystem: process.platform,
    machineId,
    systemUuid: (await readLine("/sys/class/dmi/id/product_uuid")) || machineId,
    bootId: await readLine("/proc/sys/kernel/random/boot_id"),
    kernelVersion: os.release(),
    osImage: parseOsName(await fs.readFile("/etc/os-release", "utf8").catch(() => "")),
    securityModules: await findSecurityModules(),
  };
}

const HUGE_PAGES = "/sys/kernel/mm/hugepages";
const KIB_PER_UNIT = [
  ["Gi", 1024 * 1024],
  ["Mi", 1024],
] as const;

/** Undefined where the kernel has none. */
async function readHugePages(): Promise<Record<string, number> | undefined> {
  const folders = await fs.readdir(HUGE_PAGES).catch(() => []);
  const sizes = folders.map(async (folder) => {
    const kib = Number(/^hugepages-(\d+)kB$/.exec(folder)?.[1] ?? 0);
    const pages = Number(await readLine(`${HUGE_PAGES}/${folder}/nr_hugepages`));
    return [renderPageSize(kib), pages * kib * 1024] as const;
  });
  return folders.length === 0 ? undefined : Object.fromEntries(await Promise.all(sizes));
}

/** As the names of resources have it: `2Mi`. */
export function renderPageSize(kib: number): string {
  const unit = KIB_PER_UNIT.find(([, each]) => kib % each === 0);
  return unit ? `${kib / unit[1]}${unit[0]}` : `${kib}Ki`;
}

/** A fact that the machine does not tell is empty. */
const readLine = async (path: string) => (await fs.readFile(path, "utf8").catch(() => "")).trim();

/** Each says at a place of its own that it is at work. */
async function findSecurityModules(): Promise<SecurityModule[]> {
  const hasAppArmor = (await readLine("/sys/module/apparmor/parameters/enabled")) === "Y";
  const hasSeLinux = (await readLine("/sys/fs/selinux/policyvers")) !== "";
  return [...(hasAppArmor ? (["apparmor"] as const) : []), ...(hasSeLinux ? (["selinux"] as const) : [])];
}

export function parseOsName(osRelease: string): string {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1] ?? "";
}
