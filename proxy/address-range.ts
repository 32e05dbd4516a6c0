// Ranges of IPv4 addresses. IPv6 addresses are in none of them.

export interface AddressRange {
  /** As written: `10.244.0.0/16`. */
  readonly text: string;
  readonly base: number;
  readonly mask: number;
}

/** Throws an Error that names the text when it is not an IPv4 range. */
export function parseAddressRange(text: string): AddressRange {
  const [address = "", length = ""] = text.split("/");
  const base = parseAddress(address);
  const bits = Number(length);
  if (base === undefined || !/^\d+$/.test(length) || bits > 32) {
    throw new Error(`"${text}" is not an IPv4 range; it should look like 10.244.0.0/16`);
  }
  const mask = bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0;
  return { text, base: (base & mask) >>> 0, mask };
}

export function contains({ base, mask }: AddressRange, address: string): boolean {
  const value = parseAddress(address);
  return value !== undefined && (value & mask) >>> 0 === base;
}

function parseAddress(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => ((value << 8) | Number(part)) >>> 0, 0);
}

export const LOOPBACK = parseAddressRange("127.0.0.0/8");
export const LINK_LOCAL = parseAddressRange("169.254.0.0/16");
export const MULTICAST = parseAddressRange("224.0.0.0/4");
export const UNSPECIFIED = parseAddressRange("0.0.0.0/8");
