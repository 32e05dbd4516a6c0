// The images of the process runtime: a JSON file each, which says what to run. A program sees the host's own files, so that
// an image holds no files but only says where on the host they are. `host` stands for the host's programs as they are.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ignoreMissingFile } from "../../lib/ignore-missing-file.ts";
import type { ImageStore, LocalImage, PullOptions, RuntimeImage } from "./image-store.ts";
import { RuntimeError } from "./runtime-error.ts";

export interface ProcessImage {
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  /** Where the files that the image names are on this machine. */
  readonly files?: Readonly<Record<string, string>>;
}

const HOST_IMAGE = "host";
const SUFFIX = ".json";

export class ProcessImages implements ImageStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async get(reference: string, signal: AbortSignal): Promise<RuntimeImage | undefined> {
    signal.throwIfAborted();
    return (await this.read(reference)) && describe(reference);
  }

  async pull(reference: string, { signal }: PullOptions): Promise<RuntimeImage> {
    const image = await this.get(reference, signal);
    if (image) return image;
    throw new RuntimeError(
      "ErrImagePull",
      `image "${reference}" is not on this machine, and pods that run as processes have no registry: describe it in ` +
        `${this.#path(reference)}, or use the image "${HOST_IMAGE}" for the machine's own programs`,
    );
  }

  async list(signal: AbortSignal): Promise<RuntimeImage[]> {
    signal.throwIfAborted();
    const names = (await readdir(this.#directory).catch(ignoreMissingFile)) ?? [];
    const references = names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
    return [HOST_IMAGE, ...references.map(decodeURIComponent)].map(describe);
  }

  directory(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async remove(reference: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await rm(this.#path(reference), { force: true });
  }

  async make(image: LocalImage, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const base = image.base === undefined ? {} : await this.read(image.base);
    if (!base) throw new RuntimeError("NotFound", `image "${image.base}" does not exist`);
    const path = this.#path(image.name);
    await mkdir(this.#directory, { recursive: true });
    await writeFile(`${path}.new`, `${JSON.stringify(addTo(base, image), undefined, 2)}\n`);
    await rename(`${path}.new`, path);
  }

  /** Throws a RuntimeError where the file is no image. */
  async read(reference: string): Promise<ProcessImage | undefined> {
    if (reference === HOST_IMAGE) return {};
    const text = await readFile(this.#path(reference), "utf8").catch(ignoreMissingFile);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as ProcessImage;
    } catch (error) {
      const message = `${this.#path(reference)} is not valid: ${(error as Error).message}`;
      throw new RuntimeError("ErrImagePull", message, { cause: error });
    }
  }

  #path(reference: string): string {
    return join(this.#directory, `${encodeURIComponent(reference)}${SUFFIX}`);
  }
}

function addTo(base: ProcessImage, image: LocalImage): ProcessImage {
  const sources = image.files.flatMap((file) => ("source" in file ? [[file.path, file.source] as const] : []));
  const files = { ...base.files, ...Object.fromEntries(sources) };
  const { entrypoint = base.entrypoint, command = base.command } = image;
  // A folder of the image is not on this machine, but the machine's own may happen to have the same name.
  return { entrypoint, command, env: { ...base.env, ...image.env }, files };
}

function describe(reference: string): RuntimeImage {
  return { id: `process:${reference}`, names: [reference], sizeBytes: 0 };
}
