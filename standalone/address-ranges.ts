// Which addresses a cluster uses for its services and pods. Clusters of one machine take different slots, so that they
// run side by side; the first slot has Kubernetes' customary ranges. Pure.

export interface AddressRanges {
  readonly serviceCidr: string;
  readonly clusterCidr: string;
}

/** Pods in a network of their own, or as processes on loopback addresses. */
export type AddressKind = "network" | "loopback";

export const SLOTS = 12;

/** The ranges of slot 0 … SLOTS - 1. Pods on loopback find free addresses within 127.64.0.0/10 themselves, in all slots. */
export function rangesOfSlot(
  slot: number,
  kinds: { readonly pods: AddressKind; readonly services: AddressKind },
): AddressRanges {
  return {
    serviceCidr: kinds.services === "loopback" ? `127.${96 + slot}.0.0/16` : `10.${96 + slot}.0.0/16`,
    clusterCidr: kinds.pods === "loopback" ? "127.64.0.0/10" : `10.${244 + slot}.0.0/16`,
  };
}

/** The first slot that `isFree` accepts; undefined when all are taken. */
export function chooseSlot(isFree: (slot: number) => boolean): number | undefined {
  for (let slot = 0; slot < SLOTS; slot++) if (isFree(slot)) return slot;
  return undefined;
}

/** IPv4 ranges as `a.b.c.d/bits`. Throws for anything else. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [parseCidr(one), parseCidr(other)];
  const bits = Math.min(a.bits, b.bits);
  return bits === 0 || a.address >>> (32 - bits) === b.address >>> (32 - bits);
}

function parseCidr(cidr: string): { address: number; bits: number } {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(cidr);
  const numbers = (match ?? []).slice(1).map(Number);
  const [a = 256, b = 256, c = 256, d = 256, bits = 33] = numbers;
  if ([a, b, c, d].some((each) => each > 255) || bits > 32) throw new Error(`${cidr} is no IPv4 range`);
  return { address: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0, bits };
}

/** Whether a text is an IPv4 range, for flags. */
export function isCidr(text: string): boolean {
  try {
    parseCidr(text);
    return true;
  } catch {
    return false;
  }
}

/** The ranges that the machine's routes lead to, from the text of /proc/net/route; the default route is left out. */
export function parseRoutes(text: string): string[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap(([, destination, , , , , , mask]) => {
      if (!destination || !mask || /^0+$/.test(mask)) return [];
      const bits = [...(Number.parseInt(mask, 16) >>> 0).toString(2)].filter((bit) => bit === "1").length;
      return [`${littleEndian(destination)}/${bits}`];
    });
}

const littleEndian = (hex: string) =>
  (hex.match(/../g) ?? [])
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join(".");
