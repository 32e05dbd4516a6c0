import { X509Certificate, createPrivateKey, generateKeyPairSync } from "node:crypto";
import { expect } from "chai";
import { ED25519_REQUEST, NAMES_REQUEST, ODD_REQUEST, RSA_REQUEST } from "../testing/certificate-requests.ts";
import { RSA_AUTHORITY } from "../testing/rsa-authority.ts";
import { readCertificateRequest } from "./certificate-request.ts";
import { systemRandom } from "./random.ts";
import {
  createAuthority,
  createCertificateRequest,
  isIssuedBy,
  openAuthority,
  readCertificate,
  type KeyPair,
} from "./x509.ts";

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

  it("are signed for what others ask, and for nothing that they only would like", async () => {
    const issuer = await openAuthority(authority, random);
    const uses = { usages: ["digitalSignature", "keyEncipherment"], extendedUsages: ["1.3.6.1.5.5.7.3.2"] } as const;
    const sign = async (request: string) =>
      new X509Certificate(
        await issuer.sign({ asked: readCertificateRequest(request), ...uses, ...validity, notAfterMs: 4e12 + 1 }),
      );
    const odd = await sign(ODD_REQUEST);
    expect(odd.subject).to.equal("C=DE\nO=b\nO=a\nOU=unit\nCN=\\#0c0561646d696e");
    expect(odd.subjectAltName).to.equal(undefined);
    expect(odd.keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.2"]);
    const named = await sign(NAMES_REQUEST);
    expect(named.ca).to.equal(false);
    expect(named.subjectAltName).to.equal(
      "DNS:*.example.com, email:a@example.com, IP Address:10.0.0.1, URI:spiffe://example.com/a",
    );
    expect(Date.parse(named.validTo)).to.equal(4e12);
    for (const request of [ED25519_REQUEST, RSA_REQUEST]) {
      const certificate = await sign(request);
      const { publicKey } = readCertificateRequest(request);
      expect(certificate.publicKey.export({ type: "spki", format: "der" })).to.deep.equal(publicKey);
      expect(certificate.verify(new X509Certificate(authority.cert).publicKey)).to.equal(true);
    }
  });

  it("are signed by authorities that other tools have made", async () => {
    const issuer = await openAuthority(RSA_AUTHORITY, random);
    const { cert } = await issuer.issue({ commonName: "x", usage: "client", ...validity });
    expect(isIssuedBy(cert, RSA_AUTHORITY.cert)).to.equal(true);
  });

  it("are not signed with a key of somebody else, or of a sort that cannot", async () => {
    const pemOf = (type: "ec" | "ed25519") =>
      (type === "ec" ? generateKeyPairSync("ec", { namedCurve: "P-256" }) : generateKeyPairSync("ed25519")).privateKey
        .export({ type: "pkcs8", format: "pem" })
        .toString();
    const open = (key: string) =>
      openAuthority({ ...authority, key }, random).then(
        () => "opened",
        (error: unknown) => (error as Error).message,
      );
    expect(await open(pemOf("ec"))).to.equal("the private key does not belong to the certificate");
    expect(await open(pemOf("ed25519"))).to.equal("the private key does not belong to the certificate");
    expect(await open("nonsense")).to.not.equal("opened");
  });

  it("that are none are refused", () => {
    expect(() => readCertificate("nonsense")).to.throw();
  });

  it("are asked for with the names that they are to have", async () => {
    const { request, key } = await createCertificateRequest({
      commonName: "system:node:n1",
      organizations: ["system:nodes"],
      hosts: ["n1", "192.168.0.1"],
    });
    const { subject, names } = readCertificateRequest(request);
    expect(subject).to.deep.include({ commonName: ["system:node:n1"], organization: ["system:nodes"] });
    expect(names).to.deep.include({ dns: ["n1"], addresses: ["192.168.0.1"] });
    expect(createPrivateKey(key).asymmetricKeyType).to.equal("ec");
  });
});
