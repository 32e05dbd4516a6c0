// Reservations as the API server keeps them: in the records of nodes, in the transactions that say where they are held.

import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { recordKey } from "./allocations.ts";

const RESERVATIONS = "/apis/scheduling.kctl.dev/v1/reservations";
const PODS = "/api/v1/namespaces/default/pods";

describe("a reservation", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create("/api/v1/nodes", newNode("a", { cpu: "4" }));
    await api.create(RESERVATIONS, { metadata: { name: "r" }, spec: { role: "web", resources: { cpu: "2" } } });
  });
  afterEach(() => api.stop());

  /** The code of the answer. */
  async function hold(cpu: string | undefined, through = api): Promise<number> {
    const old = await through.get(`${RESERVATIONS}/r`);
    const status = cpu === undefined ? {} : { held: [{ node: "a", role: "web", resources: { cpu } }] };
    return (await through.call("PUT", `${RESERVATIONS}/r/status`, { body: { ...old, status } })).code;
  }

  /** Whether a pod that is sent to the node finds room there. */
  async function fits(name: string, cpu: string, through = api): Promise<boolean> {
    const pod = await through.create(PODS, newPod(name, { cpu, spec: { nodeName: "a" } }));
    return (pod.status as { readonly phase: string }).phase !== "Failed";
  }

  it("keeps others out as long as it is held", async () => {
    expect(await hold("2")).to.equal(200);
    expect([await fits("p", "3"), await fits("q", "2")]).to.deep.equal([false, true]);
    expect(await hold(undefined)).to.equal(200);
    expect(await fits("r", "2")).to.equal(true);
  });

  it("is given back when it is deleted", async () => {
    await hold("2");
    await api.call("DELETE", `${RESERVATIONS}/r`);
    expect(await fits("p", "4")).to.equal(true);
  });

  it("is not held where there is no room for it", async () => {
    await fits("p", "3");
    expect(await hold("2")).to.equal(409);
    expect((await api.get(`${RESERVATIONS}/r`)).status).to.not.have.property("held");
    expect(await hold("1")).to.equal(200);
  });

  it("is not held by being created so", async () => {
    await api.create(RESERVATIONS, {
      metadata: { name: "s" },
      spec: { role: "web", resources: { cpu: "2" } },
      status: { held: [{ node: "a", role: "web", resources: { cpu: "2" } }] },
    });
    expect(await fits("p", "4")).to.equal(true);
  });

  it("is kept by a server that finds the records wrong as it starts", async () => {
    await hold("2");
    const key = recordKey("a");
    await api.store.commit({ checks: [], writes: [{ key, value: undefined }] });
    api.stop();
    const next = await ApiHarness.start({ store: api.store });
    expect([await fits("p", "3", next), await fits("q", "2", next)]).to.deep.equal([false, true]);
    next.stop();
  });
});
