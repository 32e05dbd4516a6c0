import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";
import { MemoryStore } from "../storage/memory-store.ts";

const PATH = "/api/v1/componentstatuses";

/** A store that can be cut off. */
class DisturbedStore extends MemoryStore {
  isDown = false;
  override revision() {
    return this.isDown ? Promise.reject(new Error("connection refused")) : super.revision();
  }
}

describe("the statuses of components", () => {
  let api: ApiHarness;
  let store: DisturbedStore;
  beforeEach(async () => {
    store = new DisturbedStore();
    api = await ApiHarness.start({ store });
  });
  afterEach(() => api.stop());
  const rows = async () => {
    const { data } = await api.call("GET", PATH, {
      headers: { accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    });
    return (data as unknown as { rows: { cells: unknown[] }[] }).rows.map(({ cells }) => cells);
  };

  it("say that the store answers, and warn of themselves", async () => {
    const { code, data, headers } = await api.call("GET", PATH);
    expect(code).to.equal(200);
    expect(data.kind).to.equal("ComponentStatusList");
    expect(data.items).to.deep.equal([
      {
        kind: "ComponentStatus",
        apiVersion: "v1",
        metadata: { name: "etcd-0" },
        conditions: [{ type: "Healthy", status: "True", message: "ok" }],
      },
    ]);
    expect(headers.warning).to.equal('299 - "v1 ComponentStatus is deprecated in v1.19+"');
    expect(await rows()).to.deep.equal([["etcd-0", "Healthy", "ok", ""]]);
  });

  it("say that it does not", async () => {
    store.isDown = true;
    expect(await rows()).to.deep.equal([["etcd-0", "Unhealthy", "", "connection refused"]]);
  });

  it("can be read by name and selected, but not written or watched", async () => {
    expect((await api.call("GET", `${PATH}/etcd-0`)).data.metadata.name).to.equal("etcd-0");
    expect((await api.call("GET", `${PATH}/etcd-1`)).code).to.equal(404);
    expect((await api.call("GET", `${PATH}?fieldSelector=metadata.name!=etcd-0`)).data.items).to.deep.equal([]);
    for (const [method, path] of [
      ["POST", PATH],
      ["DELETE", `${PATH}/etcd-0`],
      ["GET", `${PATH}?watch=1`],
    ] as const) {
      expect((await api.call(method, path, { body: {} })).code, `${method} ${path}`).to.equal(405);
    }
  });
});
