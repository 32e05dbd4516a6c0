// Amounts that are given as a number or as a percentage, with Kubernetes' rules for them.

import { checkNonNegative, when } from "./field-checks.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type IntOrPercent = number | string;

const PERCENT = /^[0-9]+%$/;

export function checkIntOrPercent(path: string, amount: IntOrPercent | undefined): Errors {
  if (amount === undefined) return [];
  if (typeof amount === "number") return checkNonNegative(path, amount);
  const problem =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
  return when(!PERCENT.test(amount), invalidField(path, amount, problem));
}

export function checkAtMostWhole(path: string, amount: IntOrPercent | undefined): Errors {
  const isTooMuch = isPercent(amount) && Number.parseInt(amount, 10) > 100;
  return when(isTooMuch, invalidField(path, amount, "must not be greater than 100%"));
}

/** Whether it stands for nothing at all; so does text that is neither a number nor a percentage. */
export function isNothing(amount: IntOrPercent | undefined): boolean {
  if (isPercent(amount)) return Number.parseInt(amount, 10) === 0;
  return typeof amount === "number" ? amount === 0 : !/^[-+]?[0-9]*[1-9][0-9]*$/.test(amount ?? "");
}

const isPercent = (amount: IntOrPercent | undefined): amount is string =>
  typeof amount === "string" && PERCENT.test(amount);

/** What the amount means where 100% is `total`; `round` makes a percentage whole. Undefined for text that is no percentage. */
export function amountOf(amount: IntOrPercent, total: number, round: (value: number) => number): number | undefined {
  if (typeof amount === "number") return amount;
  return isPercent(amount) ? round((Number.parseInt(amount, 10) * total) / 100) : undefined;
}
