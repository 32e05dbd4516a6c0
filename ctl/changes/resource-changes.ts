// What `kctl set resources` changes: the requests and limits of containers. Pure.

import type { Container } from "../../api/core/container.ts";
import { parseQuantity, QuantityError } from "../../api/meta/quantity.ts";
import { CommandError } from "../command-error.ts";

type Amounts = Readonly<Record<string, string>>;

/** Reads `cpu=200m,memory=512Mi`. Throws CommandError for what is no amount. */
export function parseAmounts(text: string | undefined): Amounts {
  if (!text) return {};
  const entries = text.split(",").map((part) => {
    const [, name, amount] = /^([^=]+)=(.+)$/.exec(part.trim()) ?? [];
    if (!name || !amount) {
      throw new CommandError(`invalid argument syntax ${JSON.stringify(part)}, expected <resource>=<value>`);
    }
    return [name, checkAmount(amount)] as const;
  });
  return Object.fromEntries(entries);
}

function checkAmount(amount: string): string {
  try {
    parseQuantity(amount);
    return amount;
  } catch (error) {
    if (!(error instanceof QuantityError)) throw error;
    throw new CommandError(`invalid amount ${JSON.stringify(amount)}: ${error.message}`);
  }
}

export interface ResourceChanges {
  readonly limits: Amounts;
  readonly requests: Amounts;
}

/** Amounts that are not named stay as they are; an amount of zero removes nothing, as with kubectl. */
export function applyAmounts(container: Container, { limits, requests }: ResourceChanges): Container {
  const { resources: old = {} } = container;
  const merge = (before: Amounts | undefined, added: Amounts) =>
    Object.keys(added).length > 0 ? { ...before, ...added } : before;
  const merged = { limits: merge(old.limits, limits), requests: merge(old.requests, requests) };
  const given = Object.entries(merged).filter(([, amounts]) => amounts !== undefined);
  return { ...container, resources: { ...old, ...Object.fromEntries(given) } };
}
