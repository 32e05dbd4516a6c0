// An image as the Open Container Initiative describes one, for an image that is made on this machine. Pure.

import { createHash } from "node:crypto";
import type { LocalImage } from "../image-store.ts";

export interface Layer {
  readonly digest: string;
  readonly size: number;
}

/** The part of an image's configuration that is read or written here. */
export interface ImageConfig {
  readonly architecture?: string;
  readonly os?: string;
  readonly config?: {
    readonly Entrypoint?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Env?: readonly string[] | null;
    readonly WorkingDir?: string;
    readonly Labels?: Readonly<Record<string, string>> | null;
  };
  readonly rootfs?: { readonly type: "layers"; readonly diff_ids: readonly string[] };
}

/** The layers, with their sizes, which a configuration does not hold otherwise. */
const LAYERS_LABEL = "gantry.layers";
const MEDIA_TYPES = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

/** By the names of Node's process.arch. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64" };

/** Of an image that was made here; none of any other. */
export function layersOf(image: ImageConfig | undefined): readonly Layer[] {
  const text = image?.config?.Labels?.[LAYERS_LABEL];
  return text === undefined ? [] : (JSON.parse(text) as readonly Layer[]);
}

/** The files of an archive in the OCI's layout, except for the layers. */
export function describeImage(
  image: LocalImage,
  parts: {
    readonly base: ImageConfig | undefined;
    readonly layer: Layer;
    readonly labels: Readonly<Record<string, string>>;
  },
): { readonly files: readonly (readonly [name: string, content: Buffer])[] } {
  const layers = [...layersOf(parts.base), parts.layer];
  const config = asBlob(buildConfig(image, { ...parts, layers }));
  const manifest = asBlob({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: { mediaType: MEDIA_TYPES.config, digest: config.digest, size: config.content.length },
    layers: layers.map(({ digest, size }) => ({ mediaType: MEDIA_TYPES.layer, digest, size })),
  });
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.index,
    manifests: [
      {
        mediaType: MEDIA_TYPES.manifest,
        digest: manifest.digest,
        size: manifest.content.length,
        annotations: { "io.containerd.image.name": image.name },
      },
    ],
  };
  return {
    files: [
      ["oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: "1.0.0" }))],
      ["index.json", Buffer.from(JSON.stringify(index))],
      [manifest.path, manifest.content],
      [config.path, config.content],
    ],
  };
}

/** What the image does not say is as in its base; a new entry point drops the base's arguments, as in a Dockerfile. */
function buildConfig(
  image: LocalImage,
  parts: {
    readonly base: ImageConfig | undefined;
    readonly layers: readonly Layer[];
    readonly labels: Readonly<Record<string, string>>;
  },
): ImageConfig {
  const base = parts.base?.config ?? {};
  const own = Object.entries(image.env ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    config: {
      ...base,
      ...(image.entrypoint && { Entrypoint: image.entrypoint, Cmd: null }),
      ...(image.command && { Cmd: image.command }),
      ...(image.workingDir && { WorkingDir: image.workingDir }),
      Env: [...(base.Env ?? []), ...own],
      Labels: { ...parts.labels, [LAYERS_LABEL]: JSON.stringify(parts.layers) },
    },
    rootfs: { type: "layers", diff_ids: parts.layers.map(({ digest }) => digest) },
  };
}

function asBlob(value: object): { readonly digest: string; readonly path: string; readonly content: Buffer } {
  const content = Buffer.from(JSON.stringify(value));
  const hex = createHash("sha256").update(content).digest("hex");
  return { digest: `sha256:${hex}`, path: `blobs/sha256/${hex}`, content };
}

/** A reference in full, as containerd keeps it: `busybox` is `docker.io/library/busybox:latest`. */
export function normalizeReference(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasRegistry ? reference : `docker.io/${rest.length > 0 ? "" : "library/"}${reference}`;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.includes(":") || name.includes("@") ? path : `${path}:latest`;
}
