// Addresses and ranges of both families as numbers, for rules about what contains what and about how they are written.

import { isIPv4, SocketAddress } from "node:net";
import { isValidCidr, isValidIp } from "./ip-address.ts";

export interface IpRange {
  readonly family: "IPv4" | "IPv6";
  /** The address as it is written, which may be any of the range. */
  readonly address: bigint;
  /** The first address of the range. */
  readonly first: bigint;
  readonly prefixLength: number;
}

/** The number that an address stands for. Takes what isValidIp accepts. */
export function ipNumber(ip: string): bigint {
  if (isIPv4(ip)) return ip.split(".").reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  return ipv6Groups(ip).reduce((sum, group) => sum * 65536n + BigInt(group), 0n);
}

function ipv6Groups(ip: string): readonly number[] {
  const embedded = ip.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...octets: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = octets.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = "", tail] = embedded.split("::");
  const parse = (text: string) => (text ? text.split(":").map((group) => parseInt(group, 16)) : []);
  if (tail === undefined) return parse(head);
  const [before, after] = [parse(head), parse(tail)];
  return [...before, ...new Array<number>(8 - before.length - after.length).fill(0), ...after];
}

/** Undefined where isValidCidr refuses the text. */
export function parseIpRange(cidr: string): IpRange | undefined {
  if (!isValidCidr(cidr)) return undefined;
  const [ip = "", length = ""] = cidr.split("/");
  const family = isIPv4(ip) ? "IPv4" : "IPv6";
  const prefixLength = Number(length);
  const hostBits = BigInt((family === "IPv4" ? 32 : 128) - prefixLength);
  const address = ipNumber(ip);
  return { family, address, first: (address >> hostBits) << hostBits, prefixLength };
}

/** Whether `inner` lies in `outer` and is smaller. */
export function isStrictlyInside(inner: IpRange, outer: IpRange): boolean {
  const hostBits = BigInt((outer.family === "IPv4" ? 32 : 128) - outer.prefixLength);
  return (
    inner.family === outer.family &&
    inner.prefixLength > outer.prefixLength &&
    inner.first >> hostBits === outer.first >> hostBits
  );
}

/** The one way to write an address that RFC 5952 recommends; undefined for what is no address. */
export function canonicalIp(ip: string): string | undefined {
  if (!isValidIp(ip)) return undefined;
  return isIPv4(ip) ? ip : new SocketAddress({ address: ip, family: "ipv6" }).address;
}

/** The address that a number stands for, in its canonical form. */
export function ipText(address: bigint, family: IpRange["family"]): string {
  const part = (bits: bigint, index: number) => (address >> (bits * BigInt(index))) & ((1n << bits) - 1n);
  if (family === "IPv4") return [3, 2, 1, 0].map((index) => part(8n, index)).join(".");
  const groups = [7, 6, 5, 4, 3, 2, 1, 0].map((index) => part(16n, index).toString(16));
  return canonicalIp(groups.join(":")) ?? "";
}

/** Whether something that reads addresses leniently would take the text for one: leading zeros included. */
export const looksLikeIp = (text: string): boolean => isValidIp(text.replace(/(^|\.)0+(?=\d)/g, "$1"));

export const isIpv4InIpv6 = (ip: string): boolean => !isIPv4(ip) && ipNumber(ip) >> 32n === 0xffffn;
