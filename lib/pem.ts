// PEM, the text form of keys and certificates (RFC 7468).

export interface PemBlock {
  /** Such as `CERTIFICATE`. */
  readonly label: string;
  /** Whether there are lines such as `Proc-Type: 4,ENCRYPTED` before the data. */
  readonly hasHeaders: boolean;
  readonly der: Uint8Array;
}

const BLOCK = /-----BEGIN ([^\n-]*)-----[ \t]*\r?\n([^-]*(?:-[^-]+)*)-----END \1-----/g;
const HEADER = /^[^\n:]+:[^\n]*$/;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** All blocks of a text; what stands around them, and blocks without proper base64, are passed over. */
export function pemBlocks(text: string): readonly PemBlock[] {
  return [...text.matchAll(BLOCK)].flatMap(([, label = "", body = ""]) => {
    const lines = body.split(/\r?\n/).map((line) => line.trim());
    const data = lines.filter((line) => !HEADER.test(line)).join("");
    if (!BASE64.test(data)) return [];
    return [{ label, hasHeaders: lines.some((line) => HEADER.test(line)), der: Buffer.from(data, "base64") }];
  });
}
