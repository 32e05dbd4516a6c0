// Certificate signing requests (PKCS #10): whether one is well-formed and signed with the key that it is for. Only what that
// takes is read; whom a certificate may be issued to is decided by who signs it.

import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { pemBlocks } from "./pem.ts";

const SEQUENCE = 0x30;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const INTEGER = 0x02;

/** The hashes of signature algorithms by the hex of their identifiers; null where the algorithm brings its own. */
const HASHES: Readonly<Record<string, string | null | undefined>> = {
  "2a864886f70d010105": "sha1",
  "2a864886f70d01010b": "sha256",
  "2a864886f70d01010c": "sha384",
  "2a864886f70d01010d": "sha512",
  "2a8648ce3d0401": "sha1",
  "2a8648ce3d040302": "sha256",
  "2a8648ce3d040303": "sha384",
  "2a8648ce3d040304": "sha512",
  "2b6570": null,
};

/** What is wrong with the PEM text of a request; undefined where nothing is. */
export function certificateRequestProblem(text: string): string | undefined {
  const [block] = pemBlocks(text);
  if (block?.label !== "CERTIFICATE REQUEST") return "PEM block type must be CERTIFICATE REQUEST";
  const request = parseRequest(Buffer.from(block.der));
  if (!request) return "asn1: structure error: the data is no certificate request";
  return signatureProblem(request);
}

interface CertificateRequest {
  /** What is signed. */
  readonly info: Buffer;
  readonly key: KeyObject;
  /** The hex of the algorithm's identifier. */
  readonly algorithm: string;
  readonly signature: Buffer;
}

function signatureProblem({ info, key, algorithm, signature }: CertificateRequest): string | undefined {
  const hash = HASHES[algorithm];
  if (hash === undefined) return "x509: cannot verify signature: algorithm unimplemented";
  if (isVerified(() => verify(hash, info, key, signature))) return undefined;
  return key.asymmetricKeyType === "rsa" ? "crypto/rsa: verification error" : "x509: ECDSA verification failure";
}

/** Signatures that are not even well-formed make some algorithms throw. */
function isVerified(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}

function parseRequest(der: Buffer): CertificateRequest | undefined {
  const [outer, ...rest] = readAll(der) ?? [];
  if (!outer || rest.length > 0) return undefined;
  const [info, algorithm, signature] = partsOf(outer, [SEQUENCE, SEQUENCE, BIT_STRING]);
  if (!info || !algorithm || !signature) return undefined;
  const [, , publicKey] = partsOf(info, [INTEGER, SEQUENCE, SEQUENCE]);
  const [identifier] = partsOf(algorithm, [OBJECT_IDENTIFIER]);
  const key = publicKey && parseKey(publicKey.whole);
  if (!key || !identifier) return undefined;
  // The first byte of a bit string says how many bits of the last one are unused.
  return { info: info.whole, key, algorithm: identifier.body.toString("hex"), signature: signature.body.subarray(1) };
}

/** What a sequence holds, if that begins with values of these tags; otherwise nothing. */
function partsOf({ tag, body }: Value, tags: readonly number[]): readonly Value[] {
  const parts = tag === SEQUENCE ? (readAll(body) ?? []) : [];
  return tags.every((each, index) => parts[index]?.tag === each) ? parts : [];
}

function parseKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    // It is no public key, or of an algorithm that the library does not know.
    return undefined;
  }
}

/** One value in DER: a tag, a length, and what it holds. */
interface Value {
  readonly tag: number;
  readonly body: Buffer;
  readonly whole: Buffer;
}

/** The values that stand one after the other; undefined where the bytes end too early. */
function readAll(bytes: Buffer): readonly Value[] | undefined {
  const values: Value[] = [];
  for (let start = 0; start < bytes.length;) {
    const value = readOne(bytes.subarray(start));
    if (!value) return undefined;
    values.push(value);
    start += value.whole.length;
  }
  return values;
}

function readOne(bytes: Buffer): Value | undefined {
  const [tag, first] = bytes;
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (lengthBytes > 4 || first === 0x80 || bytes.length < 2 + lengthBytes) return undefined;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(2, lengthBytes);
  const start = 2 + lengthBytes;
  if (bytes.length < start + length) return undefined;
  return { tag, body: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}
