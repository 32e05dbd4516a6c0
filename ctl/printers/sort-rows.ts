// --sort-by: orders objects by the value at a path, as kubectl does: numbers by size, quantities by amount, texts with the numbers
// in them counted as such. Pure.

import { compareQuantities, parseQuantity, type Quantity } from "../../api/meta/quantity.ts";
import { CommandError } from "../command-error.ts";
import { findValues, parseRelaxedPath } from "../json-path/render-template.ts";

/** A sorted copy. Objects without the field come first. Throws CommandError for a path that is none. */
export function sortByPath<T>(items: readonly T[], path: string, objectOf: (item: T) => unknown): T[] {
  const steps = readPath(path);
  const keyed = items.map((item) => ({ item, key: findValues(steps, objectOf(item))[0] }));
  if (items.length > 0 && keyed.every(({ key }) => key === undefined)) {
    throw new CommandError(
      `couldn't find any field with path ${JSON.stringify(withBraces(path))} in the list of objects`,
    );
  }
  return keyed.sort((one, other) => compareValues(one.key, other.key)).map(({ item }) => item);
}

const withBraces = (path: string) => (path.startsWith("{") ? path : `{${path.startsWith(".") ? "" : "."}${path}}`);

function readPath(path: string) {
  try {
    return parseRelaxedPath(path);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

function compareValues(one: unknown, other: unknown): number {
  if (one === undefined || other === undefined) return (one === undefined ? 0 : 1) - (other === undefined ? 0 : 1);
  if (typeof one === "number" && typeof other === "number") return one - other;
  if (typeof one === "string" && typeof other === "string") {
    const [amount, otherAmount] = [amountOf(one), amountOf(other)];
    return amount && otherAmount ? compareQuantities(amount, otherAmount) : compareNaturally(one, other);
  }
  return compareNaturally(JSON.stringify(one), JSON.stringify(other));
}

function amountOf(text: string): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch {
    // Most texts are no quantities.
    return undefined;
  }
}

/** Runs of digits count as numbers, everything else by its code. */
function compareNaturally(one: string, other: string): number {
  const [parts, otherParts] = [splitDigits(one), splitDigits(other)];
  for (let index = 0; index < Math.min(parts.length, otherParts.length); index++) {
    const order = compareParts(parts[index] ?? "", otherParts[index] ?? "");
    if (order !== 0) return order;
  }
  return parts.length - otherParts.length;
}

const splitDigits = (text: string): readonly string[] => text.match(/\d+|\D/g) ?? [];

function compareParts(one: string, other: string): number {
  if (/^\d/.test(one) && /^\d/.test(other)) {
    const [digits, otherDigits] = [one.replace(/^0+/, ""), other.replace(/^0+/, "")];
    if (digits.length !== otherDigits.length) return digits.length - otherDigits.length;
    return digits < otherDigits ? -1 : digits > otherDigits ? 1 : one.length - other.length;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}
