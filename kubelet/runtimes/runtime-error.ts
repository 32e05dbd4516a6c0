// What can be expected to go wrong in a runtime, in the reasons that the kubelet writes into container statuses.

export type RuntimeFailure =
  /** The container, sandbox or image that was named does not exist. */
  | "NotFound"
  | "InvalidImageName"
  | "ErrImagePull"
  | "RegistryUnavailable"
  /** The container could not be made, so that no attempt is recorded. */
  | "CreateContainerError"
  /** The container was made, but its program could not be started. */
  | "StartError"
  | "CreatePodSandboxError"
  /** An image that containers need. */
  | "InUse"
  /** The runtime itself does not answer, or not in time. Nothing is known about the containers. */
  | "Unavailable";

export class RuntimeError extends Error {
  readonly reason: RuntimeFailure;

  /**
   * Told by name: a runtime that is loaded only when it is chosen may come with its own copy of this class, as it does under
   * the TypeScript loader of the tests.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === "RuntimeError";
  }

  constructor(reason: RuntimeFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "RuntimeError";
    this.reason = reason;
  }
}

/** `error` is a RuntimeError with this reason. */
export function isRuntimeError(error: unknown, reason: RuntimeFailure): error is RuntimeError {
  return error instanceof RuntimeError && error.reason === reason;
}
