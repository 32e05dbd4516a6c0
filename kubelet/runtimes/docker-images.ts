// Docker's images. Whether a pull is allowed, and when to try again, is the kubelet's affair.

import { existsSync } from "node:fs";
import type { Readable } from "node:stream";
import { ignoring, isStatus, type DockerEngine, type EngineRequest, type ImageDetails } from "./docker-engine.ts";
import { digestImage, packImage } from "./image-archive.ts";
import type { ImageStore, LocalImage, PullOptions, RegistryCredentials, RuntimeImage } from "./image-store.ts";
import { readJsonLines } from "./json-lines.ts";
import { RuntimeError } from "./runtime-error.ts";

const DIGEST_LABEL = "gantry.digest";

export class DockerImages implements ImageStore {
  readonly #engine: DockerEngine;

  constructor(engine: DockerEngine) {
    this.#engine = engine;
  }

  async get(reference: string, signal: AbortSignal): Promise<RuntimeImage | undefined> {
    const details = await this.#inspect(reference, signal);
    return details && readImage(details);
  }

  async pull(reference: string, { signal, credentials }: PullOptions): Promise<RuntimeImage> {
    const query = { fromImage: completeReference(reference) };
    const headers: Record<string, string> = credentials ? { "X-Registry-Auth": renderCredentials(credentials) } : {};
    try {
      await this.#follow({ method: "POST", path: "/images/create", query, headers, signal });
    } catch (error) {
      throw signal.aborted ? error : explainPull(reference, error);
    }
    const image = await this.get(reference, signal);
    if (!image) throw new RuntimeError("ErrImagePull", `image "${reference}" is not there after it was pulled`);
    return image;
  }

  async list(signal: AbortSignal): Promise<RuntimeImage[]> {
    const images = await this.#engine.call({ method: "GET", path: "/images/json", signal });
    return (images as ImageDetails[]).map(readImage);
  }

  /** A Docker Engine may run on another machine, or in a virtual one. */
  async directory(signal: AbortSignal): Promise<string | undefined> {
    const info = await this.#engine.call({ method: "GET", path: "/info", signal });
    const { DockerRootDir } = info as { readonly DockerRootDir?: string };
    return DockerRootDir !== undefined && existsSync(DockerRootDir) ? DockerRootDir : undefined;
  }

  async remove(reference: string, signal: AbortSignal): Promise<void> {
    try {
      await ignoring([404], this.#engine.call({ method: "DELETE", path: imagePath(reference), signal }));
    } catch (error) {
      throw isStatus(error, 409) ? new RuntimeError("InUse", error.message) : error;
    }
  }

  async make(image: LocalImage, signal: AbortSignal): Promise<void> {
    const base = image.base === undefined ? undefined : await this.#inspect(image.base, signal);
    const digest = `${await digestImage(image)}${base?.Id ?? ""}`;
    const existing = await this.#inspect(image.name, signal);
    if (existing?.Config?.Labels?.[DIGEST_LABEL] === digest) return;
    const query = { t: image.name, labels: { [DIGEST_LABEL]: digest }, rm: 1, forcerm: 1, q: 1 };
    const headers = { "Content-Type": "application/x-tar" };
    const upload = packImage(image);
    await this.#follow({ method: "POST", path: "/build", query, headers, upload, signal });
  }

  async #inspect(reference: string, signal: AbortSignal): Promise<ImageDetails | undefined> {
    const path = `${imagePath(reference)}/json`;
    try {
      const details = await ignoring([404], this.#engine.call({ method: "GET", path, signal }));
      return details as ImageDetails | undefined;
    } catch (error) {
      throw isStatus(error, 400) ? new RuntimeError("InvalidImageName", error.message) : error;
    }
  }

  /** Reads the messages of a long operation to their end. Docker reports what goes wrong in the last one. */
  async #follow(request: EngineRequest): Promise<void> {
    const body: Readable = await this.#engine.stream({ ...request, isLong: true });
    for await (const message of readJsonLines(body, request.signal)) {
      const { error } = message as { error?: string };
      if (error !== undefined) throw new Error(error);
    }
  }
}

function imagePath(reference: string): string {
  return `/images/${reference.split("/").map(encodeURIComponent).join("/")}`;
}

/** Without a tag Docker would pull all tags. */
export function completeReference(reference: string): string {
  const name = reference.slice(reference.lastIndexOf("/") + 1);
  return name.includes(":") || name.includes("@") ? reference : `${reference}:latest`;
}

function renderCredentials({ username, password, server }: RegistryCredentials): string {
  const text = JSON.stringify({ username, password, serveraddress: server });
  // Docker reads base64 for URLs with its padding, and takes anything else for no credentials at all.
  return Buffer.from(text).toString("base64").replaceAll("+", "-").replaceAll("/", "_");
}

const UNREACHABLE =
  /connection refused|no such host|i\/o timeout|TLS handshake|Client\.Timeout|network is unreachable/i;

function explainPull(reference: string, error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof RuntimeError) return error;
  const message = `failed to pull image "${reference}": ${error.message}`;
  if (isStatus(error, 400)) return new RuntimeError("InvalidImageName", message);
  return new RuntimeError(UNREACHABLE.test(error.message) ? "RegistryUnavailable" : "ErrImagePull", message);
}

function readImage(details: ImageDetails): RuntimeImage {
  const user = details.Config?.User;
  return {
    id: details.Id,
    names: [...(details.RepoTags ?? []), ...(details.RepoDigests ?? [])],
    sizeBytes: details.Size,
    ...(user ? { user } : {}),
  };
}
