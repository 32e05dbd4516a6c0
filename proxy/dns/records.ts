// Records of the cluster's zone, and the names that stand for addresses. Pure.

import { isIP } from "node:net";
import type { DnsRecord, QueryType } from "./message.ts";

/** As CoreDNS has it in Kubernetes: names move when services do. */
export const TTL_SECONDS = 30;

/** The record of an address, where its family is the one asked for; of either family when nothing is asked. */
export function addressRecord(name: string, address: string, asked?: QueryType): readonly DnsRecord[] {
  const family = isIP(address);
  if (family === 0) return [];
  const type = family === 4 ? "A" : "AAAA";
  if (asked !== undefined && asked !== type) return [];
  return [{ type, name, ttl: TTL_SECONDS, data: address }];
}

export function srvRecord(
  name: string,
  { target, port, weight }: { readonly target: string; readonly port: number; readonly weight: number },
): DnsRecord {
  return { type: "SRV", name, ttl: TTL_SECONDS, data: { priority: 0, weight, port, target } };
}

/** Tells how long "there is no such thing" holds (RFC 2308). */
export function soaRecord(domain: string): DnsRecord {
  const times = { serial: 1, refresh: 7200, retry: 1800, expire: 86_400, minimum: TTL_SECONDS };
  return {
    type: "SOA",
    name: domain,
    ttl: TTL_SECONDS,
    data: { mname: `ns.dns.${domain}`, rname: `hostmaster.${domain}`, ...times },
  };
}

/** `10-0-0-1` and `2001-db8--1`; undefined for anything else. */
export function addressOfPodName(label: string): string | undefined {
  const address = /^\d+-\d+-\d+-\d+$/.test(label) ? label.replaceAll("-", ".") : label.replaceAll("-", ":");
  return isIP(address) === 0 ? undefined : address;
}

export const podNameOf = (address: string): string => address.replaceAll(/[.:]/g, "-");

/** `4.3.2.1.in-addr.arpa` and 32 nibbles below ip6.arpa; undefined for anything else. IPv6 comes as the API writes it. */
export function addressOfReverseName(name: string): string | undefined {
  const four = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name);
  if (four) {
    const address = four.slice(1).reverse().join(".");
    return isIP(address) === 4 ? address : undefined;
  }
  const six = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name);
  if (!six?.[1]) return undefined;
  const nibbles = six[1].split(".").slice(0, 32).reverse().join("");
  return new URL(`http://[${nibbles.replaceAll(/.{4}(?=.)/g, "$&:")}]/`).hostname.slice(1, -1);
}
