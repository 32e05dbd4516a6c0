// A path inside of a volume that a container mounts instead of the whole. The volume's contents are the container's, who
// may swap a directory for a link at any moment, so the runtime is not told the path: the kubelet mounts what it has found
// and holds open on a place of its own, which no pod can write to, and the runtime mounts that.

import { promises as fs } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";
import type { NodeFiles } from "../node-files.ts";
import { mount, unmount, type MountContext } from "./mount-program.ts";
import { heldPath, openBelow } from "./open-below.ts";

export interface SubPath {
  /** Where the volume lies. */
  readonly root: string;
  /** Below it; made as directories where it is missing. */
  readonly path: string;
}

export interface BindContext extends MountContext {
  readonly files: Pick<NodeFiles, "mountsBelow">;
}

/** The real path, for a runtime whose programs have the kubelet's own rights: there is nothing to keep from them. */
export async function resolveSubPath({ root, path }: SubPath): Promise<string> {
  const found = await openBelow(root, path);
  try {
    return await fs.readlink(heldPath(found));
  } finally {
    await found.close();
  }
}

/** Shows the sub-path at `target`, a path below a directory of the kubelet's. Idempotent. */
export async function bindSubPath(subPath: SubPath, target: string, context: BindContext): Promise<void> {
  const found = await openBelow(subPath.root, subPath.path);
  try {
    if (await shows(target, found)) return;
    await clear(target, context);
    await makeTarget(target, (await found.stat()).isDirectory());
    // Otherwise the program would look up the path that the number stands for, and mount what is there by then.
    const source = `/proc/${process.pid}/fd/${found.fd}`;
    await mount(["--no-canonicalize", "--bind", source, target], context);
    if (await shows(target, found)) return;
    await unmount(target, context);
    throw new Error(`mount has put something else on ${target} than it was told`);
  } finally {
    await found.close();
  }
}

async function shows(target: string, found: FileHandle): Promise<boolean> {
  const [there, wanted] = await Promise.all([fs.stat(target).catch(ignoreMissingFile), found.stat()]);
  return there?.dev === wanted.dev && there.ino === wanted.ino;
}

/** What an earlier container had: of a ConfigMap, the files change their places. */
async function clear(target: string, context: BindContext): Promise<void> {
  for (const path of await context.files.mountsBelow(dirname(target))) {
    if (path === target) await unmount(path, context);
  }
  const left = await fs.lstat(target).catch(ignoreMissingFile);
  if (left?.isDirectory()) await fs.rmdir(target);
  else if (left) await fs.unlink(target);
}

async function makeTarget(target: string, isDirectory: boolean): Promise<void> {
  await fs.mkdir(dirname(target), { recursive: true, mode: 0o750 });
  if (isDirectory) await fs.mkdir(target, { mode: 0o750 });
  else await (await fs.open(target, "wx", 0o640)).close();
}
