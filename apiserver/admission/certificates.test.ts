import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";
import { CERTIFICATE, EC_REQUEST, MASTERS_REQUEST } from "../../testing/certificate-requests.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const PATH = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const CLIENT = "kubernetes.io/kube-apiserver-client";
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("certificate requests", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start({ authorizationModes: ["RBAC"] });
    const all = { verbs: ["get", "update"], apiGroups: ["certificates.k8s.io"] };
    const parts = ["certificatesigningrequests", "/approval", "/status"].map((part) =>
      part.startsWith("/") ? `certificatesigningrequests${part}` : part,
    );
    await give("all", [{ ...all, resources: parts }], ["jane", "signer", "wide", "other"]);
    const right = (resourceName: string) => ({
      verbs: ["approve", "sign"],
      apiGroups: ["certificates.k8s.io"],
      resources: ["signers"],
      resourceNames: [resourceName],
    });
    await give("signer", [right(CLIENT)], ["signer"]);
    await give("wide", [right("kubernetes.io/*")], ["wide"]);
    await give("other", [right("example.com/*")], ["other"]);
  });
  afterEach(() => api.stop());

  const give = async (name: string, rules: object[], users: readonly string[]) => {
    await api.create(`${RBAC}/clusterroles`, { metadata: { name }, rules });
    await api.create(`${RBAC}/clusterrolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: users.map((user) => ({ kind: "User", name: user })),
    });
  };
  const create = (request: string, signerName = CLIENT) =>
    api.call("POST", PATH, {
      body: { metadata: { name: "r" }, spec: { request: base64(request), signerName, usages: ["client auth"] } },
    });
  const write = async (username: string, part: string, status: object) => {
    const { data } = await api.call("GET", `${PATH}/r`);
    const options = { body: { ...data, status }, user: { username, groups: [] } };
    const answer = await api.call("PUT", `${PATH}/r/${part}`, options);
    return answer.code === 200 ? "done" : answer.data.message;
  };

  const WRITES = [
    ["approval", "approve", { conditions: [{ type: "Approved", status: "True", reason: "Test" }] }],
    ["status", "sign", { certificate: base64(CERTIFICATE) }],
  ] as const;
  for (const [part, verb, status] of WRITES) {
    it(`are written by those who may ${verb} for their signer: ${part}`, async () => {
      expect((await create(EC_REQUEST)).code).to.equal(201);
      const refusal =
        `certificatesigningrequests.certificates.k8s.io "r" is forbidden: ` +
        `user not permitted to ${verb} requests with signerName "${CLIENT}"`;
      expect(await write("jane", part, status)).to.equal(refusal);
      expect(await write("other", part, status)).to.equal(refusal);
      expect(await write("wide", part, status)).to.equal("done");
    });
  }

  it("are marked as failed by those who may sign", async () => {
    await create(EC_REQUEST);
    const failed = { conditions: [{ type: "Failed", status: "True" }] };
    expect(await write("jane", "status", failed)).to.include("user not permitted to sign requests");
    expect(await write("jane", "status", {})).to.equal("done");
    expect(await write("signer", "status", failed)).to.equal("done");
    expect(await write("signer", "approval", WRITES[0][2])).to.include("may not remove a condition");
  });

  it("do not make anybody a master", async () => {
    const { code, data } = await create(MASTERS_REQUEST);
    expect(code).to.equal(403);
    expect(data.message).to.equal(
      `certificatesigningrequests.certificates.k8s.io "r" is forbidden: use of ${CLIENT} signer with system:masters group is not allowed`,
    );
    expect((await create(MASTERS_REQUEST, "example.com/other")).code).to.equal(201);
  });
});
