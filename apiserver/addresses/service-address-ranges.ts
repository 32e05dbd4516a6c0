// The addresses and ports that services are given. Each one in use is a key of its own in the store, created and removed in
// the service's transaction, so that the store itself keeps two services from getting the same one.

import type { Random } from "../../lib/random.ts";
import type { Store } from "../storage/store.ts";
import { cidrContains, parseIPv4, renderIPv4, type Cidr } from "./cidr.ts";

export const IP_ADDRESSES_PREFIX = "/registry/ipaddresses/";
export const NODE_PORTS_PREFIX = "/gantry/nodeports/";

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

export interface ServiceAddressRanges {
  readonly cidr: Cidr;
  readonly nodePorts: PortRange;
}

/** The network address, and the first one, which the service named kubernetes will have. */
const RESERVED_FIRST = 2;
const RESERVED_LAST = 1;

export function isAllocatable(cidr: Cidr, ip: string): boolean {
  const address = parseIPv4(ip);
  if (address === undefined || !cidrContains(cidr, address)) return false;
  return address !== cidr.first && address !== cidr.first + cidr.size - 1;
}

/**
 * A free number of 0 … count-1, from a random start. Guesses first, because ranges are mostly empty; `taken` lists what is in
 * use, and is asked only when the caller's guess has failed before. Undefined when all are taken.
 */
export async function pickFree(
  count: number,
  random: Random,
  taken?: () => Promise<ReadonlySet<number>>,
): Promise<number | undefined> {
  if (count <= 0) return undefined;
  const start = Math.floor(random.float() * count);
  if (!taken) return start;
  const used = await taken();
  for (let step = 0; step < count; step += 1) {
    const candidate = (start + step) % count;
    if (!used.has(candidate)) return candidate;
  }
  return undefined;
}

/** How the numbers of a range are stored. */
export interface NumberedKeys {
  readonly prefix: string;
  readonly count: number;
  /** The rest of the key for a number, and back. */
  render(index: number): string;
  parse(text: string): number | undefined;
}

export function addressKeys(cidr: Cidr): NumberedKeys {
  const base = cidr.first + RESERVED_FIRST;
  return {
    prefix: IP_ADDRESSES_PREFIX,
    count: cidr.size - RESERVED_FIRST - RESERVED_LAST,
    render: (index) => renderIPv4(base + index),
    parse: (text) => {
      const address = parseIPv4(text);
      return address === undefined ? undefined : address - base;
    },
  };
}

export const portKeys = ({ first, last }: PortRange): NumberedKeys => ({
  prefix: NODE_PORTS_PREFIX,
  count: last - first + 1,
  render: (index) => String(first + index),
  parse: (text) => Number(text) - first,
});

/** What is in use, as the store has it now. */
export async function listTaken(store: Store, keys: NumberedKeys): Promise<Set<number>> {
  const { items } = await store.list(keys.prefix);
  return new Set(items.flatMap(({ key }) => keys.parse(key.slice(keys.prefix.length)) ?? []));
}
