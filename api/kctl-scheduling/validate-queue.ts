// Rules for queues, as far as one queue alone can break them. What needs its parent and its siblings to be known (cycles,
// guarantees above the parent's) the scheduler reports in the status, since these come and go.

import type { Queue } from "./queue.ts";
import { validateAmount } from "../core/validate-resources.ts";
import { checkFormat, checkNonNegative, checkRange, when } from "../meta/field-checks.ts";
import { labelValueProblems, qualifiedNameProblems } from "../meta/label-syntax.ts";
import { subdomainProblems } from "../meta/names.ts";
import { compareQuantities, parseQuantity } from "../meta/quantity.ts";
import { validateConditions } from "../meta/validate-conditions.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Amounts = Readonly<Record<string, string>> | undefined;

const PERCENT = { min: 0, max: 100 };

/** Names must fit into the label by which pods join. */
const queueNameProblems = (name: string) => [...subdomainProblems(name), ...labelValueProblems(name)];

export function validateQueue(queue: Queue, old?: Queue): FieldError[] {
  const { metadata, spec, status } = queue;
  const both = (one: string, other: string) => forbiddenField(`spec.${one}`, `may not be given together with ${other}`);
  const isOwnParent = spec.parent !== undefined && spec.parent === metadata.name;
  return [
    ...validateMetadata(queue, old, { name: queueNameProblems, scope: "Cluster" }),
    ...checkFormat("spec.parent", spec.parent, subdomainProblems),
    ...when(isOwnParent, invalidField("spec.parent", spec.parent, "a queue cannot be its own parent")),
    ...validateAmounts(spec.guarantee, "spec.guarantee"),
    ...validateAmounts(spec.max, "spec.max"),
    ...checkRange("spec.guaranteePercent", spec.guaranteePercent, PERCENT),
    ...checkRange("spec.maxPercent", spec.maxPercent, PERCENT),
    ...when(spec.guarantee && spec.guaranteePercent !== undefined, both("guaranteePercent", "guarantee")),
    ...when(spec.max && spec.maxPercent !== undefined, both("maxPercent", "max")),
    ...checkWithinMax(spec.guarantee, spec.max),
    ...when((spec.weight ?? 1) < 1, invalidField("spec.weight", spec.weight, "must be greater than 0")),
    ...validateConditions(status.conditions, "status.conditions"),
    ...(["pending", "admitted", "share"] as const).flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
  ];
}

const validateAmounts = (amounts: Amounts, path: string): Errors =>
  Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...checkFormat(`${path}[${name}]`, name, qualifiedNameProblems),
    ...validateAmount(name, amount, `${path}[${name}]`),
  ]);

function checkWithinMax(guarantee: Amounts, max: Amounts): Errors {
  return Object.entries(guarantee ?? {}).flatMap(([name, amount]) => {
    const limit = max?.[name];
    if (limit === undefined) return [];
    return when(
      isAbove(amount, limit),
      invalidField(`spec.guarantee[${name}]`, amount, `must not exceed max (${limit})`),
    );
  });
}

/** False for text that is no quantity, about which the schema's own check complains. */
function isAbove(amount: string, limit: string): boolean {
  try {
    return compareQuantities(parseQuantity(amount), parseQuantity(limit)) > 0;
  } catch {
    return false;
  }
}
