// IPv4 ranges as arithmetic.

export interface Cidr {
  /** Such as `10.96.0.0/16`. */
  readonly text: string;
  /** The network address as a number. */
  readonly first: number;
  /** How many addresses, the network and broadcast addresses included. */
  readonly size: number;
}

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ADDRESS = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

/** The address as a number; undefined for anything that is no IPv4 address in its usual form. */
export function parseIPv4(text: string): number | undefined {
  const match = ADDRESS.exec(text);
  return match ? match.slice(1).reduce((sum, octet) => sum * 256 + Number(octet), 0) : undefined;
}

export const renderIPv4 = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

/** Throws an Error that names the text when it is no IPv4 range. */
export function parseCidr(text: string): Cidr {
  const [address = "", length = ""] = text.split("/");
  const base = parseIPv4(address);
  const bits = /^\d{1,2}$/.test(length) ? Number(length) : 99;
  if (base === undefined || bits > 32) throw new Error(`"${text}" is not an IPv4 range such as 10.96.0.0/16`);
  const size = 2 ** (32 - bits);
  return { text, first: Math.floor(base / size) * size, size };
}

export const cidrContains = ({ first, size }: Cidr, address: number): boolean =>
  address >= first && address < first + size;

/** The range by its first address: `10.96.0.0/16`. */
export const renderCidr = ({ first, size }: Cidr): string => `${renderIPv4(first)}/${32 - Math.log2(size)}`;
