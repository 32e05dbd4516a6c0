import { expect } from "chai";
import { asStored } from "../../testing/builders.ts";
import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { CERTIFICATE, EC_REQUEST, SERVING_REQUEST } from "../../testing/certificate-requests.ts";
import { planSigning, type SigningTerms } from "./plan-signing.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOW_MS = Date.UTC(2026, 0, 1);
const TERMS: SigningTerms = { nowMs: NOW_MS, durationMs: 8760 * HOUR_MS, authorityEndMs: NOW_MS + 1e12 };
const APPROVED = { type: "Approved", status: "True" };

const request = (
  spec: Partial<CertificateSigningRequest["spec"]> = {},
  status: CertificateSigningRequest["status"] = { conditions: [APPROVED] },
): CertificateSigningRequest => ({
  ...asStored<CertificateSigningRequest>({ metadata: { name: "r" }, status }),
  spec: {
    signerName: "kubernetes.io/kube-apiserver-client",
    usages: ["client auth"],
    request: Buffer.from(EC_REQUEST).toString("base64"),
    ...spec,
  },
});

describe("a certificate request", () => {
  const LEFT: readonly [string, CertificateSigningRequest][] = [
    ["that nobody has decided", request({}, {})],
    ["that is denied", request({}, { conditions: [{ type: "Denied", status: "True" }] })],
    ["that is both", request({}, { conditions: [APPROVED, { type: "Denied", status: "True" }] })],
    ["that has failed", request({}, { conditions: [APPROVED, { type: "Failed", status: "True" }] })],
    ["that has its certificate", request({}, { conditions: [APPROVED], certificate: btoa(CERTIFICATE) })],
    ["of another signer", request({ signerName: "example.com/signer" })],
    ["of a signer that only sounds familiar", request({ signerName: "kubernetes.io/kube-apiserver" })],
  ];
  for (const [title, each] of LEFT) {
    it(`${title} is left alone`, () => expect(planSigning(each, TERMS)).to.deep.equal({ kind: "leave" }));
  }

  it("that its signer may not sign fails", () => {
    expect(planSigning(request({ usages: ["server auth"] }), TERMS)).to.deep.equal({
      kind: "fail",
      message: "invalid usage for client certificate: server auth",
    });
    const signerName = "kubernetes.io/kube-apiserver-client-kubelet";
    const asServer = request({ signerName, request: Buffer.from(SERVING_REQUEST).toString("base64") });
    expect(planSigning(asServer, TERMS)).to.have.property("message", "DNS subjectAltNames are not allowed");
  });

  it("is signed for the uses that it names", () => {
    const plan = planSigning(request({ usages: ["digital signature", "key encipherment", "client auth"] }), TERMS);
    expect(plan)
      .to.have.nested.property("certificate.usages")
      .that.deep.equals(["digitalSignature", "keyEncipherment"]);
    expect(plan).to.have.nested.property("certificate.extendedUsages").that.deep.equals(["1.3.6.1.5.5.7.3.2"]);
    expect(plan)
      .to.have.nested.property("certificate.asked.subject.commonName")
      .that.deep.equals(["system:node:example"]);
  });

  it("is not signed by an authority that has expired", () => {
    expect(() => planSigning(request(), { ...TERMS, authorityEndMs: NOW_MS })).to.throw(
      "the certificate of the cluster's authority has expired: 2026-01-01T00:00:00Z",
    );
  });

  const LIVES: readonly [title: string, seconds: number | undefined, terms: Partial<SigningTerms>, lifeMs: number][] = [
    ["a year unless it says", undefined, {}, 8760 * HOUR_MS - 5 * MINUTE_MS],
    ["as long as it says", 86_400, {}, 24 * HOUR_MS - 5 * MINUTE_MS],
    ["all of a short time", 3600, {}, HOUR_MS],
    ["ten minutes at least", 1, {}, 10 * MINUTE_MS],
    ["no longer than signers sign", 2 ** 31 - 1, {}, 8760 * HOUR_MS - 5 * MINUTE_MS],
    ["no longer than signers sign, even if that is very short", 3600, { durationMs: MINUTE_MS }, MINUTE_MS],
    ["no longer than the authority", undefined, { authorityEndMs: NOW_MS + HOUR_MS }, HOUR_MS],
  ];
  for (const [title, expirationSeconds, terms, lifeMs] of LIVES) {
    it(`gets a certificate that is good for ${title}`, () => {
      const plan = planSigning(request({ expirationSeconds }), { ...TERMS, ...terms });
      const certificate = plan.kind === "sign" ? plan.certificate : undefined;
      expect(certificate?.notBeforeMs).to.equal(NOW_MS - 5 * MINUTE_MS);
      expect(certificate?.notAfterMs).to.equal(NOW_MS + lifeMs);
    });
  }
});
