// Which names of images this kubelet has brought to the node itself. On a machine that is somebody's own, all other images
// are theirs. Kept in a file, so that a kubelet that starts again still knows.

import { join } from "node:path";
import type { NodeFiles } from "../node-files.ts";

export interface PulledImagesDeps {
  readonly rootDirectory: string;
  readonly files: Pick<NodeFiles, "readStart" | "write">;
}

const FILE_BYTES_MAX = 4 * 1024 * 1024;

export class PulledImages {
  readonly #deps: PulledImagesDeps;
  /** The id that each name stood for. Bound: forgotten once the node does not have them any more. */
  #names: Promise<Map<string, string>> | undefined;
  /** Writes go one after the other. */
  #writing: Promise<void> = Promise.resolve();

  constructor(deps: PulledImagesDeps) {
    this.#deps = deps;
  }

  async names(): Promise<ReadonlyMap<string, string>> {
    return this.#load();
  }

  /** The image was pulled. `before`: what the name stood for until then. */
  async note(
    name: string,
    { id, before }: { readonly id: string; readonly before: string | undefined },
  ): Promise<void> {
    const names = await this.#load();
    const known = names.get(name);
    // A name that was there before is somebody else's, whoever pulls it now.
    if (known === id || (before !== undefined && before !== known)) return;
    names.set(name, id);
    await this.#save(names);
  }

  async forget(gone: readonly string[]): Promise<void> {
    if (gone.length === 0) return;
    const names = await this.#load();
    for (const name of gone) names.delete(name);
    await this.#save(names);
  }

  get #path(): string {
    return join(this.#deps.rootDirectory, "pulled-images.json");
  }

  #load(): Promise<Map<string, string>> {
    this.#names ??= this.#deps.files.readStart(this.#path, FILE_BYTES_MAX).then((bytes) => parseNames(bytes));
    return this.#names;
  }

  #save(names: ReadonlyMap<string, string>): Promise<void> {
    const text = JSON.stringify(Object.fromEntries(names));
    // Whose write has failed was told; the next one writes all names anew.
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#deps.files.write(this.#path, text));
    return this.#writing;
  }
}

/** What cannot be read says nothing, and an image too many stays on the node. */
function parseNames(bytes: Uint8Array): Map<string, string> {
  try {
    const found = JSON.parse(Buffer.from(bytes).toString()) as unknown;
    if (typeof found !== "object" || found === null) return new Map();
    return new Map(Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  } catch (error) {
    if (error instanceof SyntaxError) return new Map();
    throw error;
  }
}
