// The disruption budget that `kctl create poddisruptionbudget` makes from flags. Pure; throws CommandError for flags that make
// no sense.

import { parseSelector, type Requirement } from "../../api/meta/selector.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

export interface DisruptionBudgetChoice {
  readonly selector: string | undefined;
  /** A number or a percentage. */
  readonly minAvailable: string | undefined;
  readonly maxUnavailable: string | undefined;
}

export function buildDisruptionBudget(name: string, choice: DisruptionBudgetChoice): AnyObject {
  const { selector, minAvailable, maxUnavailable } = choice;
  if (!selector) throw new CommandError("a selector must be specified");
  if (!minAvailable && !maxUnavailable) {
    throw new CommandError("one of min-available or max-unavailable must be specified");
  }
  if (minAvailable && maxUnavailable) {
    throw new CommandError("min-available and max-unavailable cannot be both specified");
  }
  return {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { creationTimestamp: null as unknown as string, name },
    spec: {
      ...(maxUnavailable && { maxUnavailable: numberOrText(maxUnavailable) }),
      ...(minAvailable && { minAvailable: numberOrText(minAvailable) }),
      selector: readSelector(selector),
    },
    status: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  };
}

const numberOrText = (text: string): number | string => (/^[-+]?[0-9]+$/.test(text) ? Number(text) : text);

function readSelector(text: string): object {
  const rules = requirementsOf(text);
  const odd = rules.find(({ operator }) => operator === "Gt" || operator === "Lt");
  if (odd) throw new CommandError(`--selector: "${odd.operator}" isn't supported in label selectors`);
  const isPlain = ({ operator, values }: Requirement) => operator === "In" && values.length === 1;
  const plain = rules.filter(isPlain).map(({ key, values }) => [key, values[0] ?? ""] as const);
  const others = rules
    .filter((rule) => !isPlain(rule))
    .map(({ key, operator, values }) => ({
      key,
      operator,
      ...(values.length > 0 && { values }),
    }));
  return {
    ...(others.length > 0 && { matchExpressions: others }),
    ...(plain.length > 0 && { matchLabels: Object.fromEntries(plain) }),
  };
}

function requirementsOf(text: string) {
  try {
    return parseSelector(text);
  } catch (error) {
    throw new CommandError(`--selector: ${errorMessage(error)}`);
  }
}
