import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/persistentvolumes";
const volume = {
  metadata: { name: "a" },
  spec: {
    capacity: { storage: "1Gi" },
    accessModes: ["ReadWriteOnce"],
    glusterfs: { endpoints: "e", path: "p" },
  },
};
const WARNING = '299 - "spec.glusterfs: deprecated in v1.25, non-functional in v1.26+"';

describe("a write of what is valid but unwise", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  it("succeeds with a warning, whichever way it is made", async () => {
    const created = await api.call("POST", PATH, { body: volume });
    expect([created.code, created.headers.warning]).to.deep.equal([201, WARNING]);
    const updated = await api.call("PUT", `${PATH}/a`, {
      body: { ...volume, metadata: { name: "a", labels: { b: "c" } } },
    });
    expect([updated.code, updated.headers.warning]).to.deep.equal([200, WARNING]);
    const headers = { "content-type": "application/merge-patch+json" };
    const patched = await api.call("PATCH", `${PATH}/a`, { body: { metadata: { labels: { b: "d" } } }, headers });
    expect([patched.code, patched.headers.warning]).to.deep.equal([200, WARNING]);
  });

  it("is not warned of by those who only read it, or write its status", async () => {
    const { data } = await api.call("POST", PATH, { body: volume });
    expect((await api.call("GET", `${PATH}/a`)).headers).to.not.have.property("warning");
    const status = await api.call("PUT", `${PATH}/a/status`, { body: { ...data, status: { phase: "Available" } } });
    expect([status.code, status.headers.warning]).to.deep.equal([200, undefined]);
  });
});
