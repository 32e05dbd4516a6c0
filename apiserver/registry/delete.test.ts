import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});

describe("deleting an object", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());
  const codeOf = async (path: string) => (await api.call("GET", path)).code;

  it("removes it and says which it was", async () => {
    const { metadata } = await api.create(PATH, { metadata: { name: "a" } });
    const { code, data } = await api.call("DELETE", `${PATH}/a`);
    expect(code).to.equal(200);
    expect(data).to.deep.equal({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Success",
      details: { name: "a", kind: "configmaps", uid: metadata.uid },
    });
    expect((await api.call("DELETE", `${PATH}/a`)).code).to.equal(404);
  });

  it("waits for the last finalizer", async () => {
    const metadata = { name: "a", finalizers: ["example.com/x"] };
    await api.create(PATH, { metadata });
    const { code, data } = await api.call("DELETE", `${PATH}/a`);
    expect(code).to.equal(200);
    expect(data.metadata).to.include({ deletionTimestamp: "2026-01-01T00:00:00Z", deletionGracePeriodSeconds: 0 });
    const more = await api.call("PUT", `${PATH}/a`, {
      body: { metadata: { name: "a", finalizers: ["example.com/x", "b/c"] } },
    });
    expect(more.data.message).to.contain(
      'no new finalizers can be added if the object is being deleted, found new finalizers []string{"b/c"}',
    );
    await api.call("PUT", `${PATH}/a`, { body: { metadata: { name: "a" } } });
    expect(await codeOf(`${PATH}/a`)).to.equal(404);
  });

  const policies: [policy: string, finalizers: string[] | undefined][] = [
    ["Foreground", ["foregroundDeletion"]],
    ["Orphan", ["orphan"]],
  ];
  for (const [propagationPolicy, finalizers] of policies) {
    it(`leaves the dependents to the garbage collector with policy ${propagationPolicy}`, async () => {
      await api.create(PATH, { metadata: { name: "a" } });
      const { data } = await api.call("DELETE", `${PATH}/a`, { body: { kind: "DeleteOptions", propagationPolicy } });
      expect(data.metadata.finalizers).to.deep.equal(finalizers);
      expect(await codeOf(`${PATH}/a`)).to.equal(200);
    });
  }

  it("keeps to its preconditions", async () => {
    await api.create(PATH, { metadata: { name: "a" } });
    const { code, data } = await api.call("DELETE", `${PATH}/a`, { body: { preconditions: { uid: "other" } } });
    expect(code).to.equal(409);
    expect(data.message).to.contain("the UID in the precondition (other) does not match the UID in record");
    const version = await api.call("DELETE", `${PATH}/a`, { body: { preconditions: { resourceVersion: "1" } } });
    expect(version.code).to.equal(409);
    expect(await codeOf(`${PATH}/a`)).to.equal(200);
  });

  it("tries without a trace on dry run", async () => {
    await api.create(PATH, { metadata: { name: "a" } });
    expect((await api.call("DELETE", `${PATH}/a?dryRun=All`)).code).to.equal(200);
    expect(await codeOf(`${PATH}/a`)).to.equal(200);
  });

  it("removes unscheduled pods at once", async () => {
    await api.create(PODS, pod("p"));
    const { code, data } = await api.call("DELETE", `${PODS}/p`);
    expect([code, data.kind]).to.deep.equal([200, "Pod"]);
    expect(await codeOf(`${PODS}/p`)).to.equal(404);
  });

  it("leaves a running pod its grace period, and the last word to its kubelet", async () => {
    await api.create(PODS, pod("p", { nodeName: "n", terminationGracePeriodSeconds: 20 }));
    const { data } = await api.call("DELETE", `${PODS}/p`);
    expect(data.metadata).to.include({ deletionTimestamp: "2026-01-01T00:00:20Z", deletionGracePeriodSeconds: 20 });
    await api.call("DELETE", `${PODS}/p`, { body: { gracePeriodSeconds: 60 } });
    expect((await api.get(`${PODS}/p`)).metadata.deletionGracePeriodSeconds).to.equal(20);
    const shorter = await api.call("DELETE", `${PODS}/p?gracePeriodSeconds=5`);
    expect(shorter.data.metadata).to.include({
      deletionTimestamp: "2026-01-01T00:00:05Z",
      deletionGracePeriodSeconds: 5,
    });
    await api.call("DELETE", `${PODS}/p`, { body: { gracePeriodSeconds: 0 } });
    expect(await codeOf(`${PODS}/p`)).to.equal(404);
  });

  it("deletes what a selector selects", async () => {
    for (const name of ["a", "b", "c"])
      await api.create(PATH, { metadata: { name, labels: { keep: String(name === "b") } } });
    const { code, data } = await api.call("DELETE", `${PATH}?labelSelector=keep!=true`);
    expect([code, data.kind]).to.deep.equal([200, "ConfigMapList"]);
    const { items } = (await api.get(PATH)) as unknown as { items: { metadata: { name: string } }[] };
    expect(items.map(({ metadata }) => metadata.name)).to.deep.equal(["b"]);
  });

  const refusals: [title: string, body: object, message: string][] = [
    ["two policies", { propagationPolicy: "Orphan", orphanDependents: true }, "cannot be both set"],
    ["an unknown policy", { propagationPolicy: "Odd" }, "Unsupported value"],
  ];
  for (const [title, body, message] of refusals) {
    it(`refuses ${title}`, async () => {
      await api.create(PATH, { metadata: { name: "a" } });
      const { code, data } = await api.call("DELETE", `${PATH}/a`, { body });
      expect(code).to.equal(422);
      expect(data.message).to.contain(message);
    });
  }
});

describe("deleting a namespace", () => {
  it("begins its removal, takes nothing new in, and ends when its finalizers are gone", async () => {
    const api = await ApiHarness.start();
    const namespace = await api.create("/api/v1/namespaces", { metadata: { name: "team" } });
    expect(namespace).to.deep.include({ spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } });
    await api.create("/api/v1/namespaces/team/configmaps", { metadata: { name: "a" } });
    const { data } = await api.call("DELETE", "/api/v1/namespaces/team");
    expect(data.status).to.deep.equal({ phase: "Terminating" });
    const refused = await api.call("POST", "/api/v1/namespaces/team/configmaps", { body: { metadata: { name: "b" } } });
    expect(refused.code).to.equal(403);
    expect(refused.data.details?.causes?.[0]?.reason).to.equal("NamespaceTerminating");
    await api.call("PUT", "/api/v1/namespaces/team", { body: { ...data, spec: {} } });
    expect((await api.call("GET", "/api/v1/namespaces/team")).code).to.equal(200);
    const finalized = await api.call("PUT", "/api/v1/namespaces/team/finalize", {
      body: { metadata: { name: "team" }, spec: {} },
    });
    expect(finalized.code).to.equal(200);
    expect((await api.call("GET", "/api/v1/namespaces/team")).code).to.equal(404);
    api.stop();
  });

  it("is refused for those that every cluster has", async () => {
    const api = await ApiHarness.start();
    const { code, data } = await api.call("DELETE", "/api/v1/namespaces/default");
    expect(code).to.equal(403);
    expect(data.message).to.equal('namespaces "default" is forbidden: this namespace may not be deleted');
    api.stop();
  });
});
