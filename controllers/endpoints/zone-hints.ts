// Which zone's clients should use which endpoint, where a service asks for that with the annotation topology-mode: each zone
// gets endpoints in proportion to its CPUs, of its own first. Pure. Where endpoints would be overloaded, there are no hints.

import type { Node } from "../../api/core/node.ts";
import type { Service } from "../../api/core/service.ts";
import type { Endpoint } from "../../api/discovery/endpoint-slice.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { definedFields } from "../../api/meta/defined-fields.ts";
import { milliValue, parseQuantity } from "../../api/meta/quantity.ts";

export const ZONE = "topology.kubernetes.io/zone";
const MODE = "service.kubernetes.io/topology-mode";
const OLDER_MODE = "service.kubernetes.io/topology-aware-hints";
const EXCLUDED = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

/** By so much more than its share may an endpoint be asked to do. */
const OVERLOAD_MAX = 0.2;

/** Whether the service asks for hints. */
export function wantsZoneHints({ metadata: { annotations = {} } }: Service): boolean {
  const mode = annotations[MODE] ?? annotations[OLDER_MODE];
  return mode === "Auto" || mode === "auto";
}

/** Each zone's part of all CPUs, by the zone's name. */
export type ZoneShares = ReadonlyMap<string, number>;

/** Undefined where too little is known of a node, or there is no choice of zones. */
export function zoneShares(nodes: readonly Node[]): ZoneShares | undefined {
  const millis = new Map<string, number>();
  for (const { zone, cpu } of nodes.filter(counts).map(capacityOf)) {
    if (!zone || cpu === 0) return undefined;
    millis.set(zone, (millis.get(zone) ?? 0) + cpu);
  }
  if (millis.size < 2) return undefined;
  const total = [...millis.values()].reduce((sum, each) => sum + each, 0);
  const names = [...millis.keys()].sort();
  return new Map(names.map((zone) => [zone, (millis.get(zone) ?? 0) / total]));
}

/** Whether the change of a node may change the shares. */
export const changesShares = (node: Node | undefined, before: Node | undefined): boolean =>
  shareId(node) !== shareId(before);

function shareId(node: Node | undefined): string {
  if (!node || !counts(node)) return "";
  const { zone = "", cpu } = capacityOf(node);
  return `${zone} ${cpu}`;
}

const counts = ({ metadata: { labels = {} }, status }: Node): boolean =>
  !EXCLUDED.some((label) => labels[label] !== undefined) &&
  findCondition(status.conditions, "Ready")?.status === "True";

const capacityOf = ({ metadata, status }: Node) => ({
  zone: metadata.labels?.[ZONE],
  cpu: milliValue(parseQuantity(status.allocatable?.cpu ?? "0")),
});

/** The endpoints of a slice. */
export interface SlicePart {
  readonly endpoints: readonly Endpoint[];
  /** The slice is as it should be, its hints aside: they stay as long as they do. */
  readonly isKept: boolean;
}

export interface ZoneHints {
  /** For each part, its endpoints with their hints. */
  readonly parts: readonly (readonly Endpoint[])[];
  /** Why there are no hints. */
  readonly problem?: string;
}

interface Allocation {
  readonly desired: number;
  readonly maximum: number;
}
type Allocations = ReadonlyMap<string, Allocation>;
type Counts = Map<string, number>;

/** The hints of all slices with one type of addresses. */
export function planZoneHints(parts: readonly SlicePart[], shares: ZoneShares | undefined): ZoneHints {
  const total = parts.flatMap(({ endpoints }) => endpoints.filter(isReady)).length;
  const allocations = allocate(shares, total);
  if (typeof allocations === "string") return withoutHints(parts, allocations);
  const allocated: Counts = new Map();
  const kept = new Set(parts.filter((part) => part.isKept && keepHints(part, allocations, allocated)));
  const free = parts.filter((part) => !kept.has(part));
  const ready = free.flatMap(({ endpoints }) => endpoints.filter(isReady));
  if (ready.some(({ zone }) => !zone)) return withoutHints(parts, "One or more endpoints do not have a zone specified");
  const zones = new Map(ready.map((endpoint) => [endpoint, endpoint.zone ?? ""]));
  for (const zone of zones.values()) add(allocated, zone, 1);
  if (allocated.size === 0) return withoutHints(parts, "No hints allocated for zones");
  redistribute(zones, exchanges(allocations, allocated));
  const hinted = (endpoint: Endpoint): Endpoint => {
    const zone = zones.get(endpoint);
    return zone === undefined ? withoutHint(endpoint) : { ...endpoint, hints: { forZones: [{ name: zone }] } };
  };
  return { parts: parts.map((part) => (kept.has(part) ? part.endpoints : part.endpoints.map(hinted))) };
}

