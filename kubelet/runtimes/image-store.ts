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
  /** Removes an unused image; an absent one is success. */
  remove(reference: string, signal: AbortSignal): Promise<void>;
}

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
