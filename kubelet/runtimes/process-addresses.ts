// Loopback addresses for pods that are processes: each gets one of its own, so that all pods can use the same ports. Pure.

import { createHash } from "node:crypto";

/**
 * The second numbers of 127.64.0.0/10 without 127.96.0.0/12, from where services get their addresses.
 */
const SECOND_NUMBERS = Array.from({ length: 64 }, (_, index) => 64 + index).filter((each) => each < 96 || each > 111);
const ADDRESSES_PER_NODE = 254;

/** The block `127.a.b` of a node. Two nodes on one machine are told apart by their state directories. */
export function chooseAddressBlock(stateDirectory: string): string {
  const hash = createHash("sha256").update(stateDirectory).digest();
  const second = SECOND_NUMBERS[(hash[0] ?? 0) % SECOND_NUMBERS.length];
  return `127.${second}.${hash[1]}`;
}

/** The first address of the block that no pod has; undefined when all are taken. */
export function chooseAddress(block: string, taken: ReadonlySet<string>): string | undefined {
  for (let last = 1; last <= ADDRESSES_PER_NODE; last++) {
    const address = `${block}.${last}`;
    if (!taken.has(address)) return address;
  }
  return undefined;
}
