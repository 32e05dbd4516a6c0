// The checks that most kinds' validation is made of. Each returns the errors it finds, an empty list where there are none,
// so that a kind's rules read as one list.

import type { Format } from "./names.ts";
import { semanticEqual } from "./semantic-equal.ts";
import { ERRORS_MAX, forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

type MakeError = () => FieldError;

/** The errors where the condition holds. Rules that look at thousands of places give functions, called only then. */
export function when(condition: unknown, ...errors: readonly (FieldError | MakeError)[]): Errors {
  return condition ? errors.map((error) => (typeof error === "function" ? error() : error)) : NO_ERRORS;
}

const NO_ERRORS: Errors = [];

/** The errors of each item of a list, checked under its own path. */
export function eachItem<T>(
  items: readonly T[] | undefined,
  path: string,
  check: (item: T, path: string, index: number) => Errors,
): Errors {
  let errors = NO_ERRORS;
  for (const [index, item] of (items ?? []).entries()) {
    if (errors.length > ERRORS_MAX) break;
    const found = check(item, `${path}[${index}]`, index);
    if (found.length > 0) errors = [...errors, ...found];
  }
  return errors;
}

export function checkFormat(path: string, value: string | undefined, format: Format): Errors {
  return value ? format(value).map((problem) => invalidField(path, value, problem)) : [];
}

/** As checkFormat, but the value must be there. */
export function checkRequiredFormat(path: string, value: string | undefined, format: Format): Errors {
  return value ? checkFormat(path, value, format) : [requiredField(path)];
}

export function checkRequired(path: string, value: unknown, detail?: string): Errors {
  return value === undefined || value === "" ? [requiredField(path, detail)] : [];
}

export function checkNonNegative(path: string, value: number | undefined): Errors {
  return when(value !== undefined && value < 0, invalidField(path, value, "must be greater than or equal to 0"));
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export function checkRange(path: string, value: number | undefined, { min, max }: Range): Errors {
  const isOutside = value !== undefined && (value < min || value > max);
  return when(isOutside, invalidField(path, value, `must be between ${min} and ${max}, inclusive`));
}

export const checkPortNumber = (path: string, value: number | undefined): Errors =>
  checkRange(path, value, { min: 1, max: 65535 });

export function checkUnchanged(path: string, value: unknown, old: unknown): Errors {
  return when(!semanticEqual(value, old), invalidField(path, value, "field is immutable"));
}

/** Some things come in several sorts, of which exactly one is chosen: the names of those present after the first. */
export function checkOneSort(path: string, present: readonly string[], what: string): Errors {
  return present.slice(1).map((name) => forbiddenField(`${path}.${name}`, `may not specify more than 1 ${what}`));
}
