// The cluster's certificates and kubeconfigs, kept under one data directory: made at the first start, found again at
// later ones, and made anew where they no longer fit (another address, another authority, an end in sight).

import { join } from "node:path";
import { buildKubeconfig, connectionOf, parseKubeconfig, renderKubeconfig } from "../client/kubeconfig.ts";
import { createSigningKey } from "../lib/jwt.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import {
  createAuthority,
  isIssuedBy,
  openAuthority,
  readCertificate,
  type CertificateIssuer,
  type CertificateRequest,
  type KeyPair,
} from "../lib/x509.ts";
import { readIfPresent, writePrivateFile } from "./private-file.ts";

/** Calls that ask for the same thing must not overlap. */
export interface Credentials {
  /** PEM of the authority that signs everything here. */
  readonly ca: string;
  /** That authority with its key, for those who sign in its name. */
  readonly authority: KeyPair;
  /** The key pair `pki/NAME.{crt,key}` of a server at these addresses (DNS names or IPs). */
  serverKeys(name: string, identity: Identity & { readonly hosts: readonly string[] }): Promise<KeyPair>;
  /** The key pair `pki/NAME.{crt,key}` of a client. */
  clientKeys(name: string, identity: Identity): Promise<KeyPair>;
  /** PEM of the private key `pki/sa.key` that signs the tokens of service accounts. */
  serviceAccountKey(): Promise<string>;
  /** The kubeconfig at `path` (relative to the data directory) for a client; resolves with its absolute path. */
  kubeconfig(path: string, identity: Identity & { readonly server: string }): Promise<string>;
}

export interface Identity {
  readonly commonName: string;
  readonly organizations?: readonly string[];
}

export interface CredentialsOptions {
  /** The data directory. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
}

const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 365;
/** A certificate that ends sooner is replaced at start. */
const RENEW_DAYS = 60;
/** Clocks of other machines may be a little behind. */
const BACKDATE_MS = 3_600_000;
const CLUSTER_NAME = "gantry";

/** Reads the authority under `pki/`, or makes it. */
export async function openCredentials(options: CredentialsOptions): Promise<Credentials> {
  const authority = await ensureAuthority(options);
  return new StoredCredentials(options, authority);
}

async function ensureAuthority({ directory, clock, random }: CredentialsOptions): Promise<KeyPair> {
  const path = join(directory, "pki/ca");
  const stored = await readKeyPair(path);
  if (stored) return stored;
  const authority = await createAuthority({ commonName: "kubernetes", random, ...validity(clock, AUTHORITY_DAYS) });
  await writeKeyPair(path, authority);
  return authority;
}

const validity = (clock: Clock, days: number) => ({
  notBeforeMs: clock.now() - BACKDATE_MS,
  notAfterMs: clock.now() + days * DAY_MS,
});

class StoredCredentials implements Credentials {
  readonly ca: string;
  private opening: Promise<CertificateIssuer> | undefined;

  constructor(
    private readonly options: CredentialsOptions,
    readonly authority: KeyPair,
  ) {
    this.ca = authority.cert;
  }

  serverKeys(name: string, identity: Identity & { readonly hosts: readonly string[] }): Promise<KeyPair> {
    return this.keys(name, { ...identity, usage: "server" });
  }

  clientKeys(name: string, identity: Identity): Promise<KeyPair> {
    return this.keys(name, { ...identity, usage: "client" });
  }

  async serviceAccountKey(): Promise<string> {
    const path = join(this.options.directory, "pki/sa.key");
    const stored = await readIfPresent(path);
    if (stored) return stored;
    const created = createSigningKey();
    await writePrivateFile(path, created);
    return created;
  }

  async kubeconfig(path: string, { server, ...identity }: Identity & { readonly server: string }): Promise<string> {
    const absolute = join(this.options.directory, path);
    const wanted = { ...identity, usage: "client" } as const;
    if (await this.isFit(absolute, wanted, server)) return absolute;
    const config = buildKubeconfig({
      clusterName: CLUSTER_NAME,
      userName: identity.commonName,
      server,
      ca: this.ca,
      ...(await this.issue(wanted)),
    });
    await writePrivateFile(absolute, renderKubeconfig(config));
    return absolute;
  }

  private async isFit(path: string, wanted: Wanted, server: string): Promise<boolean> {
    const text = await readIfPresent(path);
    if (text === undefined) return false;
    try {
      const { baseUrl, tls } = await connectionOf(parseKubeconfig(text, path), {}, () => Promise.reject(new Error()));
      return baseUrl === server && tls.ca === this.ca && this.isGood(tls.cert ?? "", wanted);
    } catch {
      // Whatever is wrong with it, a new one takes its place.
      return false;
    }
  }

  private async keys(name: string, wanted: Wanted): Promise<KeyPair> {
    const path = join(this.options.directory, "pki", name);
    const stored = await readKeyPair(path);
    if (stored && this.isGood(stored.cert, wanted)) return stored;
    const issued = await this.issue(wanted);
    await writeKeyPair(path, issued);
    return issued;
  }

  private isGood(cert: string, wanted: Wanted): boolean {
    const facts = readCertificate(cert);
    const hosts = new Set(facts.hosts);
    return (
      facts.notAfterMs - this.options.clock.now() > RENEW_DAYS * DAY_MS &&
      facts.commonName === wanted.commonName &&
      facts.organizations.join() === (wanted.organizations ?? []).join() &&
      (wanted.hosts ?? []).every((host) => hosts.has(host)) &&
      isIssuedBy(cert, this.ca)
    );
  }

  private async issue(wanted: Wanted): Promise<KeyPair> {
    const issuer = await (this.opening ??= openAuthority(this.authority, this.options.random));
    return issuer.issue({ ...wanted, ...validity(this.options.clock, CERTIFICATE_DAYS) });
  }
}

type Wanted = Omit<CertificateRequest, "notBeforeMs" | "notAfterMs">;

async function readKeyPair(path: string): Promise<KeyPair | undefined> {
  const [cert, key] = await Promise.all([readIfPresent(`${path}.crt`), readIfPresent(`${path}.key`)]);
  return cert && key ? { cert, key } : undefined;
}

/** The key first: a certificate on disk always has its key. */
async function writeKeyPair(path: string, { cert, key }: KeyPair): Promise<void> {
  await writePrivateFile(`${path}.key`, key);
  await writePrivateFile(`${path}.crt`, cert);
}
