// Unmounts what kubelets have mounted below a directory: the secrets, tokens and volumes of pods that lie in memory.

import { diskFiles } from "../kubelet/node-files.ts";
import type { Exec } from "../lib/exec.ts";
import { ClusterError } from "./cluster-error.ts";

/**
 * Nobody must need them any more. They are gone at once, even where a kubelet that has just stopped still has a file of theirs
 * open, or is about to close it. Idempotent.
 */
export async function unmountBelow(directory: string, exec: Exec, signal: AbortSignal): Promise<void> {
  for (const path of await diskFiles.mountsBelow(directory)) {
    const { code, stderr } = await exec.run("umount", ["-l", path], { signal });
    if (code !== 0) throw new ClusterError(`${path} cannot be unmounted: ${stderr.trim()}`);
  }
}
