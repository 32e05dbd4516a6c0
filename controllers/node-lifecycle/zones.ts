// When many nodes go silent at once, the fault is rather in the network or in the control plane than in all of them: pods
// are then driven out slowly or not at all. Rules and rates are those of Kubernetes' node lifecycle controller.

import type { Node } from "../../api/core/node.ts";

export interface EvictionRates {
  /** Nodes per second of which pods are evicted. */
  readonly nodesPerSecond: number;
  /** The same in a large zone that is disrupted in part; in a small one none are. */
  readonly nodesPerSecondDisrupted: number;
  /** A zone of more nodes is large. */
  readonly largeZone: number;
  /** From this share of nodes not ready on, and more than two, a zone counts as disrupted. */
  readonly unhealthyShare: number;
}

export const EVICTION_RATES: EvictionRates = {
  nodesPerSecond: 0.1,
  nodesPerSecondDisrupted: 0.01,
  largeZone: 50,
  unhealthyShare: 0.55,
};

/** A node with this label has no say in whether its zone is disrupted. */
const EXCLUDED = "node.kubernetes.io/exclude-disruption";

export type ZoneState = "normal" | "partial-disruption" | "full-disruption";

export interface Zone {
  readonly size: number;
  readonly state: ZoneState;
}

export const zoneOf = ({ metadata: { labels = {} } }: Node): string =>
  `${labels["topology.kubernetes.io/region"] ?? ""}/${labels["topology.kubernetes.io/zone"] ?? ""}`;

export function readZones(
  nodes: readonly Node[],
  rates: EvictionRates,
  isReady: (node: Node) => boolean,
): ReadonlyMap<string, Zone> {
  const counts = new Map<string, { ready: number; silent: number }>();
  for (const node of nodes) {
    if (node.metadata.labels?.[EXCLUDED] !== undefined) continue;
    const count = counts.get(zoneOf(node)) ?? { ready: 0, silent: 0 };
    counts.set(zoneOf(node), count);
    if (isReady(node)) count.ready++;
    else count.silent++;
  }
  return new Map(
    [...counts].map(([name, { ready, silent }]) => [
      name,
      { size: ready + silent, state: stateOf(ready, silent, rates) },
    ]),
  );
}

function stateOf(ready: number, silent: number, { unhealthyShare }: EvictionRates): ZoneState {
  if (ready === 0 && silent > 0) return "full-disruption";
  return silent > 2 && silent / (ready + silent) >= unhealthyShare ? "partial-disruption" : "normal";
}

/** Nobody is ready anywhere: more likely we are cut off than everybody else, so nothing is evicted. */
export const isBlind = (zones: ReadonlyMap<string, Zone>): boolean =>
  zones.size > 0 && [...zones.values()].every(({ state }) => state === "full-disruption");

/** How many nodes per second may be given the taint that drives pods out. */
export function evictionRate(zones: ReadonlyMap<string, Zone>, name: string, rates: EvictionRates): number {
  if (isBlind(zones)) return 0;
  const zone = zones.get(name);
  if (zone?.state !== "partial-disruption") return rates.nodesPerSecond;
  return zone.size > rates.largeZone ? rates.nodesPerSecondDisrupted : 0;
}
