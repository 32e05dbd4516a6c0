import { expect } from "chai";
import { MASTERS_REQUEST, SERVING_REQUEST } from "../../testing/certificate-requests.ts";
import { certificateRequestDescriber } from "./certificate-request.ts";

const object = (request: string, spec: object = {}, status: object = {}) => ({
  apiVersion: "certificates.k8s.io/v1",
  kind: "CertificateSigningRequest",
  metadata: { name: "r", labels: { a: "b", c: "d" } },
  spec: { request: Buffer.from(request).toString("base64"), username: "jane", signerName: "example.com/s", ...spec },
  status,
});
const describeRequest = (subject: ReturnType<typeof object>) =>
  certificateRequestDescriber.describe({ object: subject, events: [], related: {}, nowMs: 0 }).slice(0, -1);

describe("the description of a certificate request", () => {
  it("tells who asks, for whom, and what became of it", () => {
    const conditions = [{ type: "Approved", status: "True" }];
    expect(describeRequest(object(MASTERS_REQUEST, { expirationSeconds: 7200 }, { conditions }))).to.deep.equal([
      "Name:\tr",
      "Labels:\ta=b,c=d",
      "Annotations:\t<none>",
      "CreationTimestamp:\t<unset>",
      "Requesting User:\tjane",
      "Signer:\texample.com/s",
      "Requested Duration:\t120m",
      "Status:\tApproved",
      "Subject:",
      "\tCommon Name:\teve",
      "\tSerial Number:\t",
      "\tOrganization:\tdevelopers",
      "\t\tsystem:masters",
    ]);
  });

  it("tells for which names and addresses it is", () => {
    const lines = describeRequest(object(SERVING_REQUEST));
    expect(lines).to.include("Status:\tPending");
    expect(lines.slice(lines.indexOf("Subject Alternative Names:"))).to.deep.equal([
      "Subject Alternative Names:",
      "\tDNS Names:\texample",
      "\tIP Addresses:\t10.0.0.1",
      "\t\tfd00::1",
    ]);
  });

  it("says what is wrong with a request that cannot be read", () => {
    expect(describeRequest(object("nothing")).at(-1)).to.equal(
      "Subject:\t<unknown>: PEM block type must be CERTIFICATE REQUEST",
    );
  });
});
