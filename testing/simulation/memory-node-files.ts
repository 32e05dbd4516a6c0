// A node's disk in memory, for kubelets that are simulated: real files would answer in another order each time.

import { dirname } from "node:path";
import type { NodeFiles } from "../../kubelet/node-files.ts";

export class MemoryNodeFiles implements NodeFiles {
  /** Only what the kubelet makes: files, by path; what is in them nobody asks for. */
  readonly #files = new Set<string>();

  list(directory: string): Promise<readonly string[]> {
    const names = [...this.#files]
      .filter((path) => path.startsWith(`${directory}/`))
      .map((path) => path.slice(directory.length + 1).split("/")[0] ?? "");
    return Promise.resolve([...new Set(names)]);
  }

  createEmpty(path: string): void {
    if (this.#files.has(dirname(path))) throw new Error(`${dirname(path)} is a file`);
    this.#files.add(path);
  }

  readEnd(): Promise<Uint8Array> {
    return this.readStart();
  }

  readStart(): Promise<Uint8Array> {
    return Promise.resolve(new Uint8Array());
  }

  write(path: string): Promise<void> {
    this.#files.add(path);
    return Promise.resolve();
  }

  rewrite(path: string): void {
    this.#files.add(path);
  }

  mountsBelow(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  isShared(): Promise<boolean> {
    return Promise.resolve(true);
  }

  remove(directory: string): Promise<void> {
    for (const path of this.#files) if (path.startsWith(`${directory}/`)) this.#files.delete(path);
    return Promise.resolve();
  }
}
