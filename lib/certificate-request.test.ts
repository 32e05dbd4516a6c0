import { expect } from "chai";
import {
  CERTIFICATE,
  EC_REQUEST,
  ED25519_REQUEST,
  NAMES_REQUEST,
  ODD_REQUEST,
  PSS_REQUEST,
  RSA_REQUEST,
  SERVING_REQUEST,
} from "../testing/certificate-requests.ts";
import { certificateRequestProblem, readCertificateRequest } from "./certificate-request.ts";
import { pemBlocks } from "./pem.ts";

/** The request with one bit of its last byte changed. */
function tampered(request: string): string {
  const der = Buffer.from(pemBlocks(request)[0]?.der ?? []);
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  return pem(der);
}

const pem = (der: Uint8Array) =>
  `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;

describe("a certificate request", () => {
  it("is signed with the key that it is for", () => {
    for (const request of [EC_REQUEST, RSA_REQUEST, ED25519_REQUEST]) {
      expect(certificateRequestProblem(request)).to.equal(undefined);
    }
  });

  const cases: readonly (readonly [string, string, string])[] = [
    ["nothing", "", "PEM block type must be CERTIFICATE REQUEST"],
    ["a certificate", CERTIFICATE, "PEM block type must be CERTIFICATE REQUEST"],
    ["no DER", pem(Buffer.from("hello")), "asn1: structure error: the data is no certificate request"],
    [
      "an endless length",
      pem(Buffer.from("3084ffffffff", "hex")),
      "asn1: structure error: the data is no certificate request",
    ],
    ["a changed RSA signature", tampered(RSA_REQUEST), "crypto/rsa: verification error"],
    ["a changed ECDSA signature", tampered(EC_REQUEST), "x509: ECDSA verification failure"],
    ["an algorithm that it does not know", PSS_REQUEST, "x509: cannot verify signature: algorithm unimplemented"],
  ];
  for (const [title, text, problem] of cases) {
    it(`is not ${title}`, () => {
      expect(certificateRequestProblem(text)).to.equal(problem);
    });
  }

  it("is refused, and nothing more, at whatever byte it is cut off", () => {
    const der = Buffer.from(pemBlocks(EC_REQUEST)[0]?.der ?? []);
    for (let length = 0; length < der.length; length += 1) {
      expect(certificateRequestProblem(pem(der.subarray(0, length))), String(length)).to.be.a("string");
    }
  });
});

describe("what a certificate request asks for", () => {
  const none = { dns: [], emails: [], addresses: [], uris: [] };

  it("is a name and groups", () => {
    const { subject, names } = readCertificateRequest(EC_REQUEST);
    expect(subject).to.deep.equal({ commonName: ["system:node:example"], organization: ["system:nodes"] });
    expect(names).to.deep.equal(none);
  });

  it("is the last of several names, and all groups", () => {
    expect(readCertificateRequest(ODD_REQUEST).subject).to.deep.equal({
      country: ["DE"],
      commonName: ["#0c0561646d696e"],
      organization: ["b", "a"],
      organizationalUnit: ["unit"],
    });
  });

  it("is names and addresses of servers", () => {
    expect(readCertificateRequest(SERVING_REQUEST).names).to.deep.equal({
      ...none,
      dns: ["example"],
      addresses: ["10.0.0.1", "fd00::1"],
    });
    const { subject, names } = readCertificateRequest(NAMES_REQUEST);
    expect(subject).to.deep.equal({});
    expect(names).to.deep.equal({
      dns: ["*.example.com"],
      emails: ["a@example.com"],
      addresses: ["10.0.0.1"],
      uris: ["spiffe://example.com/a"],
    });
  });

  it("is not known where it is none", () => {
    expect(() => readCertificateRequest(CERTIFICATE)).to.throw("PEM block type must be CERTIFICATE REQUEST");
  });
});
