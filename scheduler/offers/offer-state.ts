// What offers are decided on: the nodes with what is free there, the frameworks with what they hold, and the offers that there
// are. Plain data, made by OfferBooks, read by planOffers.

import type { ResourceAmounts } from "../../api/core/pod-resources.ts";
import type { Framework } from "../../api/kctl-scheduling/framework.ts";
import { heldBackFrom, type RequestsByRole, type SetAside } from "../../api/kctl-scheduling/held-back.ts";
import type { Offer } from "../../api/kctl-scheduling/offer.ts";
import { addTo, type Amounts } from "../queues/amounts.ts";

export interface SharedNode {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The static partition that it belongs to. */
  readonly pool: string | undefined;
  /** Ready, and not closed to pods by a taint or a cordon. */
  readonly isOpen: boolean;
  readonly allocatable: ResourceAmounts;
  readonly requested: ResourceAmounts;
  readonly requestsByRole: RequestsByRole;
  readonly reservations: readonly SetAside[];
}

export interface SharingFramework {
  readonly framework: Framework;
  /** What its tasks ask for. */
  readonly allocated: ResourceAmounts;
  /** The pools of the namespaces where it may start tasks. */
  readonly pools: ReadonlySet<string | undefined>;
}

export interface OfferState {
  readonly nowMs: number;
  readonly nodes: readonly SharedNode[];
  readonly frameworks: readonly SharingFramework[];
  readonly offers: readonly Offer[];
  /** The weights of roles; 1 unless given. */
  readonly weights: ReadonlyMap<string, number>;
}

/** What pods of the role find free on the node. Never less than nothing. */
export function freeFor(node: SharedNode, role: string, alsoTaken: ResourceAmounts = {}): ResourceAmounts {
  const held = heldBackFrom(role, node.reservations, node.requestsByRole);
  const free: Record<string, number> = {};
  for (const [resource, amount] of Object.entries(node.allocatable)) {
    const taken = (node.requested[resource] ?? 0) + (held[resource] ?? 0) + (alsoTaken[resource] ?? 0);
    if (amount > taken) free[resource] = amount - taken;
  }
  return free;
}

/** Whether each of the amounts is there. */
export const covers = (free: ResourceAmounts, amounts: ResourceAmounts): boolean =>
  Object.entries(amounts).every(([resource, amount]) => amount <= (free[resource] ?? 0));

/** The smaller of the two for each resource that `limit` names. */
export function capped(amounts: ResourceAmounts, limit: ResourceAmounts): ResourceAmounts {
  const result: Record<string, number> = {};
  for (const [resource, amount] of Object.entries(amounts)) {
    const least = Math.min(amount, limit[resource] ?? amount);
    if (least > 0) result[resource] = least;
  }
  return result;
}

export function minus(amounts: ResourceAmounts, less: ResourceAmounts): ResourceAmounts {
  const result: Record<string, number> = {};
  for (const [resource, amount] of Object.entries(amounts)) {
    result[resource] = Math.max(0, amount - (less[resource] ?? 0));
  }
  return result;
}

/** Sums by name, such as what is offered of each node. */
export class Sums {
  readonly #sums = new Map<string, Amounts>();

  get(name: string): ResourceAmounts {
    return this.#sums.get(name) ?? NOTHING;
  }

  add(name: string, amounts: ResourceAmounts): void {
    const sum = this.#sums.get(name) ?? {};
    addTo(sum, amounts, 1);
    this.#sums.set(name, sum);
  }
}

const NOTHING: ResourceAmounts = {};
