// What is on this machine's disk for a pod besides what the runtime keeps: its containers' logs, its hosts file, and
// the seccomp profiles that its containers were given.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ignoreMissingFile } from "../../../lib/ignore-missing-file.ts";
import type { ContainerSecurity, PodIdentity } from "../runtime.ts";
import type { SandboxNotes } from "./spec.ts";

export class PodFiles {
  readonly #directory: string;

  /** Absolute, and of this node alone. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Named as Kubernetes names them, which is what programs that gather logs expect. */
  logDirectory({ namespace, name, uid }: PodIdentity): string {
    return join(this.#directory, "logs", [namespace, name, uid].join("_"));
  }

  /** Writes the hosts file of a sandbox where it is missing, and gives its path. */
  async hosts(sandboxId: string, pod: { readonly notes: SandboxNotes; readonly ip?: string }): Promise<string> {
    const path = this.#hostsPath(sandboxId);
    if (await stat(path).catch(ignoreMissingFile)) return path;
    const { notes, ip } = pod;
    const ofNode = notes.hostNetwork ? await readFile("/etc/hosts", "utf8").catch(ignoreMissingFile) : undefined;
    await writeWhole(path, renderHosts({ notes, ip, ofNode }));
    return path;
  }

  /** The path of a file with the profile of the spec; undefined where it has none. */
  async seccompProfile({ seccomp }: ContainerSecurity = {}): Promise<string | undefined> {
    if (typeof seccomp !== "object") return undefined;
    const name = createHash("sha256").update(seccomp.profile).digest("hex");
    const path = join(this.#directory, "seccomp", `${name}.json`);
    await writeWhole(path, seccomp.profile);
    return path;
  }

  async removeSandbox(sandboxId: string): Promise<void> {
    await rm(dirname(this.#hostsPath(sandboxId)), { recursive: true, force: true });
  }

  /** With what was rotated away, and the folders that are empty then. */
  async removeLog(path: string): Promise<void> {
    if (path === "") return;
    await Promise.all([rm(path, { force: true }), rm(`${path}.1`, { force: true })]);
    for (const folder of [dirname(path), dirname(dirname(path))]) {
      const left = await readdir(folder).catch(ignoreMissingFile);
      if (left?.length === 0) await rmdir(folder).catch(ignoreOccupied);
    }
  }

  #hostsPath(sandboxId: string): string {
    return join(this.#directory, "sandboxes", sandboxId, "hosts");
  }
}

/** Another container of the pod may have come, or gone, in the same moment. */
function ignoreOccupied(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOTEMPTY" && error.code !== "ENOENT") throw error;
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.hrtime.bigint()}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

const LOCAL_NAMES = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "fe00::0\tip6-mcastprefix",
  "fe00::1\tip6-allnodes",
  "fe00::2\tip6-allrouters",
];

/** As kubelets write it; in the node's network it begins with the node's own. */
export function renderHosts(pod: {
  readonly notes: SandboxNotes;
  readonly ip?: string;
  readonly ofNode?: string;
}): string {
  const { notes, ip, ofNode } = pod;
  const head =
    ofNode === undefined
      ? ["# Kubernetes-managed hosts file.", ...LOCAL_NAMES, ...(ip ? [`${ip}\t${notes.hostname}`] : [])]
      : ["# Kubernetes-managed hosts file (host network).", ofNode.trimEnd()];
  const aliases = notes.hostAliases.map(({ ip: address, hostnames }) => [address, ...hostnames].join("\t"));
  const tail = aliases.length > 0 ? ["", "# Entries added by HostAliases.", ...aliases] : [];
  return [...head, ...tail, ""].join("\n");
}
