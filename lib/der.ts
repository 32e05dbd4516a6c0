// Reads DER, the encoding of certificates and what belongs to them: values of a tag, a length, and what they hold. Data from
// strangers is read with it, so whatever is wrong comes back as nothing, and nothing is read twice.

export const SEQUENCE = 0x30;
export const SET = 0x31;
export const BIT_STRING = 0x03;
export const OCTET_STRING = 0x04;
export const OBJECT_IDENTIFIER = 0x06;
export const INTEGER = 0x02;

/** One value. */
export interface DerValue {
  readonly tag: number;
  readonly body: Buffer;
  /** With tag and length. */
  readonly whole: Buffer;
}

/** The values that stand one after the other; undefined where the bytes end too early. */
export function readDer(bytes: Buffer): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let start = 0; start < bytes.length;) {
    const value = readOne(bytes.subarray(start));
    if (!value) return undefined;
    values.push(value);
    start += value.whole.length;
  }
  return values;
}

/** What a value with this tag holds, if that begins with values of these tags; otherwise nothing. */
export function partsOfDer(
  { tag, body }: DerValue,
  tags: readonly number[],
  outerTag: number = SEQUENCE,
): readonly DerValue[] {
  const parts = tag === outerTag ? (readDer(body) ?? []) : [];
  return tags.every((each, index) => parts[index]?.tag === each) ? parts : [];
}

function readOne(bytes: Buffer): DerValue | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || first === 0x80 || bytes.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) return undefined;
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}
