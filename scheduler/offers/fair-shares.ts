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
  /** For leaves. */
  readonly sharer?: string;
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
  readonly #root: Sum = { name: "", weight: 1, holds: {}, children: new Map() };
  /** From the root to the framework. */
  readonly #paths = new Map<string, readonly Sum[]>();

  constructor({ total, weights, sharers }: FairSharesOptions) {
    this.#total = total;
    for (const { name, role, holds } of sharers) {
      const path = [this.#root, ...this.#pathTo(role, weights)];
      const leaf: Sum = { name, weight: 1, holds: {}, children: new Map(), sharer: name };
      // Frameworks stand beside the parts of their role; no part's name has a colon.
      path.at(-1)?.children.set(`framework:${name}`, leaf);
      this.#paths.set(name, [...path, leaf]);
      this.add(name, holds);
    }
  }

  /** The framework holds more. */
  add(name: string, amounts: ResourceAmounts): void {
    for (const { holds } of this.#paths.get(name) ?? []) {
      for (const [resource, amount] of Object.entries(amounts)) holds[resource] = (holds[resource] ?? 0) + amount;
    }
  }

  /** The framework's own dominant share, weights aside. */
  shareOf(name: string): number {
    return dominantShare(this.#paths.get(name)?.at(-1)?.holds ?? {}, this.#total);
  }

  /** Whose turn it is among the candidates; undefined where there are none. Equal shares are decided by name. */
  next(candidates: ReadonlySet<string>): string | undefined {
    const within = new Set([...candidates].flatMap((name) => this.#paths.get(name) ?? []));
    let at = this.#root;
    while (at.sharer === undefined) {
      const first = this.#first([...at.children.values()].filter((child) => within.has(child)));
      if (!first) return undefined;
      at = first;
    }
    return at.sharer;
  }

  #first(sums: readonly Sum[]): Sum | undefined {
    const ranked = sums.map((sum) => ({ sum, share: dominantShare(sum.holds, this.#total) / sum.weight }));
    ranked.sort((a, b) => a.share - b.share || (a.sum.name < b.sum.name ? -1 : 1));
    return ranked[0]?.sum;
  }

  #pathTo(role: string, weights: ReadonlyMap<string, number>): readonly Sum[] {
    const path: Sum[] = [];
    const parts = role.split("/");
    let parent = this.#root;
    for (let depth = 1; depth <= parts.length; depth++) {
      const name = parts.slice(0, depth).join("/");
      const known = parent.children.get(name) ?? {
        name,
        weight: weights.get(name) ?? 1,
        holds: {},
        children: new Map(),
      };
      parent.children.set(name, known);
      path.push(known);
      parent = known;
    }
    return path;
  }
}
