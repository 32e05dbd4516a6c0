import { expect } from "chai";
import { certificateSigningRequests } from "../../api/certificates/certificate-signing-request.ts";
import { EC_REQUEST } from "../../testing/certificate-requests.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { KctlProgress } from "../../testing/kctl-progress.ts";
import type { Kctl } from "../../testing/kctl.ts";

describe("kctl certificate", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  beforeEach(async () => {
    cluster = await TestCluster.start();
    kctl = new KctlProgress(cluster).kctl;
    for (const name of ["jane", "joe"]) {
      const request = Buffer.from(EC_REQUEST).toString("base64");
      const spec = { request, signerName: "example.com/signer", usages: ["client auth"] as const };
      await cluster.client.create(certificateSigningRequests, { metadata: { name }, spec });
    }
  });
  afterEach(() => cluster.stop());

  const conditions = async (name: string) =>
    ((await cluster.get(certificateSigningRequests, name)).status.conditions ?? []).map(
      ({ type, status, reason, message }) => [type, status, reason, message],
    );
  const said = (word: string, ...names: readonly string[]) =>
    names.map((name) => `certificatesigningrequest.certificates.k8s.io/${name} ${word}\n`).join("");

  it("approves what is named, once", async () => {
    const approve = () => kctl.run("certificate", "approve", "jane", "joe");
    expect(await approve()).to.deep.equal({ code: 0, stdout: said("approved", "jane", "joe"), stderr: "" });
    expect(await conditions("joe")).to.deep.equal([
      ["Approved", "True", "KubectlApprove", "This CSR was approved by kubectl certificate approve."],
    ]);
    expect((await approve()).stdout).to.equal(said("approved", "jane", "joe"));
    expect(await conditions("jane")).to.have.length(1);
  });

  it("denies, and does not approve afterwards", async () => {
    expect((await kctl.run("certificate", "deny", "jane")).stdout).to.equal(said("denied", "jane"));
    expect(await conditions("jane")).to.deep.equal([
      ["Denied", "True", "KubectlDeny", "This CSR was denied by kubectl certificate deny."],
    ]);
    const { code, stdout, stderr } = await kctl.run("certificate", "approve", "jane", "joe");
    expect(code).to.equal(1);
    expect(stdout).to.equal(said("approved", "joe"));
    expect(stderr).to.equal('error: certificate signing request "jane" is already Denied\n');
  });

  it("wants a name", async () => {
    const { code, stderr } = await kctl.run("certificate", "approve");
    expect(code).to.equal(1);
    expect(stderr).to.equal("error: one or more CSRs must be specified as <name> or -f <filename>\n");
  });
});
