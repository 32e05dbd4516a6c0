// A step of a pod that failed for a reason which the pod's status or an event is to name.

import { RuntimeError } from "./runtimes/runtime-error.ts";

export class StepError extends Error {
  /** CamelCase, as in a container's waiting state. */
  readonly reason: string;

  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StepError";
    this.reason = reason;
  }
}

/** What the container cannot be made from, such as a missing ConfigMap. */
export const configError = (message: string) => new StepError("CreateContainerConfigError", message);

/** The reason to show for any error that ended a step. */
export function reasonOf(error: unknown): string {
  return error instanceof StepError || error instanceof RuntimeError ? error.reason : "CreateContainerError";
}
