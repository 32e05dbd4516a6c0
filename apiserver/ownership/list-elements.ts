// The items of a list by the path elements that name them.

import { ElementError, type ListKind } from "./field-kind.ts";

const NOTHING: ReadonlyMap<string, readonly unknown[]> = new Map();

/**
 * The items, in order; several of one name where an older version of the rules has let them in. Items that no name can be
 * given to are passed over: nobody owns them.
 */
export function elementsOf(kind: ListKind, list: unknown): ReadonlyMap<string, readonly unknown[]> {
  if (!Array.isArray(list) || list.length === 0) return NOTHING;
  const byElement = new Map<string, unknown[]>();
  for (const item of list as readonly unknown[]) {
    const element = nameOf(kind, item);
    if (element === undefined) continue;
    const same = byElement.get(element);
    if (same) same.push(item);
    else byElement.set(element, [item]);
  }
  return byElement;
}

function nameOf(kind: ListKind, item: unknown): string | undefined {
  try {
    return kind.elementOf(item);
  } catch (error) {
    if (error instanceof ElementError) return undefined;
    throw error;
  }
}
