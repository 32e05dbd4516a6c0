// The rule for maps from resources to amounts, in kinds of ours that share out nodes.

import { validateAmount } from "../core/validate-resources.ts";
import { checkContainerResourceName } from "../core/resource-names.ts";
import type { FieldError } from "../schema/field-error.ts";

/** What containers can ask for, and `pods`, which counts them. */
export function validateAmounts(amounts: Readonly<Record<string, string>> | undefined, path: string): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => [
    ...(name === "pods" ? [] : checkContainerResourceName(`${path}[${name}]`, name)),
    ...validateAmount(name, amount, `${path}[${name}]`),
  ]);
}
