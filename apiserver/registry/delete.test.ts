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

  it("names the object and the versions that a precondition is about", async () => {
    const { metadata } = await api.create(PATH, { metadata: { name: "a" } });
    const conflicts: [preconditions: object, detail: string][] = [
      [
        { uid: "other" },
        `the UID in the precondition (other) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
      ],
      [
        { resourceVersion: "1" },
        `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
      ],
    ];
    for (const [preconditions, detail] of conflicts) {
      const { code, data } = await api.call("DELETE", `${PATH}/a`, { body: { preconditions } });
      expect([code, data.reason]).to.deep.equal([409, "Conflict"]);
      expect(data.message).to.equal(`Operation cannot be fulfilled on ConfigMap "a": ${detail}`);
      expect(data.details).to.deep.equal({ name: "a", kind: "ConfigMap" });
    }
    const { uid, resourceVersion } = metadata;
    const right = await api.call("DELETE", `${PATH}/a`, { body: { preconditions: { uid, resourceVersion } } });
    expect(right.code).to.equal(200);
  });

  it("takes options of any group and version, and refuses other kinds", async () => {
    for (const apiVersion of ["v1", "meta.k8s.io/v1", "apps/v1", undefined]) {
      await api.create(PATH, { metadata: { name: "a" } });
      const body = { kind: "DeleteOptions", apiVersion, propagationPolicy: "Background" };
      expect((await api.call("DELETE", `${PATH}/a`, { body })).code).to.equal(200);
    }
    await api.create(PATH, { metadata: { name: "a" } });
    for (const body of [{ kind: "Pod" }, [], "x", { gracePeriodSeconds: "1" }, { preconditions: [] }]) {
      expect((await api.call("DELETE", `${PATH}/a`, { body })).code, JSON.stringify(body)).to.equal(400);
    }
    expect(await codeOf(`${PATH}/a`)).to.equal(200);
  });

  it("goes by the body alone where there is one", async () => {
    await api.create(PODS, pod("p", { nodeName: "n" }));
    await api.call("DELETE", `${PODS}/p?gracePeriodSeconds=0&dryRun=All`, { body: { gracePeriodSeconds: 7 } });
    expect((await api.get(`${PODS}/p`)).metadata.deletionGracePeriodSeconds).to.equal(7);
  });

  it("takes a negative grace period for one second", async () => {
    await api.create(PODS, pod("p", { nodeName: "n" }));
    const { data } = await api.call("DELETE", `${PODS}/p?gracePeriodSeconds=-5`);
    expect(data.metadata.deletionGracePeriodSeconds).to.equal(1);
  });

  it("changes nothing but the period while a grace period runs", async () => {
    await api.create(PODS, pod("p", { nodeName: "n" }));
    await api.call("DELETE", `${PODS}/p`);
    const { data } = await api.call("DELETE", `${PODS}/p?propagationPolicy=Foreground`);
    expect(data.metadata).to.not.have.property("finalizers");
    expect(data.metadata.deletionGracePeriodSeconds).to.equal(30);
  });

  it("answers Accepted to the older way of asking for the dependents' deletion, where it takes time", async () => {
    await api.create(PATH, { metadata: { name: "a", finalizers: ["example.com/x"] } });
    expect((await api.call("DELETE", `${PATH}/a?orphanDependents=false`)).code).to.equal(202);
    expect((await api.call("DELETE", `${PATH}/a?propagationPolicy=Background`)).code).to.equal(200);
  });

  it("orphans dependents in the older way", async () => {
    await api.create(PATH, { metadata: { name: "a" } });
    const { data } = await api.call("DELETE", `${PATH}/a?orphanDependents=true`);
    expect(data.metadata.finalizers).to.deep.equal(["orphan"]);
  });

  it("goes by the finalizers of the object where the caller has no wish", async () => {
    await api.create(PATH, { metadata: { name: "a", finalizers: ["orphan"] } });
    expect((await api.call("DELETE", `${PATH}/a`)).data.metadata.finalizers).to.deep.equal(["orphan"]);
    const { data } = await api.call("DELETE", `${PATH}/a?propagationPolicy=Background`);
    expect(data.status).to.equal("Success");
    expect(await codeOf(`${PATH}/a`)).to.equal(404);
  });

  it("passes over the policy for events, which nothing depends on", async () => {
    const involvedObject = { kind: "Pod", name: "p", namespace: "default" };
    await api.create("/api/v1/namespaces/default/events", { metadata: { name: "e" }, involvedObject });
    const { data } = await api.call("DELETE", "/api/v1/namespaces/default/events/e?propagationPolicy=Foreground");
    expect(data.status).to.equal("Success");
  });

  it("takes no notice of the feature for unreadable objects, which is off", async () => {
    await api.create(PATH, { metadata: { name: "a" } });
    const body = { ignoreStoreReadErrorWithClusterBreakingPotential: true, propagationPolicy: "Background" };
    expect((await api.call("DELETE", `${PATH}/a`, { body })).code).to.equal(200);
  });

  it("deletes a page of a collection", async () => {
    for (const name of ["a", "b", "c"]) await api.create(PATH, { metadata: { name } });
    const { data } = await api.call("DELETE", `${PATH}?limit=2`);
    expect(data.items?.map(({ metadata }) => metadata.name)).to.deep.equal(["a", "b"]);
    const { items } = await api.get(PATH);
    expect(items?.map(({ metadata }) => metadata.name)).to.deep.equal(["c"]);
  });

  it("tries the deletion of a collection without a trace", async () => {
    for (const name of ["a", "b"]) await api.create(PATH, { metadata: { name } });
    const { revision } = { revision: await api.store.revision() };
    expect((await api.call("DELETE", PATH, { body: { dryRun: ["All"] } })).data.items).to.have.length(2);
    expect(await api.store.revision()).to.equal(revision);
  });

  it("refuses the options of a list that contradict each other", async () => {
    expect((await api.call("DELETE", `${PATH}?resourceVersionMatch=Exact`)).code).to.equal(422);
    expect((await api.call("DELETE", `${PATH}?fieldSelector=data.x%3D1`)).code).to.equal(400);
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
    [
      "two policies",
      { propagationPolicy: "Orphan", orphanDependents: true },
      'propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    ],
    [
      "an unknown policy",
      { propagationPolicy: "Odd" },
      'propagationPolicy: Unsupported value: "Odd": supported values: "Foreground", "Background", "Orphan", "nil"',
    ],
    ["an odd dry run", { dryRun: ["All", "x"] }, 'dryRun: Unsupported value: ["All","x"]: supported values: "All"'],
  ];
  for (const [title, body, message] of refusals) {
    it(`refuses ${title}`, async () => {
      await api.create(PATH, { metadata: { name: "a" } });
      const { code, data } = await api.call("DELETE", `${PATH}/a`, { body });
      expect(code).to.equal(422);
      expect(data.message).to.equal(`DeleteOptions.meta.k8s.io "" is invalid: ${message}`);
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
