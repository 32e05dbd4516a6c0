// What users see when something has failed: one message on standard error, worded as kubectl words it. Never a stack trace, except
// for a fault of kctl's own, which is named as one.

import { StatusError, type StatusCause } from "../api/meta/status.ts";
import type { HttpError } from "../lib/http.ts";
import { CommandError, isCommandError } from "./command-error.ts";

/** The message, ending in a newline. Pure. */
export function renderError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(renderOneOfSeveral).join("");
  if (isCommandError(error)) return `${error.plain ? "" : "error: "}${error.message}\n`;
  if (isHttpError(error)) return `Unable to connect to the server: ${error.message}\n`;
  if (isStatusError(error)) return renderStatus(error);
  if (error instanceof Error && "code" in error) return `error: ${error.message}\n`;
  return `error: kctl has met a fault of its own: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
}

/** As kubectl, which says "error:" only before a message that stands alone. */
const renderOneOfSeveral = (error: unknown): string =>
  error instanceof CommandError ? `${error.message}\n` : renderError(error);

/** The process's exit code after the error. */
export const exitCodeOf = (error: unknown): number => (isCommandError(error) ? error.exitCode : 1);

/** Told by their names, as CommandError is. */
export const isStatusError = (error: unknown): error is StatusError =>
  error instanceof Error && error.name === "StatusError";
const isHttpError = (error: unknown): error is HttpError => error instanceof Error && error.name === "HttpError";

function renderStatus({ reason, message, details }: StatusError): string {
  if (reason === "Unauthorized") return `error: You must be logged in to the server (${message})\n`;
  if (reason === "Invalid" && details) return renderInvalid(details.causes ?? [], subjectOf(details));
  return `Error from server (${reason}): ${message}\n`;
}

function subjectOf({ kind = "", name = "" }: NonNullable<StatusError["details"]>): string {
  return kind || name ? `The ${kind} ${JSON.stringify(name)} is invalid` : "The request is invalid";
}

function renderInvalid(causes: readonly StatusCause[], subject: string): string {
  const texts = [...new Set(causes.map(({ field, message }) => `${field ? `${field}: ` : ""}${message}`))];
  if (texts.length === 0) return `${subject}\n`;
  if (texts.length === 1) return `${subject}: ${texts[0]}\n`;
  return `${subject}: \n${texts.map((text) => `* ${text}\n`).join("")}`;
}

/**
 * The error with what was being done put before its message, as kubectl does with manifests: `error when creating "x.yaml": …`.
 */
export function withSource(error: unknown, verb: string, source: string): unknown {
  const describe = (message: string) => `error when ${verb} ${JSON.stringify(source)}: ${message}`;
  if (isStatusError(error)) {
    const { reason, details, code, metadata } = error;
    return new StatusError(reason, describe(error.message), { details, code, metadata });
  }
  if (isCommandError(error)) return new CommandError(describe(error.message), { exitCode: error.exitCode });
  return error;
}
