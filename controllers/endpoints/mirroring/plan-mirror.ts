// The EndpointSlices that show what somebody has written into an Endpoints object by hand. Pure. As in Kubernetes: one slice
// for each set of ports and sort of address, with 1,000 addresses of each subset at the most.

import type { EndpointAddress, Endpoints } from "../../../api/core/endpoints.ts";
import type { Endpoint, EndpointSlice, EndpointSlicePort } from "../../../api/discovery/endpoint-slice.ts";
import { isValidIp } from "../../../api/meta/ip-address.ts";
import { semanticEqual } from "../../../api/meta/semantic-equal.ts";
import { TRIGGER_TIME } from "../service-pods.ts";
import { portsId, type AddressType } from "../slice-plan.ts";

export const SERVICE_NAME = "kubernetes.io/service-name";
export const MANAGED_BY = "endpointslice.kubernetes.io/managed-by";
export const OURSELVES = "endpointslicemirroring-controller.k8s.io";

const SKIP_MIRROR = "endpointslice.kubernetes.io/skip-mirror";
const LEADER = "control-plane.alpha.kubernetes.io/leader";
const NOT_COPIED = new Set([TRIGGER_TIME, "kubectl.kubernetes.io/last-applied-configuration"]);
export const ADDRESSES_MAX = 1000;

/** What a mirrored slice holds: all but its name. */
export interface Mirror {
  readonly addressType: AddressType;
  readonly ports: readonly EndpointSlicePort[];
  readonly endpoints: readonly Endpoint[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export interface DesiredMirrors {
  readonly mirrors: readonly Mirror[];
  /** Addresses that are no IP addresses. */
  readonly invalid: number;
  /** Addresses that are left out for whatever reason. */
  readonly skipped: number;
}

/** Those that hold no endpoints, but the lock of a leader, are left out; so are those that ask for it. */
export function isMirrored({ metadata: { labels = {}, annotations = {} } }: Endpoints): boolean {
  return labels[SKIP_MIRROR] !== "true" && annotations[LEADER] === undefined;
}

export function planMirrors(source: Endpoints): DesiredMirrors {
  const groups = new Map<string, { readonly mirror: Mirror; readonly endpoints: Map<string, Endpoint> }>();
  const { name, labels, annotations = {} } = source.metadata;
  const kept = Object.fromEntries(Object.entries(annotations).filter(([key]) => !NOT_COPIED.has(key)));
  const metadata = { labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: OURSELVES }, annotations: kept };
  let [invalid, skipped] = [0, 0];
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of source.subsets ?? []) {
    const full = ports.map((port) => ({ ...port, name: port.name ?? "", protocol: port.protocol ?? ("TCP" as const) }));
    const all = [
      ...addresses.map((each) => toEndpoint(each, true)),
      ...notReadyAddresses.map((each) => toEndpoint(each, false)),
    ];
    const valid = all.filter(({ addresses: [ip = ""] }) => isValidIp(ip));
    const shown = valid.slice(0, ADDRESSES_MAX);
    invalid += all.length - valid.length;
    skipped += all.length - shown.length;
    for (const endpoint of shown) {
      const addressType = endpoint.addresses[0]?.includes(":") ? "IPv6" : "IPv4";
      const id = `${addressType} ${portsId(full)}`;
      const group = groups.get(id) ?? {
        mirror: { addressType, ports: full, endpoints: [], ...metadata },
        endpoints: new Map<string, Endpoint>(),
      };
      groups.set(id, group);
      group.endpoints.set(endpointId(endpoint), endpoint);
    }
  }
  const mirrors = [...groups.values()].map(({ mirror, endpoints }) => ({
    ...mirror,
    endpoints: [...endpoints.values()].slice(0, ADDRESSES_MAX),
  }));
  return { mirrors, invalid, skipped };
}

function toEndpoint({ ip, targetRef, nodeName, hostname }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname && { hostname }),
    ...(targetRef && { targetRef }),
    ...(nodeName !== undefined && { nodeName }),
  };
}

const endpointId = ({ addresses, hostname, targetRef }: Endpoint) =>
  JSON.stringify([addresses, hostname, targetRef?.namespace, targetRef?.name]);

export interface MirrorPlan {
  readonly create: readonly Mirror[];
  readonly update: readonly { readonly slice: EndpointSlice; readonly mirror: Mirror }[];
  readonly remove: readonly EndpointSlice[];
}

/** Slices of the same ports are kept; those that nobody needs any more are used for what is new, as far as they go. */
export function planMirrorSlices(mirrors: readonly Mirror[], existing: readonly EndpointSlice[]): MirrorPlan {
  const unused = new Set(existing);
  const take = (fits: (slice: EndpointSlice) => boolean) => {
    const found = [...unused].find(fits);
    if (found) unused.delete(found);
    return found;
  };
  const exact = mirrors.map((mirror) => ({ mirror, slice: take((slice) => sliceId(slice) === sliceId(mirror)) }));
  const matched = exact.map(({ mirror, slice }) => ({
    mirror,
    slice: slice ?? take(({ addressType }) => addressType === mirror.addressType),
  }));
  const update = matched.flatMap(({ mirror, slice }) => (slice && !isShown(slice, mirror) ? [{ slice, mirror }] : []));
  return { create: matched.filter(({ slice }) => !slice).map(({ mirror }) => mirror), update, remove: [...unused] };
}

const sliceId = ({ addressType, ports = [] }: Pick<EndpointSlice, "addressType" | "ports">) =>
  `${addressType} ${portsId(ports as Parameters<typeof portsId>[0])}`;

function isShown(slice: EndpointSlice, mirror: Mirror): boolean {
  const byId = (a: Endpoint, b: Endpoint) => (endpointId(a) < endpointId(b) ? -1 : 1);
  return (
    sliceId(slice) === sliceId(mirror) &&
    semanticEqual([...slice.endpoints].sort(byId), [...mirror.endpoints].sort(byId)) &&
    semanticEqual(slice.metadata.labels ?? {}, mirror.labels) &&
    semanticEqual(slice.metadata.annotations ?? {}, mirror.annotations)
  );
}
