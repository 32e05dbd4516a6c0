// X.509: makes certificate authorities and the certificates that components identify themselves with (ECDSA P-256), signs what
// others ask for, and reads certificates. Making one loads a large library, so callers that find theirs on disk only read.

import { createPrivateKey, X509Certificate as NodeCertificate, type KeyObject, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import type { RequestedCertificate } from "./certificate-request.ts";
import type { Random } from "./random.ts";
import { subjectEntries, type AlternativeNames } from "./requested-names.ts";

/** PEM texts. The keys made here are PKCS #8. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export interface CertificateRequest extends Validity {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  readonly usage: "client" | "server";
  /** DNS names and IP addresses that a server certificate is good for. */
  readonly hosts?: readonly string[];
}

export type KeyUsage = keyof typeof X509.KeyUsageFlags;

/** A certificate for a key that somebody else has. */
export interface CertificateToSign extends Validity {
  readonly asked: RequestedCertificate;
  readonly usages: readonly KeyUsage[];
  /** Dotted identifiers. */
  readonly extendedUsages: readonly string[];
}

/** Signs certificates in the name of one authority. */
export interface CertificateIssuer {
  issue(request: CertificateRequest): Promise<KeyPair>;
  /** PEM. Who may have this certificate is the caller's decision. */
  sign(certificate: CertificateToSign): Promise<string>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

let loading: Promise<typeof X509> | undefined;
async function load(): Promise<typeof X509> {
  // The library looks its classes up through decorators, for which it needs the metadata API to be there first.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  x509.cryptoProvider.set(globalThis.crypto as never);
  return x509;
}
const x509Library = () => (loading ??= load());

/** A self-signed authority. */
export async function createAuthority(
  options: Validity & { readonly commonName: string; readonly random: Random },
): Promise<KeyPair> {
  const x509 = await x509Library();
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(options.random),
    name: [{ CN: [options.commonName] }],
    notBefore: new Date(options.notBeforeMs),
    notAfter: new Date(options.notAfterMs),
    signingAlgorithm: algorithm,
    keys: keys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign | x509.KeyUsageFlags.digitalSignature,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pem(cert), key: await exportKey(keys.privateKey) };
}

/**
 * The issuer for an authority whose key is of RSA, or of ECDSA with P-256, P-384 or P-521, in any form of PEM. Rejects with an
 * Error that says what is wrong with the pair.
 */
export async function openAuthority(authority: KeyPair, random: Random): Promise<CertificateIssuer> {
  const x509 = await x509Library();
  const issuerCert = new x509.X509Certificate(authority.cert);
  const authorityKey = createPrivateKey(authority.key);
  if (!new NodeCertificate(authority.cert).checkPrivateKey(authorityKey)) {
    throw new Error("the private key does not belong to the certificate");
  }
  const signing = await importSigningKey(authorityKey);
  const authorityKeyId = await authorityKeyIdentifier(x509, issuerCert);
  const certify = async (certificate: CertificateParts): Promise<string> => {
    const { notBeforeMs, notAfterMs, subject, publicKey, extensions } = certificate;
    const made = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(random),
      subject,
      issuer: issuerCert.subjectName,
      notBefore: wholeSeconds(notBeforeMs),
      notAfter: wholeSeconds(notAfterMs),
      signingAlgorithm: signing.algorithm,
      publicKey: publicKey as never,
      signingKey: signing.key as never,
      extensions: [new x509.BasicConstraintsExtension(false, undefined, true), ...extensions, authorityKeyId],
    });
    return pem(made);
  };
  return {
    async issue(request) {
      const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const purpose = request.usage === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
      const cert = await certify({
        ...request,
        subject: subjectOf(request),
        publicKey: keys.publicKey,
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([purpose]),
          ...(request.hosts?.length
            ? [new x509.SubjectAlternativeNameExtension(request.hosts.map(alternativeName))]
            : []),
        ],
      });
      return { cert, key: await exportKey(keys.privateKey) };
    },
    sign(certificate) {
      const { subject, publicKey, names } = certificate.asked;
      const entries = subjectEntries(subject);
      return certify({
        ...certificate,
        subject: new x509.Name(entries.map(({ identifier, value }) => ({ [identifier]: [{ utf8String: value }] }))),
        publicKey,
        extensions: askedExtensions(x509, certificate, { hasSubject: entries.length > 0, names }),
      });
    },
  };
}

/** A new key, and in PEM the request for a certificate for it. What it asks for, its signer may refuse. */
export async function createCertificateRequest({
  commonName,
  organizations = [],
  hosts = [],
}: Pick<CertificateRequest, "commonName" | "organizations" | "hosts">): Promise<{ request: string; key: string }> {
  const x509 = await x509Library();
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const names = hosts.length > 0 ? [new x509.SubjectAlternativeNameExtension(hosts.map(alternativeName))] : [];
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subjectOf({ commonName, organizations }),
    keys: keys as never,
    signingAlgorithm: algorithm,
    extensions: names,
  });
  return { request: pem(request), key: await exportKey(keys.privateKey) };
}

