import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";

describe("updating an object", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(PATH, { metadata: { name: "a" }, data: { n: "0" } });
  });
  afterEach(() => api.stop());
  const put = (metadata: object, data: object = { n: "1" }) =>
    api.call("PUT", `${PATH}/a`, { body: { metadata, data } });

  it("replaces it and keeps who it is", async () => {
    const before = await api.get(`${PATH}/a`);
    const { code, data } = await put({ name: "a", labels: { x: "y" } });
    expect(code).to.equal(200);
    expect(data.metadata).to.include({
      uid: before.metadata.uid,
      creationTimestamp: before.metadata.creationTimestamp,
    });
    expect(Number(data.metadata.resourceVersion)).to.be.greaterThan(Number(before.metadata.resourceVersion));
    expect(data).to.deep.include({ data: { n: "1" } });
  });

  it("refuses to replace another version than the one that the client has seen", async () => {
    const { metadata } = await api.get(`${PATH}/a`);
    expect((await put(metadata)).code).to.equal(200);
    const { code, data } = await put(metadata, { n: "2" });
    expect(code).to.equal(409);
    expect(data.message).to.equal(
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
  });

  it("lets one of many through who have all seen the same version", async () => {
    const { metadata } = await api.get(`${PATH}/a`);
    const replies = await Promise.all([1, 2, 3, 4, 5].map((n) => put(metadata, { n: `n${n}` })));
    expect(replies.map(({ code }) => code).sort()).to.deep.equal([200, 409, 409, 409, 409]);
  });

  it("lets everybody through who names no version", async () => {
    const replies = await Promise.all([1, 2, 3, 4, 5].map((n) => put({ name: "a" }, { n: `n${n}` })));
    expect(replies.map(({ code }) => code)).to.deep.equal([200, 200, 200, 200, 200]);
  });

  it("writes nothing when nothing changes", async () => {
    const before = await api.get(`${PATH}/a`);
    const revision = await api.store.revision();
    const { code, data } = await put(before.metadata, { n: "0" });
    expect(code).to.equal(200);
    expect(data).to.deep.equal(before);
    expect(await api.store.revision()).to.equal(revision);
  });

  const refusals: [title: string, metadata: object, code: number, message: string][] = [
    ["another name", { name: "b" }, 400, "the name of the object (b) does not match the name on the URL (a)"],
    ["another uid", { name: "a", uid: "other" }, 409, "Precondition failed: UID in precondition: other"],
    ["another creation time", { name: "a", creationTimestamp: "2000-01-01T00:00:00Z" }, 422, "field is immutable"],
  ];
  for (const [title, metadata, code, message] of refusals) {
    it(`refuses ${title}`, async () => {
      const reply = await put(metadata);
      expect(reply.code).to.equal(code);
      expect(reply.data.message).to.contain(message);
    });
  }

  it("creates nothing, except for the kinds where Kubernetes does", async () => {
    const missing = await api.call("PUT", `${PATH}/b`, { body: { metadata: { name: "b" } } });
    expect(missing.code).to.equal(404);
    const lease = { metadata: { name: "l" }, spec: { holderIdentity: "me" } };
    const created = await api.call("PUT", `${LEASES}/l`, { body: lease });
    expect(created.code).to.equal(201);
    const again = await api.call("PUT", `${LEASES}/l`, { body: lease });
    expect(again.data.message).to.contain(
      "metadata.resourceVersion: Invalid value: 0: must be specified for an update",
    );
  });

  it("changes the status through its subresource only, and nothing else there", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments";
    const template = { metadata: { labels: { app: "w" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    const spec = { replicas: 2, selector: { matchLabels: { app: "w" } }, template };
    const created = await api.create(path, { metadata: { name: "w" }, spec, status: { replicas: 9 } });
    expect(created.status).to.not.have.property("replicas");
    const status = { replicas: 1, observedGeneration: 1 };
    const body = { ...created, spec: { ...spec, replicas: 7 }, status };
    const { data } = await api.call("PUT", `${path}/w/status`, { body });
    expect(data.status).to.include(status);
    expect(data).to.have.nested.property("spec.replicas", 2);
    expect(data.metadata.generation).to.equal(1);
    const scaled = await api.call("PUT", `${path}/w`, {
      body: { ...data, spec: { ...spec, replicas: 3 }, status: {} },
    });
    expect(scaled.data.metadata.generation).to.equal(2);
    expect(scaled.data.status).to.include(status);
  });

  it("scales workloads through one shape", async () => {
    const path = "/apis/apps/v1/namespaces/default/deployments";
    const template = { metadata: { labels: { app: "w" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    await api.create(path, { metadata: { name: "w" }, spec: { selector: { matchLabels: { app: "w" } }, template } });
    const scale = await api.get(`${path}/w/scale`);
    expect(scale).to.deep.include({
      kind: "Scale",
      apiVersion: "autoscaling/v1",
      spec: { replicas: 1 },
      status: { replicas: 0, selector: "app=w" },
    });
    const { code, data } = await api.call("PUT", `${path}/w/scale`, { body: { ...scale, spec: { replicas: 4 } } });
    expect([code, data.spec]).to.deep.equal([200, { replicas: 4 }]);
    expect(await api.get(`${path}/w`)).to.have.nested.property("spec.replicas", 4);
    const stale = await api.call("PUT", `${path}/w/scale`, { body: { ...scale, spec: { replicas: 5 } } });
    expect(stale.code).to.equal(409);
    const negative = await api.call("PUT", `${path}/w/scale`, { body: { ...data, spec: { replicas: -1 } } });
    expect(negative.code).to.equal(422);
  });
});
