import { X509Certificate, createPrivateKey } from "node:crypto";
import { expect } from "chai";
import { systemRandom } from "./random.ts";
import { createAuthority, isIssuedBy, openAuthority, readCertificate, type KeyPair } from "./x509.ts";

const validity = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2027, 0, 1) };

describe("certificates", () => {
  const random = systemRandom();
  let authority: KeyPair;
  before(async () => {
    authority = await createAuthority({ commonName: "test-ca", random, ...validity });
  });

  it("of a client carry its name and groups", async () => {
    const issuer = await openAuthority(authority, random);
    const { cert, key } = await issuer.issue({
      commonName: "system:node:n, with a comma",
      organizations: ["system:nodes", "b=c"],
      usage: "client",
      ...validity,
    });
    expect(readCertificate(cert)).to.deep.equal({
      commonName: "system:node:n, with a comma",
      organizations: ["system:nodes", "b=c"],
      hosts: [],
      ...validity,
    });
    expect(new X509Certificate(cert).keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.2"]);
    expect(new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))).to.equal(true);
    expect(isIssuedBy(cert, authority.cert)).to.equal(true);
  });

  it("of a server carry its addresses", async () => {
    const issuer = await openAuthority(authority, random);
    const hosts = ["kubernetes.default.svc", "127.0.0.1", "10.96.0.1"];
    const { cert } = await issuer.issue({ commonName: "kube-apiserver", usage: "server", hosts, ...validity });
    expect(readCertificate(cert).hosts).to.deep.equal(hosts);
    expect(new X509Certificate(cert).keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.1"]);
    expect(new X509Certificate(cert).ca).to.equal(false);
  });

  it("of an authority may sign, and are told apart from others of the same name", async () => {
    const other = await createAuthority({ commonName: "test-ca", random, ...validity });
    expect(new X509Certificate(authority.cert).ca).to.equal(true);
    const { cert } = await (
      await openAuthority(other, random)
    ).issue({ commonName: "x", usage: "client", ...validity });
    expect(isIssuedBy(cert, authority.cert)).to.equal(false);
    expect(isIssuedBy(cert, other.cert)).to.equal(true);
  });

  it("that are none are refused", () => {
    expect(() => readCertificate("nonsense")).to.throw();
  });
});