interface CertificateParts extends Validity {
  readonly subject: X509.X509CertificateCreateParamsName;
  readonly publicKey: webcrypto.CryptoKey | Uint8Array;
  readonly extensions: readonly X509.Extension[];
}

function askedExtensions(
  x509: typeof X509,
  { usages, extendedUsages }: CertificateToSign,
  { hasSubject, names }: { readonly hasSubject: boolean; readonly names: AlternativeNames },
): readonly X509.Extension[] {
  const flags = usages.reduce((sum, usage) => sum | x509.KeyUsageFlags[usage], 0);
  const all: readonly X509.JsonGeneralName[] = [
    ...names.dns.map((value) => ({ type: "dns", value }) as const),
    ...names.emails.map((value) => ({ type: "email", value }) as const),
    ...names.addresses.map((value) => ({ type: "ip", value }) as const),
    ...names.uris.map((value) => ({ type: "url", value }) as const),
  ];
  return [
    ...(flags > 0 ? [new x509.KeyUsagesExtension(flags, true)] : []),
    ...(extendedUsages.length > 0 ? [new x509.ExtendedKeyUsageExtension([...extendedUsages])] : []),
    // What names its holder nowhere else must not be read without these.
    ...(all.length > 0 ? [new x509.SubjectAlternativeNameExtension([...all], !hasSubject)] : []),
  ];
}

const HASH_OF_CURVE: Readonly<Record<string, readonly [namedCurve: string, hash: string] | undefined>> = {
  prime256v1: ["P-256", "SHA-256"],
  secp384r1: ["P-384", "SHA-384"],
  secp521r1: ["P-521", "SHA-512"],
};

async function importSigningKey(key: KeyObject) {
  const used = signingAlgorithm(key);
  const der = key.export({ type: "pkcs8", format: "der" });
  return { algorithm: used, key: await crypto.subtle.importKey("pkcs8", der, used, false, ["sign"]) };
}

function signingAlgorithm({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject) {
  if (asymmetricKeyType === "rsa") return { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const [namedCurve, hash] = HASH_OF_CURVE[asymmetricKeyDetails?.namedCurve ?? ""] ?? [];
  if (namedCurve && hash) return { name: "ECDSA", namedCurve, hash };
  throw new Error("the private key of an authority must be of RSA, or of ECDSA with P-256, P-384 or P-521");
}

/** The authority's own identifier, where it has one: others may compute theirs in another way. */
async function authorityKeyIdentifier(x509: typeof X509, issuer: X509.X509Certificate) {
  const own = issuer.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId;
  return own
    ? new x509.AuthorityKeyIdentifierExtension(own)
    : x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey);
}

/** Certificates know no parts of seconds. */
const wholeSeconds = (ms: number) => new Date(Math.floor(ms / 1000) * 1000);

const pem = (cert: { toString(format: "pem"): string }) => `${cert.toString("pem")}\n`;

const alternativeName = (host: string) => ({ type: isIP(host) ? "ip" : "dns", value: host }) as const;

const subjectOf = ({ commonName, organizations = [] }: Pick<CertificateRequest, "commonName" | "organizations">) => [
  ...organizations.map((organization) => ({ O: [organization] })),
  { CN: [commonName] },
];

/** 127 random bits: positive, and never twice. */
function serialNumber(random: Random): string {
  const bytes = random.bytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return Buffer.from(bytes).toString("hex");
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const base64 = Buffer.from(await crypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${base64.replace(/.{64}(?=.)/g, "$&\n")}\n-----END PRIVATE KEY-----\n`;
}

export interface CertificateFacts extends Validity {
  readonly commonName: string | undefined;
  readonly organizations: readonly string[];
  /** DNS names and IP addresses. */
  readonly hosts: readonly string[];
}

/** Reads the first certificate of a PEM text. Throws when there is none. */
export function readCertificate(cert: string): CertificateFacts {
  const read = new NodeCertificate(cert);
  const subject = read.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined>;
  return {
    commonName: [subject.CN ?? []].flat()[0],
    organizations: [subject.O ?? []].flat(),
    hosts: (read.subjectAltName ?? "").split(", ").flatMap((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1] ?? []),
    notBeforeMs: Date.parse(read.validFrom),
    notAfterMs: Date.parse(read.validTo),
  };
}

/** Whether the bytes are one certificate in DER. */
export function isCertificate(der: Uint8Array): boolean {
  try {
    return new NodeCertificate(der).raw.length === der.length;
  } catch {
    // The only reason to throw is that they are none.
    return false;
  }
}

/** Whether `authority` signed the certificate. Throws for texts that are no certificates. */
export function isIssuedBy(certificate: string, authority: string): boolean {
  const issuer = new NodeCertificate(authority);
  const read = new NodeCertificate(certificate);
  return read.checkIssued(issuer) && read.verify(issuer.publicKey);
}
