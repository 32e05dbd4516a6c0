// The `mount` and `umount` programs of the node.

import type { Exec } from "../../lib/exec.ts";

export interface MountContext {
  readonly exec: Pick<Exec, "run">;
  readonly signal: AbortSignal;
}

/** Throws an Error with what the program said, in Kubernetes' words. */
export async function mount(args: readonly string[], { exec, signal }: MountContext): Promise<void> {
  const { code, stdout, stderr } = await exec.run("mount", args, { signal });
  if (code === 0) return;
  throw new Error(
    `mount failed: exit status ${code}\nMounting command: mount\nMounting arguments: ${args.join(" ")}\n` +
      `Output: ${stdout}${stderr}`,
  );
}

/** Takes away the innermost of what is mounted at the path. */
export async function unmount(path: string, { exec, signal }: MountContext): Promise<void> {
  const { code, stderr } = await exec.run("umount", [path], { signal });
  // Removing the directory would empty what is mounted there, so this stops everything.
  if (code !== 0) throw new Error(`${path} could not be unmounted: ${stderr.trim()}`);
}
