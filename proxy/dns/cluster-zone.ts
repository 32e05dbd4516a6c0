// What the cluster's own names mean: Kubernetes' DNS specification, version 1.1.0 (and the pods' names by address that
// CoreDNS adds). Every question is answered from the caches as they are: there is no table to keep in step. Pure.

import type { Service } from "../../api/core/service.ts";
import { SERVICE_NAME_LABEL, type EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import {
  endpointRecords,
  portsMatching,
  readyEndpoints,
  type NamedEndpoint,
  type PortFilter,
} from "./endpoint-records.ts";
import type { DnsRecord, Question, QueryType } from "./message.ts";
import { addressOfPodName, addressOfReverseName, addressRecord, soaRecord, srvRecord, TTL_SECONDS } from "./records.ts";

/** What is known of the cluster. Addresses are written as in the API. */
export interface ClusterView {
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  slices(namespace: string, service: string): readonly EndpointSlice[];
  servicesAt(address: string): readonly Service[];
  slicesAt(address: string): readonly EndpointSlice[];
}

export interface ZoneAnswer {
  /** NXDOMAIN where neither the name nor anything below it exists; else NOERROR, with records or without. */
  readonly code: "NOERROR" | "NXDOMAIN";
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
  /** The last answer is an alias for this name, which is to be looked up as well. */
  readonly alias?: string;
}

/** A name of the zone, without the zone's own labels: the outermost label last. */
interface Place {
  readonly name: string;
  readonly labels: readonly string[];
  readonly type: QueryType;
  readonly domain: string;
}

interface Found {
  readonly answers: readonly DnsRecord[];
  readonly additionals?: readonly DnsRecord[];
  readonly alias?: string;
}

const NOTHING: Found = { answers: [] };
const DNS_VERSION = "1.1.0";
/** The name by which Kubernetes' clients find the DNS service. */
export const DNS_SERVICE = { namespace: "kube-system", name: "kube-dns" };

/** Undefined for names that are not the cluster's to explain. */
export function answerInZone(question: Question, domain: string, view: ClusterView): ZoneAnswer | undefined {
  const name = question.name.toLowerCase();
  const reverse = addressOfReverseName(name);
  if (reverse !== undefined) return answerReverse(question, reverse, { view, domain });
  const isApex = name === domain;
  if (!isApex && !name.endsWith(`.${domain}`)) return undefined;
  const labels = isApex ? [] : name.slice(0, -domain.length - 1).split(".");
  return render(find({ name: question.name, labels, type: question.type, domain }, view), domain);
}

function render(found: Found | undefined, domain: string): ZoneAnswer {
  if (!found) return { code: "NXDOMAIN", answers: [], authorities: [soaRecord(domain)], additionals: [] };
  const authorities = found.answers.length === 0 ? [soaRecord(domain)] : [];
  return { code: "NOERROR", authorities, additionals: [], ...found };
}

/** Undefined where there is no such name. */
function find(place: Place, view: ClusterView): Found | undefined {
  const { labels } = place;
  const outermost = labels.at(-1);
  if (outermost === undefined) return findApex(place);
  if (outermost === "svc") return findBelowSvc(place, view);
  if (outermost === "pod") return findBelowPod(place, view);
  return findOwn(place, view);
}

/** What the zone says of itself. */
function findOwn({ labels, name, type }: Place, view: ClusterView): Found | undefined {
  switch (labels.join(".")) {
    case "dns-version":
      return type === "TXT" ? { answers: [{ type, name, ttl: TTL_SECONDS, data: DNS_VERSION }] } : NOTHING;
    case "dns":
      return NOTHING;
    case "ns.dns": {
      const addresses = view.service(DNS_SERVICE.namespace, DNS_SERVICE.name)?.spec.clusterIPs ?? [];
      return { answers: addresses.flatMap((address) => addressRecord(name, address, type)) };
    }
    default:
      return undefined;
  }
}

function findApex({ name, type, domain }: Place): Found {
  if (type === "SOA") return { answers: [soaRecord(domain)] };
  if (type === "NS") return { answers: [{ type, name, ttl: TTL_SECONDS, data: `ns.dns.${domain}` }] };
  return NOTHING;
}

function findBelowPod({ labels, name, type }: Place, view: ClusterView): Found | undefined {
  const [namespace, pod, ...more] = labels.slice(0, -1).reverse();
  if (namespace === undefined) return NOTHING;
  if (!view.hasNamespace(namespace) || more.length > 0) return undefined;
  if (pod === undefined) return NOTHING;
  const address = addressOfPodName(pod);
  return address === undefined ? undefined : { answers: addressRecord(name, address, type) };
}

function findBelowSvc(place: Place, view: ClusterView): Found | undefined {
  const [namespace, serviceName, ...inner] = place.labels.slice(0, -1).reverse();
  if (namespace === undefined) return NOTHING;
  if (serviceName === undefined) return view.hasNamespace(namespace) ? NOTHING : undefined;
  const service = view.service(namespace, serviceName);
  if (!service) return undefined;
  const fullName = `${serviceName}.${namespace}.svc.${place.domain}`;
  const target: Target = { service, fullName, slices: () => view.slices(namespace, serviceName) };
  if (service.spec.type === "ExternalName") return inner.length === 0 ? findExternal(place, service) : undefined;
  switch (inner.length) {
    case 0:
      return findService(place, target, {});
    case 1:
      return inner[0]?.startsWith("_") ? findProtocol(inner[0], service) : findEndpoint(place, target, inner[0]);
    case 2:
      return findPort(place, target, inner);
    default:
      return undefined;
  }
}

interface Target {
  readonly service: Service;
  readonly fullName: string;
  slices(): readonly EndpointSlice[];
}

function findExternal({ name, type }: Place, { spec }: Service): Found {
  const alias = (spec.externalName ?? "").replace(/\.$/, "").toLowerCase();
  const asAddress = addressRecord(name, alias, type);
  if (asAddress.length > 0) return { answers: asAddress };
  return { answers: [{ type: "CNAME", name, ttl: TTL_SECONDS, data: alias }], ...(type !== "CNAME" && { alias }) };
}

/** `_tcp.web.default.svc…` has something below it where the service has a port of that protocol. */
function findProtocol(label: string, { spec }: Service): Found | undefined {
  return portsMatching(spec.ports, { protocol: label.slice(1) }).length > 0 ? NOTHING : undefined;
}

function findPort(place: Place, target: Target, [protocol = "", port = ""]: readonly string[]): Found | undefined {
  if (!protocol.startsWith("_") || !port.startsWith("_")) return undefined;
  const filter = { protocol: protocol.slice(1), port: port.slice(1) };
  const found = findService(place, target, filter);
  const isKnown =
    portsMatching(target.service.spec.ports, filter).length > 0 ||
    (isHeadless(target.service) && readyEndpoints(target.slices(), filter).length > 0);
  return isKnown ? found : undefined;
}

const isHeadless = ({ spec }: Service) => spec.clusterIP === "None";

function findService(place: Place, target: Target, filter: PortFilter): Found | undefined {
  const { name, type } = place;
  if (isHeadless(target.service)) return findHeadless(place, target, filter);
  const { spec } = target.service;
  const addresses = spec.clusterIPs ?? [spec.clusterIP ?? ""];
  if (type !== "SRV") return { answers: addresses.flatMap((address) => addressRecord(name, address, type)) };
  const ports = portsMatching(spec.ports, filter);
  const weight = weightOf(ports.length);
  return {
    answers: ports.map(({ port }) => srvRecord(name, { target: target.fullName, port, weight })),
    additionals: addresses.flatMap((address) => addressRecord(target.fullName, address)),
  };
}

/** Without one ready endpoint the name has no records, but it does exist. */
function findHeadless({ name, type }: Place, target: Target, filter: PortFilter): Found {
  const endpoints = readyEndpoints(target.slices(), filter);
  if (type !== "SRV")
    return { answers: distinct(endpoints).flatMap(({ address }) => addressRecord(name, address, type)) };
  const places = endpoints.flatMap(({ ports, ...endpoint }) => ports.map((port) => ({ port, endpoint })));
  return endpointRecords(name, target.fullName, { places, weight: weightOf(places.length) });
}

/** The pods by host name, or by their addresses with dashes where they have none. */
function findEndpoint({ name, type }: Place, target: Target, label: string | undefined): Found | undefined {
  const named = readyEndpoints(target.slices(), {}).filter((endpoint) => endpoint.label === label);
  if (named.length === 0) return undefined;
  if (type !== "SRV") return { answers: distinct(named).flatMap(({ address }) => addressRecord(name, address, type)) };
  const places = named.flatMap(({ ports, ...endpoint }) => ports.map((port) => ({ port, endpoint })));
  return endpointRecords(name, target.fullName, { places, weight: weightOf(places.length) });
}

const distinct = (endpoints: readonly NamedEndpoint[]) => [
  ...new Map(endpoints.map((endpoint) => [endpoint.address, endpoint])).values(),
];

/** The answers share the traffic. */
const weightOf = (count: number) => Math.max(1, Math.floor(100 / Math.max(1, count)));

interface ReverseContext {
  readonly view: ClusterView;
  readonly domain: string;
}

/** Services by their virtual addresses, the pods of headless services by theirs. Others' addresses are not ours to name. */
function answerReverse(question: Question, address: string, { view, domain }: ReverseContext): ZoneAnswer | undefined {
  const targets = [
    ...view.servicesAt(address).map(({ metadata }) => `${metadata.name}.${metadata.namespace}.svc.${domain}`),
    ...view.slicesAt(address).flatMap((slice) => endpointNames(slice, address, { view, domain })),
  ];
  if (targets.length === 0) return undefined;
  const answers: DnsRecord[] = [...new Set(targets)].map((data) => ({
    type: "PTR",
    name: question.name,
    ttl: TTL_SECONDS,
    data,
  }));
  const isAsked = question.type === "PTR";
  return {
    code: "NOERROR",
    answers: isAsked ? answers : [],
    authorities: isAsked ? [] : [soaRecord(domain)],
    additionals: [],
  };
}

function endpointNames(slice: EndpointSlice, address: string, { view, domain }: ReverseContext): string[] {
  const { namespace = "", labels } = slice.metadata;
  const name = labels?.[SERVICE_NAME_LABEL] ?? "";
  const service = view.service(namespace, name);
  if (!service || !isHeadless(service)) return [];
  return readyEndpoints([slice], {})
    .filter((endpoint) => endpoint.address === address)
    .map(({ label }) => `${label}.${name}.${namespace}.svc.${domain}`);
}
