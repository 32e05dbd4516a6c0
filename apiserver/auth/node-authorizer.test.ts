import { expect } from "chai";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { newTokenKeys } from "../../testing/token-keys.ts";

const NAMESPACE = "/api/v1/namespaces/default";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces";
const kubelet = (node: string): UserInfo => ({ username: `system:node:${node}`, groups: ["system:nodes"] });

describe("what kubelets may do", () => {
  let api: ApiHarness;
  before(async () => {
    api = await ApiHarness.start({ authorizationModes: ["Node", "RBAC"], serviceAccounts: newTokenKeys() });
    for (const name of ["n1", "n2"]) await api.create("/api/v1/nodes", { metadata: { name } });
    for (const name of ["pulled", "variable", "all", "mounted", "projected", "driven", "foreign"]) {
      await api.create(`${NAMESPACE}/secrets`, { metadata: { name } });
      await api.create(`${NAMESPACE}/configmaps`, { metadata: { name } });
    }
    for (const name of ["robot", "other"]) await api.create(`${NAMESPACE}/serviceaccounts`, { metadata: { name } });
    const container = {
      name: "c",
      image: "i",
      env: [
        { name: "A", valueFrom: { secretKeyRef: { name: "variable", key: "k" } } },
        { name: "B", valueFrom: { configMapKeyRef: { name: "variable", key: "k" } } },
      ],
      envFrom: [{ secretRef: { name: "all" } }, { configMapRef: { name: "all" } }],
    };
    const volumes = [
      { name: "a", secret: { secretName: "mounted" } },
      { name: "b", configMap: { name: "mounted" } },
      { name: "c", projected: { sources: [{ secret: { name: "projected" } }, { configMap: { name: "projected" } }] } },
      { name: "d", csi: { driver: "d", nodePublishSecretRef: { name: "driven" } } },
    ];
    const imagePullSecrets = [{ name: "pulled" }];
    const spec = { nodeName: "n1", serviceAccountName: "robot", containers: [container], volumes, imagePullSecrets };
    await api.create(`${NAMESPACE}/pods`, { metadata: { name: "p" }, spec });
  });
  after(() => api.stop());
  const ask = (method: string, path: string, options: { readonly user?: UserInfo; readonly body?: object } = {}) =>
    api.call(method, path, { user: kubelet("n1"), ...options });
  const codeOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).code;

  for (const name of ["pulled", "variable", "all", "mounted", "projected", "driven"]) {
    it(`read the secret that a pod of theirs has ${name}, and no others do`, async () => {
      const path = `${NAMESPACE}/secrets/${name}`;
      expect([await codeOf("GET", path), await codeOf("GET", path, { user: kubelet("n2") })]).to.deep.equal([200, 403]);
    });
  }

  for (const name of ["variable", "all", "mounted", "projected"]) {
    it(`read the config map that a pod of theirs has ${name}, and follow it`, async () => {
      expect(await codeOf("GET", `${NAMESPACE}/configmaps/${name}`)).to.equal(200);
      expect(await codeOf("GET", `${NAMESPACE}/configmaps?fieldSelector=metadata.name%3D${name}`)).to.equal(200);
    });
  }

  it("read nothing that no pod of theirs refers to (S10)", async () => {
    const { code, data } = await ask("GET", `${NAMESPACE}/secrets/foreign`);
    expect([code, data.message]).to.deep.equal([
      403,
      `secrets "foreign" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'n1' and this object`,
    ]);
    for (const path of [`${NAMESPACE}/secrets`, "/api/v1/secrets", `${NAMESPACE}/configmaps`, "/api/v1/nodes"]) {
      expect(await codeOf("GET", path), path).to.equal(403);
    }
  });

  it("get tokens for their pods only (S10)", async () => {
    const token = (name: string) => `${NAMESPACE}/serviceaccounts/${name}/token`;
    const { uid } = (await api.get(`${NAMESPACE}/pods/p`)).metadata;
    const bound = (ref: object) => ({ spec: { boundObjectRef: { kind: "Pod", apiVersion: "v1", name: "p", ...ref } } });
    const body = bound({ uid });
    expect(await codeOf("POST", token("robot"), { body })).to.equal(201);
    expect(await codeOf("POST", token("other"), { body })).to.equal(403);
    expect(await codeOf("POST", token("robot"), { body, user: kubelet("n2") })).to.equal(403);
    for (const [loose, problem] of [
      [{}, "node requested token not bound to a pod"],
      [bound({}), "node requested token with a pod binding without a uid"],
    ] as const) {
      const { code, data } = await ask("POST", token("robot"), { body: loose });
      expect([code, data.message]).to.deep.equal([403, `serviceaccounts "robot" is forbidden: ${problem}`]);
    }
  });

  it("keep their own node and lease, and nobody else's (S10)", async () => {
    const lease = (namespace: string, name: string) => `${LEASES}/${namespace}/leases/${name}`;
    expect(await codeOf("GET", "/api/v1/nodes/n1")).to.equal(200);
    for (const [method, path] of [
      ["GET", "/api/v1/nodes/n2"],
      ["PUT", "/api/v1/nodes/n2/status"],
      ["DELETE", "/api/v1/nodes/n1"],
      ["PUT", lease("kube-node-lease", "n2")],
      ["PUT", lease("kube-system", "n1")],
    ] as const) {
      expect(await codeOf(method, path, { body: {} }), `${method} ${path}`).to.equal(403);
    }
    expect(await codeOf("GET", lease("kube-node-lease", "n1"))).to.equal(404);
  });

  it("report on their own pods, and nobody else's (S10)", async () => {
    const status = `${NAMESPACE}/pods/p/status`;
    const pod = await api.get(`${NAMESPACE}/pods/p`);
    expect(await codeOf("PUT", status, { body: pod })).to.equal(200);
    expect(await codeOf("PUT", status, { body: pod, user: kubelet("n2") })).to.equal(403);
    expect(await codeOf("DELETE", `${NAMESPACE}/pods/p`, { user: kubelet("n2") })).to.equal(403);
    expect(await codeOf("PUT", `${NAMESPACE}/pods/p`, { body: pod })).to.equal(403);
  });

  it("list and watch the pods that they say run on them, and no others", async () => {
    const list = (selector: string) => `/api/v1/pods?fieldSelector=${encodeURIComponent(selector)}`;
    expect(await codeOf("GET", list("spec.nodeName=n1"))).to.equal(200);
    expect(await codeOf("GET", list("status.phase=Running,spec.nodeName=n1"))).to.equal(200);
    for (const path of ["/api/v1/pods", list("spec.nodeName=n2"), list("spec.nodeName!=n1"), `${NAMESPACE}/pods`]) {
      const { code, data } = await ask("GET", path);
      expect([code, data.message?.split(": ").at(-1)], path).to.deep.equal([
        403,
        "can only list/watch pods with spec.nodeName field selector",
      ]);
    }
    const review = (fieldSelector: object) => ({
      spec: {
        user: "system:node:n1",
        groups: ["system:nodes"],
        resourceAttributes: { verb: "list", resource: "pods", fieldSelector },
      },
    });
    const allows = async (fieldSelector: object) => {
      const path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
      return (await api.call("POST", path, { body: review(fieldSelector) })).data.status;
    };
    const requirement = { key: "spec.nodeName", operator: "In", values: ["n1"] };
    expect(await allows({ requirements: [requirement] })).to.deep.include({ allowed: true });
    expect(await allows({ rawSelector: "spec.nodeName=n1" })).to.deep.include({ allowed: true });
    expect(await allows({ requirements: [{ ...requirement, values: ["n2"] }] })).to.deep.include({ allowed: false });
  });

  it("see the slices of resources that are on them", async () => {
    const slices = "/apis/resource.k8s.io/v1beta1/resourceslices";
    for (const nodeName of ["n1", "n2"]) {
      const pool = { name: nodeName, generation: 1, resourceSliceCount: 1 };
      await api.create(slices, { metadata: { name: nodeName }, spec: { driver: "d.example", nodeName, pool } });
    }
    expect([await codeOf("GET", `${slices}/n1`), await codeOf("GET", `${slices}/n2`)]).to.deep.equal([200, 403]);
    expect(await codeOf("GET", slices)).to.equal(403);
    expect(await codeOf("GET", `${slices}?fieldSelector=spec.nodeName%3Dn1`)).to.equal(200);
  });

  it("are for nobody who only has such a name", async () => {
    const user = { username: "system:node:n1", groups: [] };
    expect(await codeOf("GET", `${NAMESPACE}/secrets/mounted`, { user })).to.equal(403);
  });
});
