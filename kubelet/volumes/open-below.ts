// Opens what lies below a directory that programs may rearrange at the same moment, and is never led out of it
// (CVE-2017-1002101, CVE-2021-25741). The kernel is asked for one name at a time, always in a directory that is held open
// and never through a link, so that whatever is swapped meanwhile, what has been passed stays passed. Links are followed
// by hand, as far as they stay inside. Linux only, for /proc/self/fd, which stands in for openat().

import { constants, promises as fs } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";

/** What the volume's own content or the path asked for is at fault for. Tells nothing about the node. */
export class SubPathError extends Error {
  override readonly name = "SubPathError";
}

/** A handle on the place itself, not on its content: a pipe does not block it, a device is not touched. Linux' O_PATH. */
const PLACE = 0o10_000_000 | constants.O_NOFOLLOW;
const LINKS_MAX = 40;

/** The path of a name in a directory that is held open; without a name, of the held place itself. */
export const heldPath = ({ fd }: FileHandle, name = "") => `/proc/self/fd/${fd}${name && `/${name}`}`;

/** `name` is a single one. The handle may be of a link. */
export const openIn = (directory: FileHandle, name: string) => fs.open(heldPath(directory, name), PLACE);

export const openRoot = async (directory: string) => fs.open(await fs.realpath(directory), PLACE);

/**
 * Makes what is missing as directories with the mode of `root`. The caller closes the handle. Throws SubPathError where the
 * path leads out, or to where nothing can be.
 */
export async function openBelow(root: string, path: string): Promise<FileHandle> {
  const walk = new Walk(await openRoot(root));
  try {
    await walk.follow(path);
    return walk.take();
  } finally {
    await walk.close();
  }
}

const namesIn = (path: string) => path.split("/").filter((name) => name !== "" && name !== ".");

class Walk {
  /** The root, and the way down from it. */
  readonly #held: FileHandle[];
  /** The next name is the last. */
  #ahead: string[] = [];
  #links = 0;

  constructor(root: FileHandle) {
    this.#held = [root];
  }

  async follow(path: string): Promise<void> {
    this.#ahead = namesIn(path).reverse();
    for (let name = this.#ahead.pop(); name !== undefined; name = this.#ahead.pop()) {
      if (name === "..") await this.#up();
      else await this.#down(name);
    }
  }

  take(): FileHandle {
    return this.#held.pop() as FileHandle;
  }

  async close(): Promise<void> {
    await Promise.all(this.#held.map((handle) => handle.close()));
  }

  get #root(): FileHandle {
    return this.#held[0] as FileHandle;
  }

  async #up(): Promise<void> {
    if (this.#held.length === 1) throw new SubPathError("it leads out of its volume");
    await this.#held.pop()?.close();
  }

  async #down(name: string): Promise<void> {
    const directory = this.#held.at(-1) as FileHandle;
    const next = await this.#open(directory, name);
    if ((await next.stat()).isSymbolicLink()) {
      await next.close();
      await this.#followLink(await fs.readlink(heldPath(directory, name)));
    } else this.#held.push(next);
  }

  async #open(directory: FileHandle, name: string): Promise<FileHandle> {
    try {
      return (await openIn(directory, name).catch(ignoreMissingFile)) ?? (await this.#make(directory, name));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOTDIR") throw error;
      throw new SubPathError("a part of it is not a directory", { cause: error });
    }
  }

  async #make(directory: FileHandle, name: string): Promise<FileHandle> {
    const path = heldPath(directory, name);
    const mode = (await this.#root.stat()).mode & 0o2777;
    const isOurs = await fs.mkdir(path, { mode }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
        return false;
      },
    );
    const made = await openIn(directory, name);
    // The process' umask has narrowed the mode.
    if (isOurs && (await made.stat()).isDirectory()) await fs.chmod(heldPath(made), mode);
    return made;
  }

  /** A link with an absolute target is one into the volume if the volume lies there. */
  async #followLink(target: string): Promise<void> {
    if (++this.#links > LINKS_MAX) throw new SubPathError("it has too many levels of symbolic links");
    if (!target.startsWith("/")) {
      this.#ahead.push(...namesIn(target).reverse());
      return;
    }
    const root = await fs.readlink(heldPath(this.#root));
    if (target !== root && !target.startsWith(`${root}/`)) throw new SubPathError("it leads out of its volume");
    for (const handle of this.#held.splice(1)) await handle.close();
    this.#ahead.push(...namesIn(target.slice(root.length)).reverse());
  }
}
