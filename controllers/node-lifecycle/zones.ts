// When many nodes go silent at once, the fault is rather in the network or in the control plane than in all of them: pods
// are then driven out slowly or not at all. Rules and rates are those of Kubernetes' node lifecycle controller.

import type { Node } from "../../api/core/node.ts";
import { readiness } from "./plan.ts";

/** Nodes per second of which pods are evicted. */
const RATE_NORMAL = 0.1;
const RATE_REDUCED = 0.01;
/** From this share of nodes not ready on, and more than two, a zone counts as disrupted. */
const UNHEALTHY_SHARE = 0.55;
const LARGE_ZONE = 50;

export type ZoneState = "normal" | "partial-disruption" | "full-disruption";

export interface Zone {
  readonly size: number;
  readonly state: ZoneState;
}

export const zoneOf = ({ metadata: { labels = {} } }: Node): string =>
  `${labels["topology.kubernetes.io/region"] ?? ""}/${labels["topology.kubernetes.io/zone"] ?? ""}`;

export function readZones(nodes: readonly Node[]): ReadonlyMap<string, Zone> {
  const counts = new Map<string, { ready: number; silent: number }>();
  for (const node of nodes) {
    const count = counts.get(zoneOf(node)) ?? { ready: 0, silent: 0 };
    counts.set(zoneOf(node), count);
    if (readiness(node) === "True") count.ready++;
    else count.silent++;
  }
  return new Map(
    [...counts].map(([name, { ready, silent }]) => [name, { size: ready + silent, state: stateOf(ready, silent) }]),
  );
}

function stateOf(ready: number, silent: number): ZoneState {
  if (ready === 0 && silent > 0) return "full-disruption";
  return silent > 2 && silent / (ready + silent) >= UNHEALTHY_SHARE ? "partial-disruption" : "normal";
}

/** Nobody is ready anywhere: more likely we are cut off than everybody else, so nothing is evicted. */
export const isBlind = (zones: ReadonlyMap<string, Zone>): boolean =>
  [...zones.values()].every(({ state }) => state === "full-disruption");

/** How many nodes per second may be given the taint that drives pods out. */
export function evictionRate(zones: ReadonlyMap<string, Zone>, name: string): number {
  if (isBlind(zones)) return 0;
  const zone = zones.get(name);
  if (zone?.state !== "partial-disruption") return RATE_NORMAL;
  return zone.size > LARGE_ZONE ? RATE_REDUCED : 0;
}
