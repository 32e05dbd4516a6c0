// X.509: makes certificate authorities and the certificates that components identify themselves with (ECDSA P-256), and
// reads certificates. Making one loads a large library, so callers that find theirs on disk only read.

import { X509Certificate as NodeCertificate, type webcrypto } from "node:crypto";
import { isIP } from "node:net";
import type * as X509 from "@peculiar/x509";
import type { Random } from "./random.ts";

/** PEM texts. The key is PKCS #8. */
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

/** Signs certificates in the name of one authority. */
export interface CertificateIssuer {
  issue(request: CertificateRequest): Promise<KeyPair>;
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

/** The issuer for an authority made by createAuthority, or by another tool with an ECDSA P-256 key. */
export async function openAuthority(authority: KeyPair, random: Random): Promise<CertificateIssuer> {
  const x509 = await x509Library();
  const issuerCert = new x509.X509Certificate(authority.cert);
  const signingKey = await crypto.subtle.importKey(
    "pkcs8",
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ["sign"],
  );
  const authorityKeyId = await x509.AuthorityKeyIdentifierExtension.create(issuerCert.publicKey);
  return {
    async issue(request) {
      const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
      const purpose = request.usage === "client" ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
      const cert = await x509.X509CertificateGenerator.create({
        serialNumber: serialNumber(random),
        subject: subjectOf(request),
        issuer: issuerCert.subjectName.toJSON(),
        notBefore: new Date(request.notBeforeMs),
        notAfter: new Date(request.notAfterMs),
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey as never,
        signingKey: signingKey as never,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([purpose]),
          authorityKeyId,
          ...(request.hosts?.length
            ? [new x509.SubjectAlternativeNameExtension(request.hosts.map(alternativeName))]
            : []),
        ],
      });
      return { cert: pem(cert), key: await exportKey(keys.privateKey) };
    },
  };
}

const pem = (cert: { toString(format: "pem"): string }) => `${cert.toString("pem")}\n`;

const alternativeName = (host: string) => ({ type: isIP(host) ? "ip" : "dns", value: host }) as const;

const subjectOf = ({ commonName, organizations = [] }: CertificateRequest) => [
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
