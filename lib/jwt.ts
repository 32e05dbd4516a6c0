// JSON Web Tokens, signed with a private key and checked with public ones (RFC 7515 to 7519). Which algorithm is right
// follows from the key and from nothing that a token says, so `none` and a public key misused as a secret find no way in.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";
import { pemBlocks } from "./pem.ts";

/** Each key signs with the one algorithm that goes with it. */
type Algorithm = "RS256" | "ES256" | "ES384" | "ES512";

/** Checks signatures. */
export interface VerificationKey {
  /** Derived from the key, so that the same key has the same id everywhere. */
  readonly id: string;
  readonly algorithm: Algorithm;
  readonly key: KeyObject;
}

/** Makes signatures, and knows how they are checked. */
export interface SigningKey {
  readonly verification: VerificationKey;
  /** The compact form of a token with these claims. */
  sign(claims: object): string;
}

/** A token as it claims to be. Nothing in it is true before `isSignedBy` has said so. */
export interface UnverifiedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  isSignedBy(key: VerificationKey): boolean;
}

const CURVES: Readonly<Record<string, Algorithm | undefined>> = {
  prime256v1: "ES256",
  secp384r1: "ES384",
  secp521r1: "ES512",
};
const HASHES: Readonly<Record<Algorithm, string>> = {
  RS256: "sha256",
  ES256: "sha256",
  ES384: "sha384",
  ES512: "sha512",
};
const RSA_BITS_MIN = 2048;
/** Longer tokens are nobody's: the service account tokens of Kubernetes have about one kilobyte. */
const LENGTH_MAX = 16_384;

/** Reads an RSA or ECDSA private key in PEM. Throws an Error of one sentence, which never holds the key. */
export function readSigningKey(pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Error("there is no private key that can be read without a password");
  }
  const verification = verificationKey(createPublicKey(key));
  const { algorithm, id } = verification;
  const header = encode({ alg: algorithm, kid: id });
  return {
    verification,
    sign(claims) {
      const content = `${header}.${encode(claims)}`;
      const signature = sign(HASHES[algorithm], Buffer.from(content), { key, dsaEncoding: "ieee-p1363" });
      return `${content}.${signature.toString("base64url")}`;
    },
  };
}

/** Reads all keys of a PEM text: public ones, and private ones for their public half. Throws an Error of one sentence. */
export function readVerificationKeys(pem: string): readonly VerificationKey[] {
  const blocks = pemBlocks(pem).filter(({ label }) => label.endsWith("KEY"));
  if (blocks.length === 0) throw new Error("there is no public or private key");
  return blocks.map(({ label, der }) => {
    const base64 = Buffer.from(der).toString("base64");
    try {
      return verificationKey(createPublicKey(`-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`));
    } catch (error) {
      if (error instanceof UnfitKey) throw error;
      throw new Error(`the block ${label} is no key that can be read without a password`, { cause: error });
    }
  });
}

class UnfitKey extends Error {}

function verificationKey(key: KeyObject): VerificationKey {
  const der = key.export({ type: "spki", format: "der" });
  return { id: createHash("sha256").update(der).digest("base64url"), algorithm: algorithmOf(key), key };
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails: details }: KeyObject): Algorithm {
  if (asymmetricKeyType === "rsa") {
    if ((details?.modulusLength ?? 0) < RSA_BITS_MIN) throw new UnfitKey(`RSA keys need at least ${RSA_BITS_MIN} bits`);
    return "RS256";
  }
  const algorithm = CURVES[details?.namedCurve ?? ""];
  if (!algorithm) throw new UnfitKey("keys must be RSA, or ECDSA on one of the curves P-256, P-384 and P-521");
  return algorithm;
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Undefined for texts that are no token. Decides nothing about whether it is valid. */
export function parseJwt(token: string): UnverifiedJwt | undefined {
  const parts = token.length <= LENGTH_MAX ? token.split(".") : [];
  const [header = "", payload = "", signature = ""] = parts;
  const [parsedHeader, claims] = [decode(header), decode(payload)];
  if (parts.length !== 3 || !parsedHeader || !claims || !BASE64URL.test(signature)) return undefined;
  const content = Buffer.from(`${header}.${payload}`);
  const bytes = Buffer.from(signature, "base64url");
  return {
    header: parsedHeader,
    claims,
    isSignedBy({ algorithm, key }) {
      if (parsedHeader.alg !== algorithm || "crit" in parsedHeader) return false;
      return verify(HASHES[algorithm], content, { key, dsaEncoding: "ieee-p1363" }, bytes);
    },
  };
}

const BASE64URL = /^[A-Za-z0-9_-]*$/;

function decode(part: string): Readonly<Record<string, unknown>> | undefined {
  if (!BASE64URL.test(part)) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    // Whatever else it is, it is not JSON.
    return undefined;
  }
}

/** The public keys as others fetch them (RFC 7517). */
export function renderKeySet(keys: readonly VerificationKey[]): { readonly keys: readonly object[] } {
  return {
    keys: keys.map(({ id, algorithm, key }) => {
      const { kty, ...numbers } = key.export({ format: "jwk" });
      return { use: "sig", kty, kid: id, alg: algorithm, ...numbers };
    }),
  };
}

/** A new private key in PEM (ECDSA P-256), for signing tokens. */
export function createSigningKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
