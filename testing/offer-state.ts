// Plain data for tests of offers: nodes, frameworks and offers at one moment.

import type { ResourceAmounts } from "../api/core/pod-resources.ts";
import { frameworks } from "../api/kctl-scheduling/framework.ts";
import { offers as offerKind, type Offer } from "../api/kctl-scheduling/offer.ts";
import { formatMicroTime } from "../lib/clock.ts";
import type { OfferState, SharedNode, SharingFramework } from "../scheduler/offers/offer-state.ts";
import { renderAmounts } from "../scheduler/queues/amounts.ts";
import { storedObject } from "./stored-object.ts";

export const NOW = Date.parse("2026-01-01T00:00:00Z");
export const GI = 2 ** 30;

export function node(name: string, fields: Partial<SharedNode> = {}): SharedNode {
  return {
    name,
    labels: {},
    pool: undefined,
    isOpen: true,
    allocatable: { cpu: 4000, memory: 8 * GI, pods: 110 },
    requested: {},
    requestsByRole: {},
    reservations: [],
    ...fields,
  };
}

export function sharing(name: string, spec: object = {}, status: object = {}): SharingFramework {
  const fields = { metadata: { name }, spec: { role: name, owner: "ann", namespaces: ["n"], ...spec }, status };
  return { framework: storedObject(frameworks, fields), allocated: {}, pools: new Set([undefined]) };
}

interface OfferFields {
  readonly resources?: ResourceAmounts;
  readonly expiresInMs?: number;
  readonly status?: Offer["status"];
}

let made = 0;

export function offer(framework: string, on: string, fields: OfferFields = {}): Offer {
  const { resources = { cpu: 4000, memory: 8 * GI, pods: 110 }, expiresInMs = 10_000, status } = fields;
  return storedObject(offerKind, {
    metadata: { name: `${framework}-${String((made += 1)).padStart(6, "0")}` },
    spec: {
      framework,
      role: framework,
      node: on,
      resources: renderAmounts(resources),
      expiresAt: formatMicroTime(NOW + expiresInMs),
    },
    status: status ?? { phase: "Outstanding" },
  });
}

export const state = (fields: Partial<OfferState>): OfferState => ({
  nowMs: NOW,
  nodes: [node("a")],
  frameworks: [],
  offers: [],
  weights: new Map(),
  ...fields,
});

/** The moment so long from now. */
export const inMs = (ms: number): string => formatMicroTime(NOW + ms);
