// The quotas and priority classes that `kctl create` makes from flags. Pure; throws CommandError for flags that make no sense.

import { canonicalQuantity } from "../../api/meta/quantity.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

const metadata = (name: string) => ({ creationTimestamp: null as unknown as string, name });

export interface QuotaChoice {
  /** `pods=10`. */
  readonly hard: readonly string[];
  readonly scopes: readonly string[];
}

export function buildQuota(name: string, { hard, scopes }: QuotaChoice): AnyObject {
  const spec = {
    ...(hard.length > 0 && { hard: Object.fromEntries(hard.map(readAmount)) }),
    ...(scopes.length > 0 && { scopes }),
  };
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: metadata(name), spec, status: {} };
}

function readAmount(text: string): [string, string] {
  const [resource = "", amount = "", ...more] = text.split("=");
  if (!resource || !amount || more.length > 0) {
    throw new CommandError(`Invalid argument syntax ${text}, expected <resource>=<quantity>`);
  }
  try {
    return [resource, canonicalQuantity(amount)];
  } catch (error) {
    throw new CommandError(`--hard=${text}: ${errorMessage(error)}`);
  }
}

export interface PriorityClassChoice {
  readonly value: number;
  readonly globalDefault: boolean;
  readonly description: string | undefined;
  readonly preemptionPolicy: string;
}

export function buildPriorityClass(name: string, choice: PriorityClassChoice): AnyObject {
  const { value, globalDefault, description, preemptionPolicy } = choice;
  const object = {
    apiVersion: "scheduling.k8s.io/v1",
    ...(description && { description }),
    ...(globalDefault && { globalDefault }),
    kind: "PriorityClass",
    metadata: metadata(name),
    preemptionPolicy,
    value,
  };
  return object;
}
