// Reads protobuf's wire format: a sequence of numbered fields. It knows nothing of what they mean.

/** Bytes that are no protobuf message. */
export class WireError extends Error {}

/** One field: a number for varints and fixed-size values, bytes for everything that has a length. */
export interface WireField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
const VARINT_BYTES_MAX = 10;

/** The fields of a message, in the order of the bytes. Throws WireError. */
export function* readFields(bytes: Uint8Array): Generator<WireField> {
  const reader = new WireReader(bytes);
  while (!reader.isAtEnd) {
    const tag = reader.varint();
    yield { number: Number(tag >> 3n), value: readValue(reader, Number(tag & 7n)) };
  }
}

function readValue(reader: WireReader, wireType: number): bigint | Uint8Array {
  switch (wireType) {
    case VARINT:
      return reader.varint();
    case FIXED64:
      return reader.fixed64();
    case LENGTH:
      return reader.take(Number(reader.varint()));
    case FIXED32:
      return BigInt(new DataView(reader.take(4).slice().buffer).getUint32(0, true));
    default:
      throw new WireError(`wire type ${wireType} is not known`);
  }
}

/** The numbers of a packed list of varints. */
export function* readPacked(bytes: Uint8Array): Generator<bigint> {
  const reader = new WireReader(bytes);
  while (!reader.isAtEnd) yield reader.varint();
}

class WireReader {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#position >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let index = 0; index < VARINT_BYTES_MAX; index += 1) {
      const byte = this.#bytes[this.#position];
      if (byte === undefined) throw new WireError("the message ends within a number");
      this.#position += 1;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError("a number is too long");
  }

  fixed64(): bigint {
    return new DataView(this.take(8).slice().buffer).getBigUint64(0, true);
  }

  take(length: number): Uint8Array {
    const end = this.#position + length;
    if (end > this.#bytes.length) throw new WireError("the message ends within a field");
    const part = this.#bytes.subarray(this.#position, end);
    this.#position = end;
    return part;
  }
}
