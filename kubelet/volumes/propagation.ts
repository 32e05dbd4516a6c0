// Volumes in which mounts that are made later are to be seen by others: containers, or the node.

import { dirname } from "node:path";
import type { PodSpec } from "../../api/core/pod.ts";
import type { NodeFiles } from "../node-files.ts";
import type { MountContext } from "./mount-program.ts";

/** Whether a container asks for it. Pure. */
export function isPropagated({ initContainers = [], containers }: PodSpec, volume: string): boolean {
  const mounts = [...initContainers, ...containers].flatMap(({ volumeMounts = [] }) => volumeMounts);
  return mounts.some(({ name, mountPropagation = "None" }) => name === volume && mountPropagation !== "None");
}

/**
 * Makes a directory of the kubelet's a place whose mounts are shared, as runtimes want it. Idempotent. Upstream does this to
 * the kubelet's whole directory; here it is done only where somebody asks, so that less is left on the node. Where the
 * kubelet may not mount, it is left to the runtime to mind: one whose programs see the node's files has nothing to pass on.
 */
export async function shareMounts(
  directory: string,
  { exec, files, signal }: MountContext & { readonly files: Pick<NodeFiles, "isShared" | "mountsBelow"> },
): Promise<void> {
  if (await files.isShared(directory)) return;
  const isMounted = (await files.mountsBelow(dirname(directory))).includes(directory);
  const bind = isMounted ? undefined : await exec.run("mount", ["--bind", directory, directory], { signal });
  if (bind === undefined || bind.code === 0) await exec.run("mount", ["--make-shared", directory], { signal });
}
