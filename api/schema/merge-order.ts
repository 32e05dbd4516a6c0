// The order of a merged list: what the patch mentions stands in the patch's order, what only the server has keeps its place
// relative to its neighbours, as far as both can hold.

/** What tells an item of a list from the others. */
export type Identity = (item: unknown) => string;

interface OrderOptions {
  /** Items in the order the patch wants, or their merge keys alone. */
  readonly patchOrder: readonly unknown[];
  /** The list before the patch. */
  readonly serverOrder: readonly unknown[];
  readonly identify: Identity;
}

/** Sorts the items as Kubernetes' strategic merge patch does: two sorted sequences, merged by the server's order. */
export function mergeOrder(items: readonly unknown[], { patchOrder, serverOrder, identify }: OrderOptions): unknown[] {
  const patchRank = rankOf(patchOrder, identify);
  const serverRank = rankOf(serverOrder, identify);
  const rank = (ranks: ReadonlyMap<string, number>, item: unknown) => ranks.get(identify(item)) ?? Infinity;
  const isPatched = (item: unknown) => patchRank.has(identify(item));
  const patched = items.filter(isPatched).sort((a, b) => rank(patchRank, a) - rank(patchRank, b));
  const serverOnly = items.filter((item) => !isPatched(item)).sort((a, b) => rank(serverRank, a) - rank(serverRank, b));
  const result: unknown[] = [];
  let next = 0;
  for (const item of patched) {
    while (next < serverOnly.length && rank(serverRank, serverOnly[next]) < knownRank(serverRank, identify(item))) {
      result.push(serverOnly[next]);
      next += 1;
    }
    result.push(item);
  }
  return [...result, ...serverOnly.slice(next)];
}

/** An item that the server did not have stands before what only the server has. */
const knownRank = (ranks: ReadonlyMap<string, number>, identity: string): number => ranks.get(identity) ?? -Infinity;

function rankOf(items: readonly unknown[], identify: Identity): ReadonlyMap<string, number> {
  const ranks = new Map<string, number>();
  for (const [index, item] of items.entries()) {
    const identity = identify(item);
    if (!ranks.has(identity)) ranks.set(identity, index);
  }
  return ranks;
}
