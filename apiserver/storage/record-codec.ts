// How the embedded store writes one version of a key to disk: a fixed header, the key, the value. Pure.

import type { Revision } from "./store.ts";

export interface StoredRecord {
  readonly key: string;
  /** 0 for a deletion. */
  readonly createRevision: Revision;
  /** Empty for a deletion. */
  readonly value: Uint8Array;
}

/** The creation's revision as a double, then the key's length in bytes as an unsigned 32-bit number; little-endian. */
const HEADER_BYTES = 12;

export function encodeRecord({ key, createRevision, value }: StoredRecord): Uint8Array {
  const keyBytes = Buffer.byteLength(key);
  // An allocation of its own: lmdb's writer thread reads it while others use the pool.
  const record = Buffer.allocUnsafeSlow(HEADER_BYTES + keyBytes + value.length);
  record.writeDoubleLE(createRevision, 0);
  record.writeUInt32LE(keyBytes, 8);
  record.write(key, HEADER_BYTES);
  record.set(value, HEADER_BYTES + keyBytes);
  return record;
}

/** The parts of a record; `value` is a view of it, not a copy. */
export function decodeRecord(bytes: Uint8Array): StoredRecord {
  const record = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const valueStart = HEADER_BYTES + record.readUInt32LE(8);
  return {
    key: record.toString("utf8", HEADER_BYTES, valueStart),
    createRevision: record.readDoubleLE(0),
    value: record.subarray(valueStart),
  };
}
