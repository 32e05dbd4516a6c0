// The endpoints of services as names and records. Pure.

import type { ServicePort } from "../../api/core/service.ts";
import type { EndpointSlice } from "../../api/discovery/endpoint-slice.ts";
import type { DnsRecord } from "./message.ts";
import { addressRecord, podNameOf, srvRecord } from "./records.ts";

/** Names of ports and protocols, in lower case; what is absent matches all. */
export interface PortFilter {
  readonly port?: string;
  readonly protocol?: string;
}

export interface NamedEndpoint {
  readonly address: string;
  /** Its name below that of the service. */
  readonly label: string;
  /** The ports that match. */
  readonly ports: readonly number[];
}

export interface SrvPlace {
  readonly port: number;
  readonly endpoint: Omit<NamedEndpoint, "ports">;
}

export const portsMatching = (ports: readonly ServicePort[] = [], filter: PortFilter): readonly ServicePort[] =>
  ports.filter((port) => matches(port, filter));

function matches(
  port: { readonly name?: string; readonly protocol?: string },
  { port: name, protocol }: PortFilter,
): boolean {
  if (protocol !== undefined && (port.protocol ?? "TCP").toLowerCase() !== protocol) return false;
  return name === undefined || (port.name ?? "").toLowerCase() === name;
}

/** Those that take traffic, or are to be found before they do: endpoint slices call these ready, too. */
export function readyEndpoints(slices: readonly EndpointSlice[], filter: PortFilter): readonly NamedEndpoint[] {
  const anyPort = filter.port === undefined && filter.protocol === undefined;
  return slices.flatMap(({ endpoints, ports = [] }) => {
    const numbers = ports.filter((port) => matches(port, filter)).flatMap(({ port }) => port ?? []);
    if (numbers.length === 0 && !anyPort) return [];
    return endpoints
      .filter(({ conditions }) => conditions.ready ?? true)
      .flatMap(({ addresses, hostname }) =>
        addresses.map((address) => ({ address, label: hostname ?? podNameOf(address), ports: numbers })),
      );
  });
}

export function endpointRecords(
  name: string,
  serviceName: string,
  { places, weight }: { readonly places: readonly SrvPlace[]; readonly weight: number },
): { readonly answers: readonly DnsRecord[]; readonly additionals: readonly DnsRecord[] } {
  const targetOf = ({ endpoint }: SrvPlace) => `${endpoint.label}.${serviceName}`;
  const answers = places.map((place) => srvRecord(name, { target: targetOf(place), port: place.port, weight }));
  const addresses = new Map(places.map((place) => [`${targetOf(place)} ${place.endpoint.address}`, place]));
  const additionals = [...addresses.values()].flatMap((place) =>
    addressRecord(targetOf(place), place.endpoint.address),
  );
  return { answers, additionals };
}
