// Certificate signing requests (PKCS #10): whether one is well-formed and signed with the key that it is for, and what it asks
// for. Whom a certificate may be issued to is decided by who signs it.

import { createPublicKey, verify, type KeyObject } from "node:crypto";
import { BIT_STRING, INTEGER, OBJECT_IDENTIFIER, partsOfDer, readDer, SEQUENCE, type DerValue } from "./der.ts";
import { pemBlocks } from "./pem.ts";
import { readAlternativeNames, readSubject, type AlternativeNames, type Subject } from "./requested-names.ts";

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

const MALFORMED = "asn1: structure error: the data is no certificate request";

/** What is asked for. */
export interface RequestedCertificate {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  readonly subject: Subject;
  readonly names: AlternativeNames;
}

/** What is wrong with the PEM text of a request; undefined where nothing is. */
export function certificateRequestProblem(text: string): string | undefined {
  const read = readRequest(text);
  return typeof read === "string" ? read : undefined;
}

/** What the PEM text of a request asks for. Throws an Error that says what is wrong with it. */
export function readCertificateRequest(text: string): RequestedCertificate {
  const read = readRequest(text);
  if (typeof read === "string") throw new Error(read);
  return read;
}

function readRequest(text: string): RequestedCertificate | string {
  const [block] = pemBlocks(text);
  if (block?.label !== "CERTIFICATE REQUEST") return "PEM block type must be CERTIFICATE REQUEST";
  const request = parseRequest(Buffer.from(block.der));
  if (!request) return MALFORMED;
  return signatureProblem(request) ?? request.asked;
}

interface SignedRequest {
  readonly asked: RequestedCertificate;
  /** What is signed. */
  readonly info: Buffer;
  readonly key: KeyObject;
  /** The hex of the algorithm's identifier. */
  readonly algorithm: string;
  readonly signature: Buffer;
}

function signatureProblem({ info, key, algorithm, signature }: SignedRequest): string | undefined {
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

function parseRequest(der: Buffer): SignedRequest | undefined {
  const [outer, ...rest] = readDer(der) ?? [];
  if (!outer || rest.length > 0) return undefined;
  const [info, algorithm, signature] = partsOfDer(outer, [SEQUENCE, SEQUENCE, BIT_STRING]);
  if (!info || !algorithm || !signature) return undefined;
  const [, name, publicKey, attributes] = partsOfDer(info, [INTEGER, SEQUENCE, SEQUENCE]);
  const [identifier] = partsOfDer(algorithm, [OBJECT_IDENTIFIER]);
  if (!identifier || !name || !publicKey) return undefined;
  const key = parseKey(publicKey.whole);
  const asked = parseAsked(publicKey, name, attributes);
  if (!key || !asked) return undefined;
  return {
    asked,
    info: info.whole,
    key,
    algorithm: identifier.body.toString("hex"),
    // The first byte of a bit string says how many bits of the last one are unused.
    signature: signature.body.subarray(1),
  };
}

function parseAsked(
  publicKey: DerValue,
  name: DerValue,
  attributes: DerValue | undefined,
): RequestedCertificate | undefined {
  const subject = readSubject(name);
  const names = readAlternativeNames(attributes);
  return subject && names && { publicKey: publicKey.whole, subject, names };
}

function parseKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: "der", type: "spki" });
  } catch {
    // It is no public key, or of an algorithm that the library does not know.
    return undefined;
  }
}
