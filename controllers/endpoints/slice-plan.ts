// Spreads a service's endpoints over EndpointSlices with as few writes as possible. Pure.
// As in Kubernetes: one set of slices for each set of ports, at most 100 endpoints in a slice, and an empty slice rather
// than none at all.

import type { Endpoint, EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import type { Service } from "../../api/core/service.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { ResolvedPort } from "./service-pods.ts";
import { planZoneHints, type ZoneShares } from "./zone-hints.ts";

const ENDPOINTS_PER_SLICE_MAX = 100;

export type AddressType = "IPv4" | "IPv6";

/** Endpoints that have the same ports. */
export interface EndpointGroup {
  readonly addressType: AddressType;
  readonly ports: readonly ResolvedPort[];
  readonly endpoints: readonly Endpoint[];
}

export interface SliceContent {
  readonly addressType: AddressType;
  readonly ports: readonly ResolvedPort[];
  readonly endpoints: readonly Endpoint[];
  readonly labels: Readonly<Record<string, string>>;
}

export interface SlicePlan {
  readonly create: readonly SliceContent[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly content: SliceContent }[];
  readonly remove: readonly EndpointSlice[];
  /** What came of the wish for hints by zone, for each type of addresses; nothing where there was no such wish. */
  readonly hints: readonly HintsOutcome[];
}

export interface HintsOutcome {
  readonly addressType: AddressType;
  /** Why there are none. */
  readonly problem?: string;
}

export interface DesiredSlices {
  readonly service: Service;
  readonly labels: Readonly<Record<string, string>>;
  readonly groups: readonly EndpointGroup[];
  readonly addressTypes: readonly AddressType[];
  /** There are to be hints by these shares of zones, if they are known; the endpoints bring none of their own then. */
  readonly zones?: { readonly shares: ZoneShares | undefined };
}

export function planSlices(desired: DesiredSlices, existing: readonly EndpointSlice[]): SlicePlan {
  const plan = {
    create: [] as SliceContent[],
    update: [] as { slice: EndpointSlice; content: SliceContent }[],
    remove: existing.filter((slice) => !desired.addressTypes.includes(slice.addressType as AddressType)),
    hints: [] as HintsOutcome[],
  };
  for (const addressType of desired.addressTypes) {
    const slices = existing.filter((slice) => slice.addressType === addressType);
    const groups = desired.groups.filter((group) => group.addressType === addressType);
    const empty = { addressType, ports: [], endpoints: [], labels: desired.labels };
    planFamily(empty, { groups, slices, plan, zones: desired.zones });
  }
  return plan;
}

interface Family {
  readonly groups: readonly EndpointGroup[];
  readonly slices: readonly EndpointSlice[];
  readonly plan: {
    create: SliceContent[];
    update: { slice: EndpointSlice; content: SliceContent }[];
    remove: EndpointSlice[];
    hints: HintsOutcome[];
  };
  readonly zones: DesiredSlices["zones"];
}

function planFamily(empty: SliceContent, { groups, slices, plan, zones }: Family): void {
  const shares = groups.flatMap((group) => {
    const usable = slices.filter((slice) => samePorts(slice.ports ?? [], group.ports));
    return distribute(group, { slices: usable, keepsHints: zones !== undefined });
  });
  const hinted = zones ? planHints(shares, { plan, zones, addressType: empty.addressType }) : shares;
  const contents = new Map<EndpointSlice, SliceContent>();
  const created: SliceContent[] = [];
  for (const { slice, ports, endpoints } of hinted) {
    const full = { ...empty, ports, endpoints };
    if (slice) contents.set(slice, full);
    else created.push(full);
  }
  // With nothing to show, one empty slice tells readers that the controller has looked.
  const placeholder = contents.size + created.length === 0 ? slices[0] : undefined;
  if (placeholder) contents.set(placeholder, empty);
  else if (contents.size + created.length === 0) created.push(empty);
  plan.create.push(...created);
  for (const slice of slices) {
    const content = contents.get(slice);
    if (!content) plan.remove.push(slice);
    else if (!isUpToDate(slice, content)) plan.update.push({ slice, content });
  }
}

interface Share {
  readonly slice?: EndpointSlice;
  readonly ports: readonly ResolvedPort[];
  readonly endpoints: readonly Endpoint[];
}

function planHints(
  shares: readonly Share[],
  {
    plan,
    zones,
    addressType,
  }: Pick<Family, "plan"> & Required<Pick<DesiredSlices, "zones">> & Pick<HintsOutcome, "addressType">,
): readonly Share[] {
  const asParts = shares.map(({ slice, endpoints }) => ({
    endpoints,
    isKept: slice !== undefined && semanticEqual(slice.endpoints, endpoints),
  }));
  const { parts, problem } = planZoneHints(asParts, zones.shares);
  plan.hints.push({ addressType, ...(problem !== undefined && { problem }) });
  return shares.map((share, index) => ({ ...share, endpoints: parts[index] ?? share.endpoints }));
}

/**
 * Endpoints stay in the slice where they are. New ones go to slices that have to be written anyway; what is left over, to
 * the fullest slice that has room for all of it, else to new slices.
 */
function distribute(
  { ports, endpoints }: EndpointGroup,
  { slices, keepsHints }: Pick<Family, "slices"> & { readonly keepsHints: boolean },
): readonly Share[] {
  const wanted = new Map(endpoints.map((endpoint) => [endpointId(endpoint), endpoint]));
  const kept = slices.map((slice) => ({ slice, ports, endpoints: takeKnown(slice, { wanted, keepsHints }) }));
  const rest = [...wanted.values()];
  const room = (share: (typeof kept)[number]) => ENDPOINTS_PER_SLICE_MAX - share.endpoints.length;
  const isChanged = (share: (typeof kept)[number]) => !semanticEqual(share.slice.endpoints, share.endpoints);
  for (const share of kept.filter(isChanged)) share.endpoints.push(...rest.splice(0, room(share)));
  const fullest = kept.filter((share) => room(share) >= rest.length).sort((a, b) => room(a) - room(b))[0];
  if (rest.length > 0) fullest?.endpoints.push(...rest.splice(0));
  const added: Share[] = [];
  while (rest.length > 0) added.push({ ports, endpoints: rest.splice(0, ENDPOINTS_PER_SLICE_MAX) });
  return [...kept.filter((share) => share.endpoints.length > 0), ...added];
}

interface Wanted {
  readonly wanted: Map<string, Endpoint>;
  readonly keepsHints: boolean;
}

/** The newest form of the endpoints that the slice holds already; takes them out of `wanted`. */
function takeKnown(slice: EndpointSlice, { wanted, keepsHints }: Wanted): Endpoint[] {
  const known: Endpoint[] = [];
  for (const endpoint of slice.endpoints) {
    const id = endpointId(endpoint);
    const next = wanted.get(id);
    if (!next || known.length >= ENDPOINTS_PER_SLICE_MAX || !wanted.delete(id)) continue;
    const isHinted = keepsHints && endpoint.hints && next.conditions.ready && next.zone === endpoint.zone;
    known.push(isHinted ? { ...next, hints: endpoint.hints } : next);
  }
  return known;
}

const endpointId = ({ addresses, targetRef }: Endpoint) => `${addresses.join()} ${targetRef?.uid ?? ""}`;

const portId = ({ name = "", protocol, port, appProtocol = "" }: Partial<ResolvedPort>) =>
  [name, protocol, port, appProtocol].join("/");

function samePorts(a: readonly Partial<ResolvedPort>[], b: readonly Partial<ResolvedPort>[]): boolean {
  return a.map(portId).sort().join() === b.map(portId).sort().join();
}

/** Ports as a map key. */
export const portsId = (ports: readonly ResolvedPort[]): string => ports.map(portId).sort().join();

function isUpToDate(slice: EndpointSlice, { endpoints, ports, labels }: SliceContent): boolean {
  return (
    semanticEqual(slice.endpoints, endpoints) &&
    samePorts(slice.ports ?? [], ports) &&
    semanticEqual(slice.metadata.labels, labels)
  );
}
