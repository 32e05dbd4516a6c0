// Certificates for tests that need real TLS: one authority, a server on loopback, clients under names of the test's choice.

import { systemRandom } from "../lib/random.ts";
import { createAuthority, openAuthority, type CertificateRequest, type KeyPair } from "../lib/x509.ts";

export interface TestAuthority {
  /** PEM. */
  readonly ca: string;
  server(): Promise<KeyPair>;
  client(
    commonName: string,
    organizations?: readonly string[],
    validity?: Partial<CertificateRequest>,
  ): Promise<KeyPair>;
}

/** Valid from a day ago until a day from `nowMs`. */
export async function createTestAuthority(nowMs: number): Promise<TestAuthority> {
  const random = systemRandom();
  const validity = { notBeforeMs: nowMs - 86_400_000, notAfterMs: nowMs + 86_400_000 };
  const authority = await createAuthority({ commonName: "test-ca", random, ...validity });
  const issuer = await openAuthority(authority, random);
  return {
    ca: authority.cert,
    server: () =>
      issuer.issue({ commonName: "server", usage: "server", hosts: ["127.0.0.1", "localhost"], ...validity }),
    client: (commonName, organizations = [], own = {}) =>
      issuer.issue({ commonName, organizations, usage: "client", ...validity, ...own }),
  };
}
