// What sets replication controllers apart from the workloads that came after them.

import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/replicationcontrollers";
const controller = {
  metadata: { name: "web" },
  spec: {
    replicas: 2,
    selector: { tier: "front", app: "web" },
    template: {
      metadata: { labels: { app: "web", tier: "front" } },
      spec: { containers: [{ name: "c", image: "i" }] },
    },
  },
};

describe("a replication controller", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(PATH, controller);
  });
  afterEach(() => api.stop());

  it("lies where kube-apiserver keeps it", async () => {
    expect(await api.store.get("/registry/controllers/default/web")).to.not.equal(undefined);
  });

  it("is scaled as all workloads are, with its labels as a selector", async () => {
    const { data } = await api.call("GET", `${PATH}/web/scale`);
    expect(data).to.deep.include({ kind: "Scale", spec: { replicas: 2 } });
    expect(data.status).to.deep.equal({ replicas: 0, selector: "app=web,tier=front" });
    const scaled = await api.call("PUT", `${PATH}/web/scale`, {
      body: { metadata: data.metadata, spec: { replicas: 5 } },
    });
    expect(scaled.code).to.equal(200);
    expect((await api.call("GET", `${PATH}/web`)).data).to.have.nested.property("spec.replicas", 5);
  });

  it("leaves its pods behind, unless the client says what becomes of them", async () => {
    const remove = async (query: string) => (await api.call("DELETE", `${PATH}/web${query}`)).data;
    expect((await remove("?dryRun=All")).metadata.finalizers).to.deep.equal(["orphan"]);
    expect((await remove("?dryRun=All&propagationPolicy=Foreground")).metadata.finalizers).to.deep.equal([
      "foregroundDeletion",
    ]);
    expect((await remove("?propagationPolicy=Background")).status).to.equal("Success");
  });

  it("goes with its pods where that was asked for beforehand", async () => {
    const patch = { metadata: { finalizers: ["foregroundDeletion"] } };
    const headers = { "content-type": "application/merge-patch+json" };
    await api.call("PATCH", `${PATH}/web`, { body: patch, headers });
    expect((await api.call("DELETE", `${PATH}/web`)).data.metadata.finalizers).to.deep.equal(["foregroundDeletion"]);
  });
});
