import { expect } from "chai";
import { CERTIFICATE, EC_REQUEST, ED25519_REQUEST, PSS_REQUEST, RSA_REQUEST } from "../testing/certificate-requests.ts";
import { certificateRequestProblem } from "./certificate-request.ts";
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
