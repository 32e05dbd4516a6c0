import { expect } from "chai";
import { ApiHarness } from "../testing/api-harness.ts";
import { MemoryStore } from "./storage/memory-store.ts";

const PATH = "/api/v1/namespaces/default/configmaps";

describe("API server before it is ready", () => {
  let store: MemoryStore;
  let api: ApiHarness;
  beforeEach(async () => {
    store = new MemoryStore();
    const earlier = await ApiHarness.start({ store });
    await earlier.create(PATH, { metadata: { name: "kept" } });
    earlier.stop();
    api = ApiHarness.prepare({ store });
  });
  afterEach(() => api.stop());

  for (const version of ["", "0", "1"]) {
    it(`lists no empty cluster at resourceVersion "${version}", but waits until it knows better`, async () => {
      const asked = api.call("GET", `${PATH}?resourceVersion=${version}`);
      await api.begin();
      const { code, data } = await asked;
      expect(code).to.equal(200);
      expect(data.items?.map(({ metadata }) => metadata.name)).to.include("kept");
    });
  }

  it("resumes watches where they were, and does not send their clients away", async () => {
    const { revision } = await store.list("/registry/configmaps/default/");
    const asked = api.watch(`${PATH}?watch=1&resourceVersion=${revision}`);
    await api.begin();
    const watch = await asked;
    await api.create(PATH, { metadata: { name: "later" } });
    await api.clock.advance(0);
    expect(watch.summary).to.deep.equal(["ADDED later"]);
    await watch.stop();
  });

  it("says that it lives, and that it is not ready", async () => {
    expect((await api.call("GET", "/livez")).code).to.equal(200);
    expect((await api.call("GET", "/readyz")).code).to.equal(500);
    await api.begin();
    expect((await api.call("GET", "/readyz")).code).to.equal(200);
  });
});
