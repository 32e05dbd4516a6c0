// Every failure as the Status that the client is told. What is not expected is an internal error, and only that is logged.

import { hasReason, reasonOf, StatusError } from "../api/meta/status.ts";
import { errorMessage } from "../lib/error-message.ts";
import { HttpError } from "../lib/http.ts";
import { Compacted, Conflict, TooLarge, Unavailable } from "./storage/store.ts";
import { SlowWatcher } from "./storage/watch-cache.ts";

export interface Failure {
  readonly error: StatusError;
  /** Nobody has foreseen it: to be logged with its cause. */
  readonly isUnexpected: boolean;
}

/** Never throws, whatever `cause` is. What a store or a cache fails with passes by itself, and is expected. */
export function explainFailure(cause: unknown): Failure {
  const error = expectedError(cause);
  if (error) return { error, isUnexpected: false };
  const detail = errorMessage(cause);
  const internal = new StatusError("InternalError", `Internal error occurred: ${detail}`, {
    details: { causes: [{ message: detail }] },
  });
  return { error: internal, isUnexpected: true };
}

function expectedError(cause: unknown): StatusError | undefined {
  if (cause instanceof StatusError) return cause;
  if (cause instanceof HttpError) return new StatusError(reasonOf(cause.code), cause.message, { code: cause.code });
  if (cause instanceof Unavailable) {
    return new StatusError("ServiceUnavailable", `the store is unavailable: ${cause.message}`, {
      details: { retryAfterSeconds: 1 },
    });
  }
  if (cause instanceof TooLarge) return new StatusError("RequestEntityTooLarge", cause.message);
  if (cause instanceof Compacted || cause instanceof SlowWatcher) return new StatusError("Expired", cause.message);
  if (cause instanceof Conflict) return new StatusError("Conflict", `Operation cannot be fulfilled: ${cause.message}`);
  if (cause instanceof DOMException && cause.name === "AbortError") {
    return new StatusError("Timeout", "the request was given up before it was answered");
  }
  return undefined;
}

/** Failures that pass by themselves tell clients when to come back: those with details in the details, or not at all. */
export function retryAfterSeconds(error: StatusError): number | undefined {
  if (error.details) return error.details.retryAfterSeconds;
  return hasReason(error, "TooManyRequests") || hasReason(error, "ServiceUnavailable") ? 1 : undefined;
}
