import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const YAML = [
  "apiVersion: v1",
  "kind: ConfigMap",
  "metadata:",
  "  name: first",
  "  name: second",
  "  color: red",
  "data: {a: b}",
  "data: {c: d}",
].join("\n");
const LINES = ['line 5: key "name" already set in map', 'line 8: key "data" already set in map'];

describe("keys that a YAML body repeats", () => {
  let api: ApiHarness;
  before(async () => {
    api = await ApiHarness.start();
  });
  after(() => api.stop());
  const send = (method: string, path: string, { type = "application/yaml", text = YAML } = {}) => {
    const separator = path.includes("?") ? "&" : "?";
    return api.call(method, `${path}${separator}dryRun=All`, { text, headers: { "content-type": type } });
  };

  it("are refused in one error by Strict", async () => {
    const { code, data } = await send("POST", `${PATH}?fieldValidation=Strict`);
    expect([code, data.message]).to.deep.equal([
      400,
      `ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: yaml: unmarshal errors:\n  ${LINES.join("\n  ")}, unknown field "metadata.color"`,
    ]);
  });

  it("are warned of one by one by Warn, the last of them counts", async () => {
    const { code, data, headers } = await send("POST", PATH);
    expect(code).to.equal(201);
    expect(data).to.deep.include({ data: { c: "d" } });
    expect(data.metadata.name).to.equal("second");
    for (const line of LINES) expect(headers.warning).to.contain(line.replaceAll('"', '\\"'));
    expect(headers.warning).to.contain('unknown field \\"metadata.color\\"');
  });

  it("are passed over by Ignore", async () => {
    const { code, headers } = await send("POST", `${PATH}?fieldValidation=Ignore`);
    expect([code, headers.warning]).to.deep.equal([201, undefined]);
  });

  it("are refused in what is applied, too", async () => {
    const path = `${PATH}/second?fieldManager=m&fieldValidation=Strict`;
    const known = YAML.replace("color", "generateName");
    const { code, data } = await send("PATCH", path, { type: "application/apply-patch+yaml", text: known });
    expect([code, data.message]).to.deep.equal([
      400,
      `error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${LINES.join("\n  ")}`,
    ]);
  });
});
