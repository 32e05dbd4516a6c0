import { X509Certificate } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "chai";
import {
  certificateSigningRequests,
  type CertificateSigningRequest,
} from "../../api/certificates/certificate-signing-request.ts";
import { clusterRoleBindings } from "../../api/rbac/cluster-role-binding.ts";
import { createClient } from "../../client/api-client.ts";
import { inProcessTransport } from "../../client/transport.ts";
import { silentLog, type Log } from "../../lib/log.ts";
import { seededRandom } from "../../lib/random.ts";
import { createAuthority, isIssuedBy, type KeyPair } from "../../lib/x509.ts";
import { EC_REQUEST, SERVING_REQUEST } from "../../testing/certificate-requests.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { certificateApproverController } from "./approver.ts";
import { certificateSignerController } from "./signer.ts";

const KUBELET = "kubernetes.io/kube-apiserver-client-kubelet";
const KUBELET_USAGES = ["digital signature", "client auth"] as const;
const NODE = { username: "system:node:example", groups: ["system:nodes", "system:authenticated"] };
const BOOTSTRAPPER = { username: "system:bootstrap:abc", groups: ["system:bootstrappers", "system:authenticated"] };

describe("certificate requests in a cluster", () => {
  let cluster: TestCluster;
  let authority: KeyPair;
  before(async () => {
    const validity = { notBeforeMs: 0, notAfterMs: Date.UTC(2100, 0, 1) };
    authority = await createAuthority({ commonName: "kubernetes", random: seededRandom(1), ...validity });
  });
  const logged: string[] = [];
  const start = async (clusterSigner?: KeyPair) => {
    logged.length = 0;
    const log: Log = { ...silentLog, info: (message) => void logged.push(message), with: () => log };
    const controllers = [certificateApproverController, certificateSignerController({ clusterSigner })];
    cluster = await TestCluster.start({ controllers, log });
    const makers = { kind: "ClusterRole", apiGroup: "rbac.authorization.k8s.io", name: "system:node-bootstrapper" };
    await bind("makers", makers.name, ["system:nodes", "system:bootstrappers"]);
  };
  afterEach(() => cluster.stop());

  const bind = async (name: string, role: string, groups: readonly string[]) => {
    const subjects = groups.map((group) => ({ kind: "Group", name: group, apiGroup: "rbac.authorization.k8s.io" }));
    const roleRef = { kind: "ClusterRole", apiGroup: "rbac.authorization.k8s.io", name: role };
    await cluster.client.create(clusterRoleBindings, { metadata: { name }, roleRef, subjects });
  };
  const ask = async (user: typeof NODE, spec: Partial<CertificateSigningRequest["spec"]> = {}) => {
    const client = createClient(inProcessTransport(cluster.transport, user));
    const request = Buffer.from(EC_REQUEST).toString("base64");
    await client.create(certificateSigningRequests, {
      metadata: { name: "r" },
      spec: { request, signerName: KUBELET, usages: KUBELET_USAGES, ...spec },
    });
    // Making a certificate takes real time.
    await settleForReal();
  };
  const settleForReal = async () => {
    for (let round = 0; round < 20; round += 1) {
      await cluster.settle();
      await nextTurn();
    }
  };
  const read = () => cluster.get<CertificateSigningRequest>(certificateSigningRequests, "r");
  const approve = async () => {
    const request = await read();
    const conditions = [{ type: "Approved", status: "True", reason: "Test", message: "seen" }];
    await cluster.client.update(
      certificateSigningRequests,
      { ...request, status: { conditions } },
      { subresource: "approval" },
    );
  };
  const certificateOf = async () => {
    for (let round = 0; round < 100; round += 1) {
      const { certificate } = (await read()).status;
      if (certificate) return Buffer.from(certificate, "base64").toString();
      await settleForReal();
    }
    throw new Error("there is no certificate");
  };

  it("of a new node are approved and signed where its maker may have nodes", async () => {
    await start(authority);
    await bind("nodeclient", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", [
      "system:bootstrappers",
    ]);
    await ask(BOOTSTRAPPER);
    const pem = await certificateOf();
    expect((await read()).status.conditions?.[0]).to.include({
      type: "Approved",
      reason: "AutoApproved",
      message: "Auto approving kubelet client certificate after SubjectAccessReview.",
    });
    expect(isIssuedBy(pem, authority.cert)).to.equal(true);
    const certificate = new X509Certificate(pem);
    expect(certificate.subject).to.equal("O=system:nodes\nCN=system:node:example");
    expect(certificate.keyUsage).to.deep.equal(["1.3.6.1.5.5.7.3.2"]);
    expect(certificate.ca).to.equal(false);
  });

  it("of a node for itself are approved by the right to renew", async () => {
    await start(authority);
    await bind("selfnodeclient", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", [
      "system:nodes",
    ]);
    await ask(NODE);
    expect((await read()).status.conditions?.[0]).to.include({
      message: "Auto approving self kubelet client certificate after SubjectAccessReview.",
    });
  });

  it("of one node for another are not approved by the right to renew", async () => {
    await start(authority);
    await bind("selfnodeclient", "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient", [
      "system:nodes",
    ]);
    await ask({ ...NODE, username: "system:node:other" });
    await cluster.step(3_600_000);
    expect((await read()).status).to.deep.equal({});
  });

  it("are approved once the right is there", async () => {
    await start(authority);
    await ask(BOOTSTRAPPER);
    expect((await read()).status).to.deep.equal({});
    await bind("nodeclient", "system:certificates.k8s.io:certificatesigningrequests:nodeclient", [
      "system:bootstrappers",
    ]);
    await cluster.step(1_000_000);
    expect((await read()).status.conditions?.[0]?.reason).to.equal("AutoApproved");
  });

  it("of others wait for a person, and are then signed", async () => {
    await start(authority);
    await ask(NODE, { signerName: "kubernetes.io/kube-apiserver-client", usages: ["client auth"] });
    expect((await read()).status).to.deep.equal({});
    await approve();
    expect(isIssuedBy(await certificateOf(), authority.cert)).to.equal(true);
  });

  it("that must not be signed fail, and say why", async () => {
    await start(authority);
    await ask(NODE, {
      signerName: "kubernetes.io/kubelet-serving",
      usages: ["client auth"],
      request: Buffer.from(SERVING_REQUEST).toString("base64"),
    });
    await approve();
    await settleForReal();
    const { conditions, certificate } = (await read()).status;
    expect(certificate).to.equal(undefined);
    expect(conditions?.[1]).to.include({
      type: "Failed",
      status: "True",
      reason: "SignerValidationFailure",
      message: "usages did not match [digital signature key encipherment server auth]",
    });
  });

  it("are not signed where there is no key", async () => {
    await start();
    await ask(NODE);
    await approve();
    await settleForReal();
    expect((await read()).status).not.to.have.property("certificate");
    const line = "Certificate requests are not signed: there is no key of the cluster's authority";
    expect(logged.filter((each) => each === line)).to.have.length(1);
  });
});
