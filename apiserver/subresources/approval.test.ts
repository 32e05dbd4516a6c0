import { expect } from "chai";
import type { CertificateSigningRequest } from "../../api/certificates/certificate-signing-request.ts";
import { CERTIFICATE, EC_REQUEST } from "../../testing/certificate-requests.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const base64 = (text: string) => Buffer.from(text).toString("base64");
const request = {
  metadata: { name: "jane" },
  spec: {
    request: base64(EC_REQUEST),
    usages: ["client auth"],
    signerName: "kubernetes.io/kube-apiserver-client",
    username: "root",
  },
};
const approved = { type: "Approved", status: "True", reason: "Test", message: "seen" };
const user = { username: "jane", uid: "7", groups: ["developers", "system:authenticated"], extra: { a: ["b"] } };

describe("a certificate request", () => {
  let api: ApiHarness;
  let created: CertificateSigningRequest;
  beforeEach(async () => {
    api = await ApiHarness.start();
    const { code, data } = await api.call("POST", PATH, { body: request, user });
    expect(code, JSON.stringify(data)).to.equal(201);
    created = data as unknown as CertificateSigningRequest;
  });
  afterEach(() => api.stop());

  it("carries the name of who made it, whatever that one says", () => {
    expect(created.spec).to.deep.include(user);
    expect(created.status).to.deep.equal({});
  });

  it("is approved by the subresource, and issued by the status", async () => {
    const decided = { ...created, status: { conditions: [approved] } };
    const direct = await api.call("PUT", `${PATH}/jane/status`, { body: decided });
    expect(direct.data.message).to.contain('updates may not add a condition of type "Approved"');
    const approval = await api.call("PUT", `${PATH}/jane/approval`, { body: decided });
    expect(approval.code).to.equal(200);
    const status = approval.data.status as CertificateSigningRequest["status"];
    expect(status.conditions?.[0]).to.deep.include(approved);
    expect(status.conditions?.[0]?.lastUpdateTime).to.be.a("string");
    const issued = await api.call("PATCH", `${PATH}/jane/status`, {
      body: { status: { certificate: base64(CERTIFICATE) } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    expect(issued.data.status).to.deep.equal({ ...status, certificate: base64(CERTIFICATE) });
    expect(await api.get(`${PATH}/jane/approval`)).to.have.nested.property("metadata.name", "jane");
  });

  it("may be denied with a patch, but not after it was approved", async () => {
    const patch = (body: object) =>
      api.call("PATCH", `${PATH}/jane/approval`, {
        body,
        headers: { "content-type": "application/merge-patch+json" },
      });
    const denied = { ...approved, type: "Denied" };
    expect((await patch({ status: { conditions: [denied] } })).code).to.equal(200);
    const both = await patch({ status: { conditions: [denied, approved] } });
    expect(both.code).to.equal(422);
    expect(both.data.message).to.contain("Approved and Denied conditions are mutually exclusive");
  });

  it("is found by its signer", async () => {
    const { data } = await api.call("GET", `${PATH}?fieldSelector=spec.signerName=example.com/other`);
    expect(data.items).to.deep.equal([]);
  });
});