const isReady = ({ conditions }: Endpoint) => conditions.ready === true;

const add = (counts: Counts, zone: string, count: number) => counts.set(zone, (counts.get(zone) ?? 0) + count);

const withoutHint = (endpoint: Endpoint): Endpoint =>
  endpoint.hints ? definedFields({ ...endpoint, hints: undefined }) : endpoint;

const withoutHints = (parts: readonly SlicePart[], problem: string): ZoneHints => ({
  parts: parts.map(({ endpoints }) => endpoints.map(withoutHint)),
  problem,
});

/** How many of the endpoints each zone should have, and how many it may; a sentence where that cannot be. */
function allocate(shares: ZoneShares | undefined, total: number): Allocations | string {
  if (!shares) {
    return "Insufficient Node information: allocatable CPU or zone not specified on one or more nodes";
  }
  const size = `(${total} endpoints, ${shares.size} zones)`;
  if (shares.size > total) return `Insufficient number of endpoints ${size}`;
  const minima = [...shares].map(([zone, share]) => {
    const exact = share * total;
    return { zone, exact, minimum: Math.ceil(exact * (1 / (1 + OVERLOAD_MAX))) };
  });
  const spare = total - minima.reduce((sum, { minimum }) => sum + minimum, 0);
  if (spare < 0) {
    return `Unable to allocate minimum required endpoints to each zone without exceeding overload threshold ${size}`;
  }
  return new Map(
    minima.map(({ zone, exact, minimum }) => [zone, { desired: Math.max(exact, minimum), maximum: minimum + spare }]),
  );
}

/** Whether the hints of a slice still do; if so, they are counted. */
function keepHints({ endpoints }: SlicePart, allocations: Allocations, allocated: Counts): boolean {
  const counts: Counts = new Map();
  for (const { hints } of endpoints.filter(isReady)) {
    const zones = hints?.forZones ?? [];
    if (zones.length === 0) return false;
    for (const { name } of zones) add(counts, name, 1);
  }
  const fits = ([zone, count]: readonly [string, number]) =>
    count + (allocated.get(zone) ?? 0) <= (allocations.get(zone)?.maximum ?? -1);
  if (![...counts].every(fits)) return false;
  for (const [zone, count] of counts) add(allocated, zone, count);
  return true;
}

interface Exchanges {
  readonly giving: Counts;
  readonly receiving: Counts;
}

/** How many endpoints zones give to others: whole ones, from those that have the most too many to those that lack the most. */
function exchanges(allocations: Allocations, allocated: Counts): Exchanges {
  const surplus = new Map([...allocations].map(([zone, { desired }]) => [zone, (allocated.get(zone) ?? 0) - desired]));
  const lack = new Map([...surplus].map(([zone, count]) => [zone, -count]));
  const giving: Counts = new Map();
  const receiving: Counts = new Map();
  for (;;) {
    const from = most(surplus);
    const to = most(lack);
    if (!from || !to || Math.max(from.count, to.count) < 1 || Math.min(from.count, to.count) < 0.5) break;
    add(giving, from.zone, 1);
    add(surplus, from.zone, -1);
    add(receiving, to.zone, 1);
    add(lack, to.zone, -1);
  }
  return { giving, receiving };
}

function most(counts: ReadonlyMap<string, number>): { readonly zone: string; readonly count: number } | undefined {
  let found: { zone: string; count: number } | undefined;
  for (const [zone, count] of counts) if (count > (found?.count ?? 0)) found = { zone, count };
  return found;
}

function redistribute(zones: Map<Endpoint, string>, { giving, receiving }: Exchanges): void {
  for (const [endpoint, zone] of zones) {
    const to = [...receiving].find(([, count]) => count > 0)?.[0];
    if (to === undefined) return;
    if ((giving.get(zone) ?? 0) <= 0) continue;
    zones.set(endpoint, to);
    add(giving, zone, -1);
    add(receiving, to, -1);
  }
}
