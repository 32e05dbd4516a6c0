// The images that a runtime can start containers from. Which pull policy applies, and when to try again, is the kubelet's affair.

export interface ImageStore {
  /** The image under this reference on this node; undefined when it would have to be pulled. Never asks a registry. */
  get(reference: string, signal: AbortSignal): Promise<RuntimeImage | undefined>;
  /**
   * Brings the image to this node. Throws a RuntimeError (InvalidImageName, ErrImagePull, RegistryUnavailable) whose message
   * names the cause, as the registry gave it.
   */
  pull(reference: string, options: PullOptions): Promise<RuntimeImage>;
  list(signal: AbortSignal): Promise<RuntimeImage[]>;
  /** The directory on this machine that images are kept in; undefined where they are elsewhere or take no room. */
  directory(signal: AbortSignal): Promise<string | undefined>;
  /** Removes an image; an absent one is success. Throws a RuntimeError `InUse` where a container has been made from it. */
  remove(reference: string, signal: AbortSignal): Promise<void>;
  /** Makes an image from files of this machine, with no registry. Does nothing where it is there and up to date. */
  make(image: LocalImage, signal: AbortSignal): Promise<void>;
}

/** An image to be made from files of this machine. */
export interface LocalImage {
  readonly name: string;
  /** The image that this one adds to; empty unless given. */
  readonly base?: string;
  readonly files: readonly LocalFile[];
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDir?: string;
}

/** `path` is absolute, and where the file is in the image. */
export type LocalFile =
  | { readonly path: string; readonly source: string }
  | { readonly path: string; readonly content: Uint8Array; readonly executable?: boolean }
  | { readonly path: string; readonly linkTo: string };

export interface PullOptions {
  readonly signal: AbortSignal;
  readonly credentials?: RegistryCredentials;
}

export interface RegistryCredentials {
  readonly username: string;
  readonly password: string;
  /** The registry's address, as in the image's reference. */
  readonly server?: string;
}

export interface RuntimeImage {
  /** For a container status' imageID. */
  readonly id: string;
  /** Tags and digests under which it is known. */
  readonly names: readonly string[];
  readonly sizeBytes: number;
  /** As the image names it: a number, a name, or `user:group`; absent means root. Needed for runAsNonRoot. */
  readonly user?: string;
}
