import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const configMap = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { a: "b" } });
const PATH = "/api/v1/namespaces/default/configmaps";

describe("creating an object", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  it("gives it a uid, a creation time and a resource version", async () => {
    const { code, data } = await api.call("POST", PATH, { body: configMap("a") });
    expect(code).to.equal(201);
    expect(data.metadata.creationTimestamp).to.equal("2026-01-01T00:00:00Z");
    expect(data.metadata.uid).to.match(/^[0-9a-f-]{36}$/);
    expect(data.metadata.namespace).to.equal("default");
    expect(await api.get(`${PATH}/a`)).to.deep.equal(data);
  });
});
