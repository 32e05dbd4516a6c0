// A field that breaks a rule, in the terms of Kubernetes' field.Error, so that clients see the messages they know.

import { renderJson } from "../../lib/json.ts";

/** The `reason` of a StatusCause. */
export type FieldErrorReason =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid";

/**
 * Who has made more mistakes in one object learns of these first: an answer should not be larger than the question. What
 * looks at many places may stop beyond it.
 */
export const ERRORS_MAX = 1000;

export interface FieldError {
  readonly reason: FieldErrorReason;
  /** Such as `spec.containers[0].image`. */
  readonly path: string;
  /** The message without the path, such as `Invalid value: "x": must be no more than 63 characters`. */
  readonly message: string;
}

export const requiredField = (path: string, detail = ""): FieldError => ({
  reason: "FieldValueRequired",
  path,
  message: detail ? `Required value: ${detail}` : "Required value",
});

export const invalidField = (path: string, value: unknown, detail: string): FieldError => ({
  reason: "FieldValueInvalid",
  path,
  message: `Invalid value: ${renderValue(value)}: ${detail}`,
});

/** For what is wrong with several fields together, where to quote them all would help nobody. */
export const invalidWhole = (path: string, detail: string): FieldError => ({
  reason: "FieldValueInvalid",
  path,
  message: `Invalid value: ${detail}`,
});

export const unsupportedField = (path: string, value: unknown, supported: readonly string[]): FieldError => ({
  reason: "FieldValueNotSupported",
  path,
  message: `Unsupported value: ${renderValue(value)}: supported values: ${supported.map((v) => JSON.stringify(v)).join(", ")}`,
});

export const duplicateField = (path: string, value: unknown): FieldError => ({
  reason: "FieldValueDuplicate",
  path,
  message: `Duplicate value: ${renderValue(value)}`,
});

export const forbiddenField = (path: string, detail: string): FieldError => ({
  reason: "FieldValueForbidden",
  path,
  message: `Forbidden: ${detail}`,
});

export const notFoundField = (path: string, value: unknown): FieldError => ({
  reason: "FieldValueNotFound",
  path,
  message: `Not found: ${renderValue(value)}`,
});

export const tooLongField = (path: string, bytesMax: number): FieldError => ({
  reason: "FieldValueTooLong",
  path,
  message: `Too long: may not be more than ${bytesMax} bytes`,
});

export const tooManyField = (path: string, count: number, countMax: number): FieldError => ({
  reason: "FieldValueTooMany",
  path,
  message: `Too many: ${count}: must have at most ${countMax} items`,
});

/** Kubernetes quotes the `null` of a missing value; that of an empty map or list it shows as it is. */
function renderValue(value: unknown): string {
  return value === undefined ? '"null"' : renderJson(value);
}

const PLACED_MAX = 200;

/** All errors in one list: each of `others` stands behind the error whose path has most in common with its own. */
export function withErrorsBeside(errors: readonly FieldError[], others: readonly FieldError[]): readonly FieldError[] {
  if (others.length === 0) return errors;
  // Nobody reads so many in order, and finding each its place takes long.
  if (errors.length + others.length > PLACED_MAX) return [...errors, ...others];
  const all = errors.map((error) => ({ error, parts: partsOf(error.path) }));
  for (const error of others.filter((other) => !errors.some((error) => covers(error, other)))) {
    const parts = partsOf(error.path);
    const shared = all.map((each) => countShared(each.parts, parts));
    const most = Math.max(0, ...shared);
    const place = most === 0 ? all.length : shared.lastIndexOf(most) + 1;
    all.splice(place, 0, { error, parts });
  }
  return all.map(({ error }) => error);
}

/** That a field is missing, or is none of the values that there are, is said once, in the first one's words. */
const covers = (error: FieldError, other: FieldError): boolean =>
  error.path === other.path && (ABOUT_CHOICE.has(error.reason) || other.reason === "FieldValueRequired");

const ABOUT_CHOICE: ReadonlySet<FieldErrorReason> = new Set(["FieldValueRequired", "FieldValueNotSupported"]);

const partsOf = (path: string): readonly string[] => path.split(/[.[\]]+/);

function countShared(a: readonly string[], b: readonly string[]): number {
  const end = a.findIndex((part, index) => part !== b[index]);
  return end < 0 ? a.length : end;
}
