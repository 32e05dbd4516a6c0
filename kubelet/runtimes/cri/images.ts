// A CRI runtime's images. Whether a pull is allowed, and when to try again, is the kubelet's affair.

import { existsSync } from "node:fs";
import type { ImageStore, LocalImage, PullOptions, RuntimeImage } from "../image-store.ts";
import { RuntimeError } from "../runtime-error.ts";
import { ignoringAbsent, CriError, type CriService } from "./cri-service.ts";
import type { ImageImporter } from "./image-importer.ts";
import type { Received } from "./schema.ts";

export class CriImages implements ImageStore {
  readonly #cri: CriService;
  readonly #importer: ImageImporter;
  /** The image of the sandboxes, which is no user's and never removed. */
  readonly #sandboxImage: string;

  constructor(cri: CriService, importer: ImageImporter, sandboxImage: string) {
    this.#cri = cri;
    this.#importer = importer;
    this.#sandboxImage = sandboxImage;
  }

  async get(reference: string, signal: AbortSignal): Promise<RuntimeImage | undefined> {
    const image = await this.find(reference, signal);
    return image && readImage(image);
  }

  /** As the runtime describes it. */
  async find(reference: string, signal: AbortSignal): Promise<Received<"Image"> | undefined> {
    const { image } = await this.#cri.image("ImageStatus", { image: { image: reference } }, signal);
    return image ?? undefined;
  }

  async pull(reference: string, { signal, credentials }: PullOptions): Promise<RuntimeImage> {
    const auth = credentials && {
      username: credentials.username,
      password: credentials.password,
      serverAddress: credentials.server ?? "",
    };
    try {
      const { imageRef } = await this.#cri.image("PullImage", { image: { image: reference }, auth }, signal);
      const image = await this.get(imageRef, signal);
      if (image) return image;
    } catch (error) {
      throw error instanceof CriError ? explainPull(reference, error) : error;
    }
    throw new RuntimeError("ErrImagePull", `image "${reference}" is not there after it was pulled`);
  }

  async list(signal: AbortSignal): Promise<RuntimeImage[]> {
    const { images } = await this.#cri.image("ListImages", {}, signal);
    return images
      .filter(({ pinned, repoTags }) => !pinned && !repoTags.includes(this.#sandboxImage))
      .map((image) => readImage(image));
  }

  async directory(signal: AbortSignal): Promise<string | undefined> {
    const { imageFilesystems } = await this.#cri.image("ImageFsInfo", {}, signal);
    const mountpoint = imageFilesystems[0]?.fsId?.mountpoint;
    return mountpoint !== undefined && existsSync(mountpoint) ? mountpoint : undefined;
  }

  /** A CRI runtime removes images that are in use, too. */
  async remove(reference: string, signal: AbortSignal): Promise<void> {
    const image = await this.find(reference, signal);
    if (!image) return;
    const { containers } = await this.#cri.runtime("ListContainers", {}, signal);
    const user = containers.find(({ imageRef }) => imageRef === image.id || image.repoDigests.includes(imageRef));
    if (user) throw new RuntimeError("InUse", `image "${reference}" is used by container ${user.id}`);
    await ignoringAbsent(this.#cri.image("RemoveImage", { image: { image: image.id } }, signal));
  }

  make(image: LocalImage, signal: AbortSignal): Promise<void> {
    return this.#importer.make(image, signal);
  }
}

const UNREACHABLE =
  /connection refused|no such host|i\/o timeout|TLS handshake|Client\.Timeout|network is unreachable/i;

function explainPull(reference: string, error: CriError): RuntimeError {
  const message = `failed to pull image "${reference}": ${error.message}`;
  if (/invalid reference format/.test(error.details)) return new RuntimeError("InvalidImageName", message);
  return new RuntimeError(UNREACHABLE.test(error.details) ? "RegistryUnavailable" : "ErrImagePull", message);
}

function readImage(image: Received<"Image">): RuntimeImage {
  const user = image.uid ? String(image.uid.value) : image.username;
  return {
    id: image.id,
    names: [...image.repoTags, ...image.repoDigests],
    sizeBytes: image.size,
    ...(user ? { user } : {}),
  };
}
