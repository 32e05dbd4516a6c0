// Who answers for which virtual address: services and endpoint slices in, one table out. Pure; every backend is handed the
// whole table each time. Rules are kube-proxy's (KEP-1672 for terminating endpoints, KEP-2086 for traffic policies, KEP-2433 for
// hints by zone).

import type { Service, ServicePort } from "../api/core/service.ts";
import { SERVICE_NAME_LABEL, type Endpoint, type EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { formatKey } from "../api/meta/object.ts";
import type { AddressRange } from "./address-range.ts";
import { contains, LINK_LOCAL, LOOPBACK, MULTICAST, UNSPECIFIED } from "./address-range.ts";

export interface ServiceTable {
  /** In the order of their ids. */
  readonly entries: readonly ServiceEntry[];
  /** None unless given. */
  readonly healthChecks?: readonly HealthCheck[];
}

/** Load balancers ask every node at this port whether it has endpoints of a service whose traffic stays on the node. */
export interface HealthCheck {
  readonly service: ServiceName;
  readonly port: number;
  readonly localEndpoints: number;
}

/** One port of one service. */
export interface ServiceEntry {
  /** `namespace/name:port`, with the port's name or nothing. */
  readonly id: string;
  readonly service: ServiceName;
  readonly protocol: Protocol;
  readonly port: number;
  /** The cluster's own virtual IPs. */
  readonly addresses: readonly string[];
  /** External IPs and load-balancer addresses. */
  readonly externalAddresses: readonly string[];
  readonly nodePort?: number;
  /** A client keeps its endpoint for this long after its last connection. */
  readonly affinitySeconds?: number;
  /** For clients within the cluster; in a fixed order. */
  readonly endpoints: readonly Target[];
  /** For node ports and external addresses. */
  readonly externalEndpoints: readonly Target[];
  /** External clients' addresses are kept: endpoints are on this node only. */
  readonly keepsClientAddress: boolean;
}

export type Protocol = "TCP" | "UDP" | "SCTP";

export interface ServiceName {
  readonly namespace: string;
  readonly name: string;
}

export interface Target {
  readonly ip: string;
  readonly port: number;
}

export interface TableContext {
  readonly nodeName: string;
  /** Ranges that pods live in: the only ones in which loopback addresses may be endpoints. */
  readonly podRanges: readonly AddressRange[];
  /** The zone of the node, if it is in one. */
  readonly zone?: string;
}

/** Services with either of these labels are not for this proxy, whatever their values. */
const NOT_OURS = ["service.kubernetes.io/service-proxy-name", "service.kubernetes.io/headless"];

export function buildServiceTable(
  all: readonly Service[],
  slices: readonly EndpointSlice[],
  context: TableContext,
): ServiceTable {
  const byService = groupSlices(slices);
  const entries = all
    .filter(hasVirtualAddress)
    .flatMap((service) => buildEntries(service, byService.get(serviceId(service)) ?? [], context));
  const healthChecks = all.flatMap((service) => healthCheckOf(service, entries) ?? []);
  return { entries: entries.sort((a, b) => (a.id < b.id ? -1 : 1)), healthChecks };
}

function healthCheckOf({ metadata, spec }: Service, entries: readonly ServiceEntry[]): HealthCheck | undefined {
  if (!spec.healthCheckNodePort) return undefined;
  const service = { namespace: metadata.namespace ?? "", name: metadata.name };
  const own = entries.filter((entry) => formatKey(entry.service) === formatKey(service));
  const local = new Set(own.flatMap(({ externalEndpoints }) => externalEndpoints.map(({ ip }) => ip)));
  return { service, port: spec.healthCheckNodePort, localEndpoints: local.size };
}

function groupSlices(slices: readonly EndpointSlice[]): ReadonlyMap<string, EndpointSlice[]> {
  const groups = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
    if (!name) continue;
    const id = `${slice.metadata.namespace}/${name}`;
    const group = groups.get(id);
    if (group) group.push(slice);
    else groups.set(id, [slice]);
  }
  return groups;
}

const serviceId = ({ metadata }: Service) => `${metadata.namespace}/${metadata.name}`;

