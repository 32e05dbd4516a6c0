import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const PODS = "/api/v1/namespaces/default/pods";
const BUDGETS = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
const REFUSED = "Cannot evict pod as it would violate the pod's disruption budget.";

type Counts = Partial<PodDisruptionBudget["status"]>;

describe("evicting pods", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  /** A pod on a node, running and ready unless said otherwise. */
  const addPod = async (name: string, { phase = "Running", ready = "True" } = {}): Promise<void> => {
    const spec = { nodeName: "n", containers: [{ name: "c", image: "i" }] };
    const created = await api.create(PODS, { metadata: { name, labels: { app: "web" } }, spec });
    const status = { phase, conditions: [{ type: "Ready", status: ready }] };
    await api.call("PUT", `${PODS}/${name}/status`, { body: { ...created, status } });
  };
  const addBudget = async (name: string, counts: Counts, spec: object = {}): Promise<void> => {
    const selector = { matchLabels: { app: "web" } };
    const created = await api.create(BUDGETS, { metadata: { name }, spec: { minAvailable: 1, selector, ...spec } });
    const status = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...counts };
    const body = { ...created, status: { observedGeneration: created.metadata.generation, ...status } };
    const { code } = await api.call("PUT", `${BUDGETS}/${name}/status`, { body });
    expect(code).to.equal(200);
  };
  const evict = (name: string, more: object = {}, query = "") =>
    api.call("POST", `${PODS}/${name}/eviction${query}`, {
      body: { apiVersion: "policy/v1", kind: "Eviction", metadata: { name }, ...more },
    });
  const budgetStatus = async (name: string) =>
    ((await api.get(`${BUDGETS}/${name}`)) as unknown as PodDisruptionBudget).status;
  const pod = async (name: string) => (await api.get(`${PODS}/${name}`)) as unknown as Pod;

  it("marks the pod as evicted, and charges its budget once", async () => {
    await addPod("p");
    await addBudget("b", { disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 });
    const { code, data } = await evict("p");
    expect([code, data.kind, data.status]).to.deep.equal([201, "Status", "Success"]);
    const { metadata, status } = await pod("p");
    expect(metadata.deletionTimestamp).to.be.a("string");
    expect(status.conditions?.find(({ type }) => type === "DisruptionTarget")).to.include({
      status: "True",
      reason: "EvictionByEvictionAPI",
      message: "Eviction API: evicting",
    });
    const charged = await budgetStatus("b");
    expect(charged.disruptionsAllowed).to.equal(0);
    expect(Object.keys(charged.disruptedPods ?? {})).to.deep.equal(["p"]);
    expect(charged.conditions?.[0]).to.include({
      type: "DisruptionAllowed",
      status: "False",
      reason: "InsufficientPods",
    });
    // The pod goes already: asking again disrupts nothing more.
    expect((await evict("p")).code).to.equal(201);
  });

  it("refuses what would break the budget, and does not ask clients to try again at once", async () => {
    await addPod("p");
    await addBudget("b", { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 });
    const { code, data, headers } = await evict("p");
    expect([code, data.reason, data.message]).to.deep.equal([429, "TooManyRequests", REFUSED]);
    expect(data.details?.causes).to.deep.equal([
      { reason: "DisruptionBudget", message: "The disruption budget b needs 1 healthy pods and has 1 currently" },
    ]);
    expect(headers).to.not.have.property("retry-after");
    expect((await pod("p")).metadata.deletionTimestamp).to.equal(undefined);
  });

  it("waits for a budget that the controller has not looked at", async () => {
    await addPod("p");
    await addBudget("b", { observedGeneration: 0, disruptionsAllowed: 1 });
    const { code, data, headers } = await evict("p");
    expect([code, data.message, headers["retry-after"]]).to.deep.equal([429, REFUSED, "10"]);
    expect(data.details).to.deep.equal({
      causes: [
        { reason: "DisruptionBudget", message: "The disruption budget b is still being processed by the server." },
      ],
      retryAfterSeconds: 10,
    });
  });

  it("says why a budget cannot be counted", async () => {
    await addPod("p");
    const condition = {
      type: "DisruptionAllowed",
      status: "False" as const,
      reason: "SyncFailed",
      message: "jobs.batch does not implement the scale subresource",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    };
    await addBudget("b", { conditions: [condition] });
    const { data } = await evict("p");
    expect(data.details?.causes?.[0]?.message).to.equal(
      "The disruption budget b does not allow evicting pods currently because it failed sync: jobs.batch does not implement the scale subresource",
    );
  });

  it("does not know what to do with two budgets", async () => {
    await addPod("p");
    for (const name of ["b", "c"]) await addBudget(name, { disruptionsAllowed: 1 });
    const { code, data } = await evict("p");
    expect([code, data.message]).to.deep.equal([
      500,
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    ]);
  });

  const FREE: readonly [string, { readonly phase?: string; readonly ready?: string }, Counts, object, number][] = [
    ["a pod that has not run yet, whatever its budget says", { phase: "Pending" }, {}, {}, 201],
    ["a pod that has ended", { phase: "Failed" }, {}, {}, 201],
    [
      "an unready pod where the budget has what it wants",
      { ready: "False" },
      { currentHealthy: 1, desiredHealthy: 1 },
      {},
      201,
    ],
    [
      "an unready pod not where the budget lacks pods",
      { ready: "False" },
      { currentHealthy: 0, desiredHealthy: 1 },
      {},
      429,
    ],
    ["an unready pod not where the budget wants none, and has none to spare", { ready: "False" }, {}, {}, 429],
    [
      "an unready pod always where its policy says so",
      { ready: "False" },
      { currentHealthy: 0, desiredHealthy: 1 },
      { unhealthyPodEvictionPolicy: "AlwaysAllow" },
      201,
    ],
    [
      "a ready pod not, whatever the policy for unready ones",
      {},
      { currentHealthy: 1, desiredHealthy: 1 },
      { unhealthyPodEvictionPolicy: "AlwaysAllow" },
      429,
    ],
  ];
  for (const [title, state, counts, spec, expected] of FREE) {
    it(`lets go ${title}`, async () => {
      await addPod("p", state);
      await addBudget("b", counts, spec);
      expect((await evict("p")).code).to.equal(expected);
      expect(await budgetStatus("b")).to.not.have.property("disruptedPods");
    });
  }

  it("only tries in a dry run, wherever that is asked for", async () => {
    await addPod("p");
    await addBudget("b", { disruptionsAllowed: 1 });
    expect((await evict("p", { deleteOptions: { dryRun: ["All"] } })).code).to.equal(201);
    expect((await evict("p", {}, "?dryRun=All")).code).to.equal(201);
    expect((await pod("p")).metadata.deletionTimestamp).to.equal(undefined);
    expect((await budgetStatus("b")).disruptionsAllowed).to.equal(1);
  });

  it("evicts only the pod, and the version of it, that is meant", async () => {
    await addPod("p");
    await addBudget("b", { disruptionsAllowed: 1 });
    for (const preconditions of [{ uid: "another" }, { resourceVersion: "1" }]) {
      const { code, data } = await evict("p", { deleteOptions: { preconditions } });
      expect([code, data.reason]).to.deep.equal([409, "Conflict"]);
    }
    expect((await budgetStatus("b")).disruptionsAllowed).to.equal(1);
    const { uid, resourceVersion } = (await pod("p")).metadata;
    const { code } = await evict("p", { deleteOptions: { preconditions: { uid, resourceVersion } } });
    expect(code).to.equal(201);
  });

  it("refuses an eviction of another name, and of a pod that is not there", async () => {
    await addPod("p");
    const { code, data } = await evict("p", { metadata: { name: "q" } });
    expect([code, data.message]).to.deep.equal([400, "name in URL does not match name in Eviction object"]);
    expect((await evict("gone")).code).to.equal(404);
  });

  it("never takes more pods at once than the budget allows", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    for (const name of names) await addPod(name);
    await addBudget("b", { disruptionsAllowed: 7, currentHealthy: 20, desiredHealthy: 13, expectedPods: 20 });
    const codes = (await Promise.all(names.map((name) => evict(name)))).map(({ code }) => code).sort();
    expect(codes).to.deep.equal([...Array<number>(7).fill(201), ...Array<number>(13).fill(429)]);
    const { disruptionsAllowed, disruptedPods = {} } = await budgetStatus("b");
    expect([disruptionsAllowed, Object.keys(disruptedPods).length]).to.deep.equal([0, 7]);
  });
});
