import { expect } from "chai";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const NODES = "/api/v1/nodes";
const PODS = "/api/v1/namespaces/default/pods";
const user: UserInfo = { username: "system:node:n1", groups: ["system:nodes"] };
const container = { name: "c", image: "i" };

describe("what kubelets are kept from (S10)", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(NODES, { metadata: { name: "n1" } });
  });
  afterEach(() => api.stop());
  const ask = async (method: string, path: string, body: object) => {
    const { code, data } = await api.call(method, path, { body, user });
    return { code, message: data.message };
  };
  const change = async (change: { readonly labels?: object; readonly spec?: object }) => {
    const { labels, spec } = change;
    const node = await api.get(`${NODES}/n1`);
    const metadata = { ...node.metadata, ...(labels && { labels }) };
    return ask("PUT", `${NODES}/n1`, { ...node, metadata, spec: { ...node.spec, ...spec } });
  };

  it("are other nodes", async () => {
    const { code, message } = await ask("POST", NODES, { metadata: { name: "n2" } });
    expect([code, message]).to.deep.equal([403, 'nodes "n2" is forbidden: is not allowed to modify node "n2"']);
  });

  it("are labels that say what only administrators know, and taints", async () => {
    expect(
      (await change({ labels: { "kubernetes.io/hostname": "n1", "node.kubernetes.io/x": "y", own: "z" } })).code,
    ).to.equal(200);
    for (const label of ["node-restriction.kubernetes.io/pci", "node-role.kubernetes.io/control-plane"]) {
      expect(await change({ labels: { [label]: "" } })).to.deep.equal({
        code: 403,
        message: `nodes "n1" is forbidden: is not allowed to modify labels: ${label}`,
      });
    }
    expect((await change({ spec: { taints: [] } })).message).to.equal(
      'nodes "n1" is forbidden: node "n1" is not allowed to modify taints',
    );
  });

  const mirror = { "kubernetes.io/config.mirror": "x" };
  const refusals: readonly [annotations: object, spec: object, detail: string][] = [
    [{}, {}, 'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods'],
    [mirror, { nodeName: "n2" }, 'node "n1" can only create pods with spec.nodeName set to itself'],
    [mirror, { serviceAccountName: "admin" }, 'node "n1" can not create pods that reference a service account'],
    [
      mirror,
      { volumes: [{ name: "v", secret: { secretName: "s" } }] },
      'node "n1" can not create pods that reference secrets',
    ],
    [
      mirror,
      { volumes: [{ name: "v", configMap: { name: "c" } }] },
      'node "n1" can not create pods that reference configmaps',
    ],
    [
      mirror,
      { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "c" } }] },
      'node "n1" can not create pods that reference persistentvolumeclaims',
    ],
  ];
  for (const [annotations, spec, detail] of refusals) {
    it(`are pods where ${detail}`, async () => {
      const pod = { metadata: { name: "p", annotations }, spec: { nodeName: "n1", containers: [container], ...spec } };
      expect(await ask("POST", PODS, pod)).to.deep.equal({ code: 403, message: `pods "p" is forbidden: ${detail}` });
    });
  }

  it("are not the pods that they run from files", async () => {
    const pod = { metadata: { name: "p", annotations: mirror }, spec: { nodeName: "n1", containers: [container] } };
    expect((await ask("POST", PODS, pod)).code).to.equal(201);
  });
});
