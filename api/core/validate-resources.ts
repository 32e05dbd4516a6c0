// Rules for what containers and pods ask for and are limited to, from Kubernetes' resource validation.

import type { ResourceRequirements } from "./container.ts";
import { checkContainerResourceName, isOvercommitAllowed, isWholeResource } from "./resource-names.ts";
import { eachItem, when } from "../meta/field-checks.ts";
import { compareQuantities, parseQuantity, type Quantity } from "../meta/quantity.ts";
import { invalidField, notFoundField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Quantities = Readonly<Record<string, string>>;

const NANOS_PER_UNIT = 1_000_000_000n;

/** Undefined for text that is no quantity, about which the schema's own check complains. */
export function readQuantity(text: string): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch {
    return undefined;
  }
}

export function validateResources(
  resources: ResourceRequirements | undefined,
  path: string,
  claimNames: ReadonlySet<string>,
): Errors {
  const { limits = {}, requests = {}, claims } = resources ?? {};
  return [
    ...validateAmounts(limits, `${path}.limits`),
    ...validateAmounts(requests, `${path}.requests`),
    ...Object.entries(requests).flatMap(([name, request]) => validateWithinLimit({ name, request, limits }, path)),
    ...eachItem(claims, `${path}.claims`, ({ name }, at) => when(!claimNames.has(name), notFoundField(at, name))),
  ];
}

function validateAmounts(amounts: Quantities, path: string): Errors {
  return Object.entries(amounts).flatMap(([name, amount]) => [
    ...checkContainerResourceName(`${path}[${name}]`, name),
    ...validateAmount(name, amount, `${path}[${name}]`),
  ]);
}

/** No less than none, and no parts of what comes in whole pieces. */
export function validateAmount(name: string, amount: string, path: string): Errors {
  const quantity = readQuantity(amount);
  if (!quantity) return [];
  const isFraction = isWholeResource(name) && quantity.nanos % NANOS_PER_UNIT !== 0n;
  return [
    ...when(quantity.nanos < 0n, invalidField(path, amount, "must be greater than or equal to 0")),
    ...when(isFraction, invalidField(path, amount, "must be an integer")),
  ];
}

interface Request {
  readonly name: string;
  readonly request: string;
  readonly limits: Quantities;
}

function validateWithinLimit({ name, request, limits }: Request, path: string): Errors {
  const limit = limits[name];
  if (limit === undefined) {
    const problem = "Limit must be set for non overcommitable resources";
    return when(!isOvercommitAllowed(name), requiredField(`${path}.limits[${name}]`, problem));
  }
  const [asked, allowed] = [readQuantity(request), readQuantity(limit)];
  const order = asked && allowed ? compareQuantities(asked, allowed) : 0;
  if (order !== 0 && !isOvercommitAllowed(name)) {
    return [invalidField(`${path}.requests`, request, `must be equal to ${name} limit of ${limit}`)];
  }
  const problem = `must be less than or equal to ${name} limit of ${limit}`;
  return when(order > 0, invalidField(`${path}.requests`, request, problem));
}
