import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";
import { MemoryStore } from "../storage/memory-store.ts";
import { TooLarge } from "../storage/store.ts";
import { batchesOf } from "./placements.ts";
import { readPlacements } from "./read-placements.ts";

const PODS = "/api/v1/namespaces/default/pods";
const PLACEMENTS = "/apis/placement.kctl.dev/v1/placements";
const pod = (name: string, cpu: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: "c", image: "i", resources: { requests: { cpu } } }], ...spec },
});
const node = (name: string, cpu: string) => ({
  metadata: { name },
  status: { allocatable: { cpu, memory: "1Gi", pods: "10" } },
});
const binding = (name: string, to: string) => ({ metadata: { name }, target: { kind: "Node", name: to } });

interface Record {
  readonly requested: { readonly cpu?: number; readonly pods?: number };
  readonly allocatable?: { readonly cpu: number };
}

async function recordOf(api: ApiHarness, name: string): Promise<Record | undefined> {
  const stored = await api.store.get(`/gantry/allocations/${name}`);
  return stored && (JSON.parse(Buffer.from(stored.value).toString()) as Record);
}

describe("placing pods", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create("/api/v1/nodes", node("n", "1"));
  });
  afterEach(() => api.stop());
  const bind = (name: string, to = "n") => api.call("POST", `${PODS}/${name}/binding`, { body: binding(name, to) });
  const place = (body: object) => api.call("POST", PLACEMENTS, { body });

  it("writes the node into the pod, together with the condition and the node's record", async () => {
    await api.create(PODS, pod("p", "400m"));
    const { code, data } = await bind("p");
    expect([code, data.status]).to.deep.equal([201, "Success"]);
    const bound = await api.get(`${PODS}/p`);
    expect(bound).to.have.nested.property("spec.nodeName", "n");
    expect(bound).to.have.nested.property("status.conditions[0].type", "PodScheduled");
    expect(await recordOf(api, "n")).to.deep.include({ requested: { cpu: 400, pods: 1 } });
  });

  it("serves the older bindings resource too", async () => {
    await api.create(PODS, pod("p", "400m"));
    const reply = await api.call("POST", "/api/v1/namespaces/default/bindings", { body: binding("p", "n") });
    expect(reply.code).to.equal(201);
    expect(await api.get(`${PODS}/p`)).to.have.nested.property("spec.nodeName", "n");
  });

  it("refuses what does not fit, and names the resource", async () => {
    for (const name of ["p", "q"]) await api.create(PODS, pod(name, "600m"));
    await bind("p");
    const { code, data } = await bind("q");
    expect(code).to.equal(409);
    expect(data.reason).to.equal("Conflict");
    expect(data.message).to.contain('node "n" has no room for the pod: Insufficient cpu');
    expect(await api.get(`${PODS}/q`)).to.not.have.nested.property("spec.nodeName");
  });

  it("binds a pod once, and the right one", async () => {
    const { metadata } = await api.create(PODS, pod("p", "1m"));
    const wrong = await api.call("POST", `${PODS}/p/binding`, {
      body: { ...binding("p", "n"), metadata: { name: "p", uid: "other" } },
    });
    expect(wrong.code).to.equal(409);
    const right = { ...binding("p", "n"), metadata: { name: "p", uid: metadata.uid } };
    expect((await api.call("POST", `${PODS}/p/binding`, { body: right })).code).to.equal(201);
    const again = await bind("p");
    expect(again.data.message).to.equal(
      'Operation cannot be fulfilled on pods/binding "p": pod p is already assigned to node "n"',
    );
  });

  it("gives back what a pod held when it finishes, and when it is removed", async () => {
    for (const name of ["p", "q"]) {
      await api.create(PODS, pod(name, "500m"));
      await bind(name);
    }
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({ cpu: 1000, pods: 2 });
    const bound = await api.get(`${PODS}/p`);
    await api.call("PUT", `${PODS}/p/status`, { body: { ...bound, status: { phase: "Succeeded" } } });
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({ cpu: 500, pods: 1 });
    await api.call("DELETE", `${PODS}/p?gracePeriodSeconds=0`);
    await api.call("DELETE", `${PODS}/q`);
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({ cpu: 500, pods: 1 });
    await api.call("DELETE", `${PODS}/q?gracePeriodSeconds=0`);
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({});
  });

  it("keeps what the node offers with the node", async () => {
    expect((await recordOf(api, "n"))?.allocatable?.cpu).to.equal(1000);
    const body = { ...(await api.get("/api/v1/nodes/n")), status: { allocatable: { cpu: "3" } } };
    await api.call("PUT", "/api/v1/nodes/n/status", { body });
    expect((await recordOf(api, "n"))?.allocatable?.cpu).to.equal(3000);
    await api.call("DELETE", "/api/v1/nodes/n");
    expect(await recordOf(api, "n")).to.equal(undefined);
  });

  it("counts pods that are created on a node, and those on nodes that are still to come", async () => {
    await api.create(PODS, pod("p", "400m", { nodeName: "later" }));
    await api.create("/api/v1/nodes", node("later", "1"));
    await api.create(PODS, pod("q", "500m", { nodeName: "later" }));
    expect((await recordOf(api, "later"))?.requested).to.deep.equal({ cpu: 900, pods: 2 });
  });

  it("stores a pod that was created on a full node as failed", async () => {
    const refused = await api.create(PODS, pod("p", "1100m", { nodeName: "n" }));
    expect(refused.status).to.deep.include({
      phase: "Failed",
      reason: "OutOfcpu",
      message: "Pod was rejected: Node didn't have enough resource: cpu, requested: 1100, used: 0, capacity: 1000",
    });
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({});
  });

  it("never gives a node more than it has, with two servers and many schedulers", async () => {
    const other = await ApiHarness.start({ store: api.store });
    await api.create("/api/v1/nodes", node("m", "1"));
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
    for (const name of names) await api.create(PODS, pod(name, "300m"));
    const tries = names.flatMap((name, index) =>
      [api, other].map((server) =>
        server.call("POST", `${PODS}/${name}/binding`, { body: binding(name, index % 2 === 0 ? "n" : "m") }),
      ),
    );
    const codes = (await Promise.all(tries)).map(({ code }) => code);
    expect(codes.filter((code) => code === 201)).to.have.length(6);
    for (const name of ["n", "m"]) expect((await recordOf(api, name))?.requested).to.deep.equal({ cpu: 900, pods: 3 });
    other.stop();
  });

  it("binds in bulk all pods but those that cannot be", async () => {
    const names = ["a", "b", "c", "d"];
    for (const name of names) await api.create(PODS, pod(name, "400m"));
    const bindings = [...names, "missing"].map((name) => ({ namespace: "default", name, node: "n" }));
    const { code, data } = await place({ mode: "Incremental", bindings });
    expect(code).to.equal(200);
    const { results } = data as unknown as {
      results: { name: string; bound: boolean; status?: { message: string } }[];
    };
    expect(results.map(({ name, bound }) => [name, bound])).to.deep.equal([
      ["a", true],
      ["b", true],
      ["c", false],
      ["d", false],
      ["missing", false],
    ]);
    expect(results[2]?.status?.message).to.contain("Insufficient cpu");
    expect(results[4]?.status?.message).to.equal('pods "missing" not found');
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({ cpu: 800, pods: 2 });
  });

  it("binds in bulk all pods or none", async () => {
    for (const name of ["a", "b", "c"]) await api.create(PODS, pod(name, "400m"));
    const bindings = ["a", "b", "c"].map((name) => ({ namespace: "default", name, node: "n" }));
    const refused = await place({ mode: "AllOrNothing", bindings });
    const { results } = refused.data as unknown as { results: { bound: boolean }[] };
    expect(results.map(({ bound }) => bound)).to.deep.equal([false, false, false]);
    expect((await recordOf(api, "n"))?.requested).to.deep.equal({});
    const fitting = await place({ mode: "AllOrNothing", bindings: bindings.slice(0, 2) });
    const outcome = fitting.data as unknown as { results: { bound: boolean }[] };
    expect(outcome.results.map(({ bound }) => bound)).to.deep.equal([true, true]);
  });

  it("binds hundreds of pods in one transaction where the store takes it", async () => {
    await api.create("/api/v1/nodes", {
      ...node("big", "1000"),
      status: { allocatable: { cpu: "1000", pods: "1000" } },
    });
    const names = Array.from({ length: 200 }, (_, index) => `p${index}`);
    for (const name of names) await api.create(PODS, pod(name, "1"));
    const bindings = names.map((name) => ({ namespace: "default", name, node: "big" }));
    await place({ mode: "AllOrNothing", bindings });
    const { items = [] } = (await api.get(PODS)) as { items?: { metadata: { resourceVersion: string } }[] };
    expect(items).to.have.lengthOf(200);
    expect(new Set(items.map(({ metadata }) => metadata.resourceVersion)).size).to.equal(1);
    expect((await recordOf(api, "big"))?.requested.pods).to.equal(200);
  });

  it("says what the store can take at once", async () => {
    for (const name of ["a", "b"]) await api.create(PODS, pod(name, "100m"));
    const bindings = ["a", "b"].map((name) => ({ namespace: "default", name, node: "n" }));
    api.store.commit = () => Promise.reject(new TooLarge("a transaction has at most 9 checks"));
    const { code, data } = await place({ mode: "AllOrNothing", bindings });
    expect([code, data.reason]).to.deep.equal([413, "RequestEntityTooLarge"]);
    expect(data.message).to.equal(
      "an all-or-nothing placement is one transaction, and this one is more than the store can take: a transaction has at most 9 checks; place fewer pods at once",
    );
  });

  it("does not bind a pod twice at once", async () => {
    const bindings = ["a", "b", "a"].map((name) => ({ namespace: "default", name, node: "n" }));
    const { code, data } = await place({ mode: "AllOrNothing", bindings });
    expect([code, data.message]).to.deep.equal([400, 'bindings[2]: Duplicate value: "default/a"']);
  });

  it("binds many pods in few transactions", async () => {
    await api.create("/api/v1/nodes", {
      metadata: { name: "big" },
      status: { allocatable: { cpu: "1000", pods: "1000" } },
    });
    const names = Array.from({ length: 300 }, (_, index) => `p${index}`);
    await Promise.all(names.map((name) => api.create(PODS, pod(name, "1m"))));
    const before = await api.store.revision();
    await place({ bindings: names.map((name) => ({ namespace: "default", name, node: "big" })) });
    expect((await recordOf(api, "big"))?.requested).to.deep.equal({ cpu: 300, pods: 300 });
    expect((await api.store.revision()) - before).to.equal(3);
  });

  it("corrects records that somebody else has left wrong when it starts", async () => {
    api.stop();
    const store = new MemoryStore();
    const first = await ApiHarness.start({ store });
    await first.create("/api/v1/nodes", node("n", "1"));
    await first.create(PODS, pod("p", "400m", { nodeName: "n" }));
    first.stop();
    await store.commit({ checks: [], writes: [{ key: "/gantry/allocations/n", value: undefined }] });
    const second = await ApiHarness.start({ store });
    expect(await recordOf(second, "n")).to.deep.include({ requested: { cpu: 400, pods: 1 } });
    second.stop();
  });

  it("evicts pods", async () => {
    await api.create(PODS, pod("p", "1m", { nodeName: "n" }));
    const body = {
      apiVersion: "policy/v1",
      kind: "Eviction",
      metadata: { name: "p" },
      deleteOptions: { gracePeriodSeconds: 3 },
    };
    const { code } = await api.call("POST", `${PODS}/p/eviction`, { body });
    expect(code).to.equal(201);
    expect((await api.get(`${PODS}/p`)).metadata.deletionGracePeriodSeconds).to.equal(3);
  });
});

describe("the batches of a placement", () => {
  it("are as large as a transaction takes, and hold each pod once", () => {
    const item = (name: string, to: string) => ({ namespace: "d", name, node: to });
    const alone = Array.from({ length: 100 }, (_, index) => item(`p${index}`, `n${index}`));
    expect(batchesOf(alone).map(({ length }) => length)).to.deep.equal([62, 38]);
    const together = Array.from({ length: 200 }, (_, index) => item(`p${index}`, "n"));
    expect(batchesOf(together).map(({ length }) => length)).to.deep.equal([124, 76]);
    expect(batchesOf([item("p", "n"), item("p", "m")]).map(({ length }) => length)).to.deep.equal([1, 1]);
  });

  it("refuse what is no placement, and say where", () => {
    expect(() => readPlacements({ bindings: [{ namespace: "d", name: "p" }] })).to.throw("bindings[0].node: Required");
    expect(() => readPlacements({ mode: "Odd", bindings: [] })).to.throw("mode: Unsupported value");
    expect(() => readPlacements(null)).to.throw("bindings: must be a list");
  });
});
