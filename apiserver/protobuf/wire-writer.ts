// Writes protobuf's wire format: numbered fields, one after the other. It knows nothing of what they mean. Values that are
// their type's zero are left out, as proto3 does.

/** The bytes of a message, in pieces. */
export type Wire = readonly Uint8Array[];

const VARINT = 0;
const LENGTH = 2;

/** For numbers from 0 to 2^31 - 1. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

export const flagField = (number: number, value: boolean): Wire =>
  value ? [varint(number * 8 + VARINT), varint(1)] : [];

export const textField = (number: number, text: string): Wire =>
  text === "" ? [] : messageField(number, [Buffer.from(text)]);

/** Messages are written even where they are empty: that they are there says something. */
export function messageField(number: number, message: Wire): Wire {
  const length = message.reduce((sum, piece) => sum + piece.length, 0);
  return [varint(number * 8 + LENGTH), varint(length), ...message];
}