function hasVirtualAddress({ spec, metadata }: Service): boolean {
  if (spec.type === "ExternalName" || NOT_OURS.some((label) => metadata.labels?.[label] !== undefined)) return false;
  return Boolean(spec.clusterIP) && spec.clusterIP !== "None";
}

function buildEntries(
  service: Service,
  slices: readonly EndpointSlice[],
  context: TableContext,
): readonly ServiceEntry[] {
  const { spec, metadata } = service;
  const external = [
    ...(spec.externalIPs ?? []),
    ...(service.status.loadBalancer.ingress ?? []).flatMap(({ ip }) => ip ?? []),
  ];
  const affinitySeconds =
    spec.sessionAffinity === "ClientIP" ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined;
  const keepsClientAddress = spec.externalTrafficPolicy === "Local";
  return (spec.ports ?? []).map((port) => {
    const candidates = endpointsOf(port, slices, context);
    const local = usable(candidates.filter((each) => each.local));
    const near = usable(inZone(candidates, context.zone));
    return {
      id: `${serviceId(service)}:${port.name ?? ""}`,
      service: { namespace: metadata.namespace ?? "", name: metadata.name },
      protocol: port.protocol ?? "TCP",
      port: port.port,
      addresses: spec.clusterIPs ?? [spec.clusterIP ?? ""],
      externalAddresses: external,
      ...(port.nodePort && { nodePort: port.nodePort }),
      ...(affinitySeconds !== undefined && { affinitySeconds }),
      endpoints: spec.internalTrafficPolicy === "Local" ? local : near,
      externalEndpoints: keepsClientAddress ? local : near,
      keepsClientAddress,
    };
  });
}

interface Candidate extends Target {
  readonly ready: boolean;
  /** Shutting down, but still answering. */
  readonly draining: boolean;
  readonly local: boolean;
  /** The zones whose clients should use it. */
  readonly zones: readonly string[];
}

function endpointsOf(
  { name = "", protocol = "TCP" }: ServicePort,
  slices: readonly EndpointSlice[],
  context: TableContext,
): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { ports = [], endpoints } of slices) {
    const port = ports.find((each) => (each.name ?? "") === name && (each.protocol ?? "TCP") === protocol)?.port;
    if (port === undefined) continue;
    for (const endpoint of endpoints) {
      const candidate = candidateOf(endpoint, port, context);
      if (candidate) found.set(`${candidate.ip} ${port}`, candidate);
    }
  }
  return [...found.values()].sort((a, b) => (a.ip === b.ip ? a.port - b.port : a.ip < b.ip ? -1 : 1));
}

function candidateOf(
  { addresses, conditions, nodeName, hints }: Endpoint,
  port: number,
  context: TableContext,
): Candidate | undefined {
  const [ip] = addresses;
  if (ip === undefined || !isAllowed(ip, context.podRanges)) return undefined;
  const ready = conditions.ready ?? true;
  const draining = (conditions.serving ?? ready) && (conditions.terminating ?? false);
  const zones = (hints?.forZones ?? []).map(({ name }) => name);
  return { ip, port, ready, draining, local: nodeName === context.nodeName, zones };
}

/** An endpoint must not lead into the host itself or to its metadata service (CVE-2021-25737). */
function isAllowed(ip: string, podRanges: readonly AddressRange[]): boolean {
  if (podRanges.some((range) => contains(range, ip))) return true;
  return ![LOOPBACK, LINK_LOCAL, MULTICAST, UNSPECIFIED].some((range) => contains(range, ip));
}

/** Without those that are for clients of other zones; all, unless every ready one has hints and some are for this zone. */
function inZone(candidates: readonly Candidate[], zone: string | undefined): readonly Candidate[] {
  const ready = candidates.filter((each) => each.ready);
  const isForZone = ({ zones }: Candidate) => zone !== undefined && zones.includes(zone);
  if (!ready.some(isForZone) || ready.some(({ zones }) => zones.length === 0)) return candidates;
  return candidates.filter((each) => !each.ready || isForZone(each));
}

/** The ready ones; while none is, those that still answer on their way out are better than nobody. */
function usable(candidates: readonly Candidate[]): readonly Target[] {
  const ready = candidates.filter((each) => each.ready);
  const chosen = ready.length > 0 ? ready : candidates.filter((each) => each.draining);
  return chosen.map(({ ip, port }) => ({ ip, port }));
}
