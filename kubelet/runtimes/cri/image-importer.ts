// Makes images from files of this machine, without a registry: a layer and a description in the layout of the Open Container
// Initiative, which containerd's own program reads in. The CRI has no call for it.

import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { backoffDelayMs } from "../../../lib/backoff.ts";
import { sleep, type Clock } from "../../../lib/clock.ts";
import type { Exec } from "../../../lib/exec.ts";
import { digestImage, packFiles, packLayer } from "../image-archive.ts";
import type { LocalImage } from "../image-store.ts";
import { RuntimeError } from "../runtime-error.ts";
import type { CriService } from "./cri-service.ts";
import { describeImage, layersOf, normalizeReference, type ImageConfig, type Layer } from "./oci-image.ts";

export interface ImporterOptions {
  /** Where archives are written on their way; of this node alone. */
  readonly directory: string;
  /** Of containerd's own socket. */
  readonly socketPath: string;
  readonly snapshotter: string;
  readonly exec: Pick<Exec, "run">;
  readonly clock: Clock;
}

/** Images of the CRI are in this part of containerd. */
const NAMESPACE = "k8s.io";
const DIGEST_LABEL = "gantry.digest";
/** The CRI plugin learns of an image a moment after it is there. */
const NOTICED = { initialMs: 10, maxMs: 1000 };
const NOTICED_AFTER_LOOKS_MAX = 15;

export class ImageImporter {
  readonly #cri: CriService;
  readonly #options: ImporterOptions;

  constructor(cri: CriService, options: ImporterOptions) {
    this.#cri = cri;
    this.#options = options;
  }

  async make(image: LocalImage, signal: AbortSignal): Promise<void> {
    const base = image.base === undefined ? undefined : await this.#readBase(image.base, signal);
    const digest = [await digestImage(image), ...layersOf(base).map((layer) => layer.digest)].join(" ");
    if (await this.#isThere(image.name, digest, signal)) return;
    const parent = join(this.#options.directory, "imports");
    await mkdir(parent, { recursive: true });
    const folder = await mkdtemp(join(parent, "image-"));
    try {
      const archive = await writeArchive(folder, { image, base, labels: { [DIGEST_LABEL]: digest } });
      await this.#import(archive, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await this.#untilNoticed(image.name, digest, signal);
  }

  async #readBase(name: string, signal: AbortSignal): Promise<ImageConfig> {
    const base = await this.#read(name, signal);
    if (base && layersOf(base).length > 0) return base;
    const problem = base ? "was not made on this machine" : "does not exist";
    throw new RuntimeError("NotFound", `image "${name}" ${problem}, and cannot be added to`);
  }

  /** Undefined where there is no such image. */
  async #read(name: string, signal: AbortSignal): Promise<ImageConfig | undefined> {
    const { image, info } = await this.#cri.image("ImageStatus", { image: { image: name }, verbose: true }, signal);
    if (!image || !info["info"]) return undefined;
    return (JSON.parse(info["info"]) as { readonly imageSpec: ImageConfig }).imageSpec;
  }

  async #isThere(name: string, digest: string, signal: AbortSignal): Promise<boolean> {
    return (await this.#read(name, signal))?.config?.Labels?.[DIGEST_LABEL] === digest;
  }

  async #untilNoticed(name: string, digest: string, signal: AbortSignal): Promise<void> {
    for (let looks = 1; looks <= NOTICED_AFTER_LOOKS_MAX; looks++) {
      if (await this.#isThere(name, digest, signal)) return;
      await sleep(this.#options.clock, backoffDelayMs(NOTICED, looks), signal);
    }
    throw new Error(`the image "${name}" was imported, and the container runtime does not know it`);
  }

  async #import(archive: string, signal: AbortSignal): Promise<void> {
    const { socketPath, snapshotter, exec } = this.#options;
    const where = ["--address", socketPath, "--namespace", NAMESPACE];
    const args = [...where, "images", "import", "--snapshotter", snapshotter, archive];
    const { code, stdout, stderr } = await exec.run("ctr", args, { signal });
    // Another node of this machine made the same image in the same moment; whether it is the same is seen afterwards.
    if (code === 0 || /: already exists/.test(stderr)) return;
    throw new Error(`ctr images import ended with ${code}: ${(stderr || stdout).trim()}`);
  }
}

/** Gives the archive's path. */
async function writeArchive(
  folder: string,
  {
    image,
    base,
    labels,
  }: {
    readonly image: LocalImage;
    readonly base: ImageConfig | undefined;
    readonly labels: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const layerPath = join(folder, "layer.tar");
  await pipeline(packLayer(image), createWriteStream(layerPath));
  const layer: Layer = { digest: await digestFile(layerPath), size: (await stat(layerPath)).size };
  const { files } = describeImage({ ...image, name: normalizeReference(image.name) }, { base, layer, labels });
  const archive = join(folder, "image.tar");
  const entries = [...files, [blobPath(layer.digest), layerPath] as const];
  await pipeline(packFiles(entries), createWriteStream(archive));
  return archive;
}

const blobPath = (digest: string) => `blobs/${digest.replace(":", "/")}`;

async function digestFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest("hex")}`;
}
