import { expect } from "chai";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const NODES = "/api/v1/nodes";
const PODS = "/api/v1/namespaces/default/pods";
const user: UserInfo = { username: "system:node:n1", groups: ["system:nodes"] };
const container = { name: "c", image: "i" };
const LEASES = (namespace: string) => `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
const CSI_NODES = "/apis/storage.k8s.io/v1/csinodes";
const SLICES = "/apis/resource.k8s.io/v1beta1/resourceslices";
const sliceOn = (nodeName: string) => ({
  driver: "d.example",
  nodeName,
  pool: { name: "p", generation: 1, resourceSliceCount: 1 },
});

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
    expect([code, message]).to.deep.equal([
      403,
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    ]);
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
  it("are the pools of a cluster, which a node can neither join nor leave by itself", async () => {
    const labels = { "scheduling.kctl.dev/pool": "secret" };
    const joining = await change({ labels });
    expect([joining.code, joining.message]).to.deep.equal([
      403,
      'nodes "n1" is forbidden: is not allowed to modify labels: scheduling.kctl.dev/pool',
    ]);
    await api.call("DELETE", `${NODES}/n1`);
    await api.call("DELETE", `${NODES}/n1`);
    const coming = await ask("POST", NODES, { metadata: { name: "n1", labels } });
    expect([coming.code, coming.message]).to.deep.equal([
      403,
      'nodes "n1" is forbidden: node "n1" is not allowed to set the following labels: scheduling.kctl.dev/pool',
    ]);
  });

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
  const ownerOf = async (change: object = {}) => {
    const { uid } = (await api.get(`${NODES}/n1`)).metadata;
    return { apiVersion: "v1", kind: "Node", name: "n1", uid, controller: true, ...change };
  };
  for (const [annotations, spec, detail] of refusals) {
    it(`are pods where ${detail}`, async () => {
      const metadata = { name: "p", annotations, ownerReferences: [await ownerOf()] };
      const pod = { metadata, spec: { nodeName: "n1", containers: [container], ...spec } };
      expect(await ask("POST", PODS, pod)).to.deep.equal({ code: 403, message: `pods "p" is forbidden: ${detail}` });
    });
  }

  const createOwned = async (...owners: readonly object[]) => {
    const ownerReferences = await Promise.all(owners.map(ownerOf));
    const metadata = { name: "p", annotations: mirror, ownerReferences };
    return ask("POST", PODS, { metadata, spec: { nodeName: "n1", containers: [container] } });
  };
  const owners: readonly [owners: readonly object[], detail: string][] = [
    [[{}, { name: "n2" }], 'node "n1" can only create pods with a single owner reference set to itself'],
    [[], 'node "n1" can only create pods with an owner reference set to itself'],
    [[{ name: "n2" }], 'node "n1" can only create pods with an owner reference set to itself'],
    [[{ controller: false }], 'node "n1" can only create pods with a controller owner reference set to itself'],
    [[{ blockOwnerDeletion: true }], 'node "n1" must not set blockOwnerDeletion on an owner reference'],
  ];
  for (const [given, detail] of owners) {
    it(`are pods of others: ${detail}`, async () => {
      expect(await createOwned(...given)).to.deep.equal({ code: 403, message: `pods "p" is forbidden: ${detail}` });
    });
  }

  it("are pods of a node that had the same name before", async () => {
    expect((await createOwned({ uid: "old" })).message).to.match(/node n1 UID mismatch: expected old got /);
  });

  it("are not the pods that they run from files", async () => {
    expect((await createOwned({})).code).to.equal(201);
  });

  describe("of pods that run elsewhere", () => {
    const path = `${PODS}/foreign`;
    beforeEach(() => api.create(PODS, { metadata: { name: "foreign" }, spec: { containers: [container] } }));
    const forbidden = (detail: string) => ({ code: 403, message: `pods "foreign" is forbidden: ${detail}` });

    it("is their deletion", async () => {
      const detail = 'node "n1" can only delete pods with spec.nodeName set to itself';
      expect(await ask("DELETE", path, {})).to.deep.equal(forbidden(detail));
    });

    it("is their eviction", async () => {
      const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: "foreign" } };
      const detail = "node n1 can only evict pods with spec.nodeName set to itself";
      expect(await ask("POST", `${path}/eviction`, eviction)).to.deep.equal(forbidden(detail));
    });

    it("is their status", async () => {
      const detail = 'node "n1" can only update pod status for pods with spec.nodeName set to itself';
      expect(await ask("PUT", `${path}/status`, await api.get(path))).to.deep.equal(forbidden(detail));
    });
  });

  it("are the labels of their own pods", async () => {
    await api.create(PODS, { metadata: { name: "own" }, spec: { nodeName: "n1", containers: [container] } });
    const pod = await api.get(`${PODS}/own`);
    const labelled = { ...pod, metadata: { ...pod.metadata, labels: { a: "b" } } };
    expect(await ask("PUT", `${PODS}/own/status`, labelled)).to.deep.equal({
      code: 403,
      message: 'pods "own" is forbidden: node "n1" cannot update labels through pod status',
    });
    expect((await ask("PUT", `${PODS}/own/status`, pod)).code).to.equal(200);
    expect((await ask("PUT", `${PODS}/own`, pod)).message).to.equal(
      'pods "own" is forbidden: unexpected operation "UPDATE", node "n1" can only create and delete mirror pods',
    );
  });

  const named: readonly [path: string, name: string, spec: object, detail: string | undefined][] = [
    [LEASES("kube-node-lease"), "n1", {}, undefined],
    [LEASES("kube-node-lease"), "n2", {}, "can only access node lease with the same name as the requesting node"],
    [LEASES("default"), "n1", {}, 'can only access leases in the "kube-node-lease" system namespace'],
    [CSI_NODES, "n1", { drivers: [] }, undefined],
    [CSI_NODES, "n2", { drivers: [] }, "can only access CSINode with the same name as the requesting node"],
    [SLICES, "s", sliceOn("n1"), undefined],
    [SLICES, "s", sliceOn("n2"), "can only create ResourceSlice with the same NodeName as the requesting node"],
  ];
  for (const [path, name, spec, detail = "nothing"] of named) {
    it(`are objects for other nodes: ${detail} is said of ${name} in ${path.split("/").at(-2)}`, async () => {
      const { code, message = "" } = await ask("POST", path, { metadata: { name }, spec });
      if (detail === "nothing") expect(code, message).to.equal(201);
      else expect([code, message.slice(message.indexOf("forbidden: ") + 11)]).to.deep.equal([403, detail]);
    });
  }
});
