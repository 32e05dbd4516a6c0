// Who is next: weighted dominant-resource fairness over a tree of roles, with frameworks as its leaves. Pure.
//
// A share is the largest part of the cluster that somebody holds of any one resource, divided by the weight. On each level the
// one with the smallest share goes first. What a role holds is the plain sum of its parts: rescaling the parts, as some propose,
// would let a role gain by registering frameworks that take nothing.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";

export interface Sharer {
  readonly name: string;
  readonly role: string;
  /** What it holds in tasks and offers. */
  readonly holds: ResourceAmounts;
}

export interface FairSharesOptions {
  /** What there is to share. */
  readonly total: ResourceAmounts;
  /** The weights of roles; 1 unless given. */
  readonly weights: ReadonlyMap<string, number>;
  readonly sharers: readonly Sharer[];
}

interface Sum {
  readonly name: string;
  readonly weight: number;
  readonly holds: Record<string, number>;
  readonly children: Map<string, Sum>;
  /** The dominant share of it, divided by the weight. */
  share: number;
}

/** Resources that only count things are no measure of who has much. */
const NOT_SHARED = new Set(["pods"]);

/** The largest part of the total that the amounts are of any resource, from 0 up. */
export function dominantShare(holds: ResourceAmounts, total: ResourceAmounts): number {
  let share = 0;
  for (const [resource, amount] of Object.entries(holds)) {
    const whole = total[resource] ?? 0;
    if (whole > 0 && !NOT_SHARED.has(resource)) share = Math.max(share, amount / whole);
  }
  return share;
}

/** Keeps the sums while offers are made. Bound: an entry for each framework, and for each role that has any. */
export class FairShares {
  readonly #total: ResourceAmounts;
  readonly #root: Sum = { name: "", weight: 1, holds: {}, share: 0, children: new Map() };
  /** From the root to the framework. */
  readonly #paths = new Map<string, readonly Sum[]>();

  constructor({ total, weights, sharers }: FairSharesOptions) {
    this.#total = total;
    for (const { name, role, holds } of sharers) {
      const path = [this.#root, ...this.#pathTo(role, weights)];
      const leaf: Sum = { name, weight: 1, holds: {}, share: 0, children: new Map() };
      // Frameworks stand beside the parts of their role; no part's name has a colon.
      path.at(-1)?.children.set(`framework:${name}`, leaf);
      this.#paths.set(name, [...path, leaf]);
      this.add(name, holds);
    }
  }

  /** The framework holds more. */
  add(name: string, amounts: ResourceAmounts): void {
    for (const sum of this.#paths.get(name) ?? []) {
      const { holds } = sum;
      for (const [resource, amount] of Object.entries(amounts)) holds[resource] = (holds[resource] ?? 0) + amount;
      sum.share = dominantShare(holds, this.#total) / sum.weight;
    }
  }

  /** The framework's own dominant share, weights aside. */
  shareOf(name: string): number {
    return dominantShare(this.#paths.get(name)?.at(-1)?.holds ?? {}, this.#total);
  }

  /** Whose turn it is among the candidates; undefined where there are none. Equal shares are decided by name. */
  next(candidates: Iterable<string>): string | undefined {
    let first: readonly Sum[] | undefined;
    for (const name of candidates) {
      const path = this.#paths.get(name);
      if (path && (!first || isBefore(path, first))) first = path;
    }
    return first?.at(-1)?.name;
  }

  #pathTo(role: string, weights: ReadonlyMap<string, number>): readonly Sum[] {
    const path: Sum[] = [];
    const parts = role.split("/");
    let parent = this.#root;
    for (let depth = 1; depth <= parts.length; depth++) {
      const name = parts.slice(0, depth).join("/");
      const weight = weights.get(name) ?? 1;
      const known = parent.children.get(name) ?? { name, weight, holds: {}, share: 0, children: new Map() };
      parent.children.set(name, known);
      path.push(known);
      parent = known;
    }
    return path;
  }
}

/** On the first level where the two are not in the same role, the smaller share goes first. */
function isBefore(a: readonly Sum[], b: readonly Sum[]): boolean {
  for (let level = 0; level < a.length; level++) {
    const [mine, other] = [a[level], b[level]];
    if (!mine || !other || mine === other) continue;
    return mine.share === other.share ? mine.name < other.name : mine.share < other.share;
  }
  return false;
}
