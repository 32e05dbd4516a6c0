// The outcome of a failed request, as Kubernetes reports it: one table from reason to HTTP code, one error class that
// every expected failure uses on both sides of the API.

import { ERRORS_MAX, type FieldError } from "../schema/field-error.ts";

const codes = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  Timeout: 504,
  AlreadyExists: 409,
  Conflict: 409,
  Gone: 410,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServerTimeout: 500,
  /** Sent without a reason: Kubernetes has none for it. */
  Unknown: 500,
  ServiceUnavailable: 503,
} as const;

export type StatusReason = keyof typeof codes;

/** meta/v1 Status, the body of every failed request. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly status: "Success" | "Failure";
  readonly message?: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code?: number;
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

export class StatusError extends Error {
  readonly code: number;
  readonly details: StatusDetails | undefined;
  /** A list's metadata, where the failure leaves a way to go on. */
  readonly metadata: Readonly<Record<string, unknown>>;

  /** `code` is given only where an answer's code differs from its reason's usual one. */
  constructor(
    readonly reason: StatusReason,
    message: string,
    extra: {
      readonly details?: StatusDetails;
      readonly code?: number;
      readonly metadata?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.name = "StatusError";
    this.details = extra.details;
    this.metadata = extra.metadata ?? {};
    this.code = extra.code ?? codes[reason];
  }

  toStatus(): Status {
    const { message, details, code, metadata } = this;
    const reason = this.reason === "Unknown" ? undefined : this.reason;
    return { kind: "Status", apiVersion: "v1", metadata, status: "Failure", message, reason, details, code };
  }
}

/** The error that a Status body stands for, on the client's side. */
export function statusErrorOf(status: Status): StatusError {
  const reason =
    status.reason && status.reason in codes ? (status.reason as StatusReason) : reasonOf(status.code ?? 500);
  return new StatusError(reason, status.message ?? "the server gave no message", {
    details: status.details,
    code: status.code,
    metadata: status.metadata,
  });
}

/** The reason for an HTTP code, for answers that carry no Status (a proxy's, say). */
export function reasonOf(code: number): StatusReason {
  const known = Object.entries(codes).find(([, value]) => value === code);
  return known ? (known[0] as StatusReason) : code >= 500 ? "InternalError" : "BadRequest";
}

export const hasReason = (error: unknown, reason: StatusReason): error is StatusError =>
  error instanceof StatusError && error.reason === reason;

export const isNotFound = (error: unknown): error is StatusError => hasReason(error, "NotFound");
export const isConflict = (error: unknown): error is StatusError => hasReason(error, "Conflict");
export const isAlreadyExists = (error: unknown): error is StatusError => hasReason(error, "AlreadyExists");
/** For `.catch()`: undefined where the object is gone, or was never there, and throws everything else on. */
export function ignoreNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

/** The resource version asked for is no longer kept: list again. */
export const isExpired = (error: unknown): error is StatusError =>
  hasReason(error, "Expired") || hasReason(error, "Gone");

interface Named {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

const qualified = (resource: Named) => (resource.group ? `${resource.plural}.${resource.group}` : resource.plural);
const detailsOf = (resource: Named, name: string): StatusDetails => ({
  name,
  ...(resource.group && { group: resource.group }),
  kind: resource.plural,
});

export const notFound = (resource: Named, name: string) =>
  new StatusError("NotFound", `${qualified(resource)} "${name}" not found`, { details: detailsOf(resource, name) });

export const alreadyExists = (resource: Named, name: string) =>
  new StatusError("AlreadyExists", `${qualified(resource)} "${name}" already exists`, {
    details: detailsOf(resource, name),
  });

export const conflict = (resource: Named, name: string, detail: string) =>
  new StatusError("Conflict", `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${detail}`, {
    details: detailsOf(resource, name),
  });

export const forbidden = (resource: Named, name: string, detail: string) =>
  new StatusError("Forbidden", `${qualified(resource)} "${name}" is forbidden: ${detail}`, {
    details: detailsOf(resource, name),
  });

/** 422 with one cause per field error; several are shown as a list, as Kubernetes' aggregate errors are. */
export function invalid(resource: Named, name: string, errors: readonly FieldError[]): StatusError {
  const shown = errors.slice(0, ERRORS_MAX);
  const texts = [...new Set(shown.map((error) => `${error.path}: ${error.message}`))];
  if (errors.length > shown.length) texts.push(`there are more errors than these ${ERRORS_MAX}`);
  const detail = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const kind = resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
  return new StatusError("Invalid", `${kind} "${name}" is invalid: ${detail}`, {
    details: {
      name,
      ...(resource.group && { group: resource.group }),
      kind: resource.kind,
      causes: shown.map(({ reason, message, path }) => ({ reason, message, field: path })),
    },
  });
}
