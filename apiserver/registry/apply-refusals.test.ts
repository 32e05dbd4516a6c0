import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const WEB = "/apis/apps/v1/namespaces/default/deployments/web";
const CONFIG_MAP = "/api/v1/namespaces/default/configmaps/settings";

const configMap = (data?: object, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", ...metadata },
  ...(data && { data }),
});

describe("server-side apply, where something is wrong", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  const apply = (config: object | string, who = "one", path = CONFIG_MAP) =>
    api.call("PATCH", `${path}?fieldManager=${who}`, {
      text: typeof config === "string" ? config : JSON.stringify(config),
      headers: { "content-type": "application/apply-patch+yaml" },
    });
  const merge = (path: string, patch: object) =>
    api.call("PATCH", path, {
      text: JSON.stringify(patch),
      headers: { "content-type": "application/merge-patch+json" },
    });

  const refusals: readonly (readonly [title: string, config: object | string, code: number, message: string])[] = [
    ["is of another kind", { ...configMap(), kind: "Secret" }, 400, "invalid object type: /v1, Kind=Secret"],
    ["says no kind", {}, 400, "invalid object type: /, Kind="],
    ["has owners", configMap({}, { managedFields: [] }), 400, "metadata.managedFields must be nil"],
    [
      "is no object",
      "- a",
      400,
      "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ],
    [
      "has a field that the kind does not have",
      { ...configMap(), foo: 1 },
      500,
      "failed to create typed patch object (/settings; /v1, Kind=ConfigMap): .foo: field not declared in schema",
    ],
    [
      "has values of other types",
      { ...configMap({ a: 1, b: true }), immutable: "yes" },
      500,
      "failed to create typed patch object (/settings; /v1, Kind=ConfigMap): errors:\n  .data.a: expected string, got &value.valueUnstructured{Value:1}\n  .data.b: expected string, got &value.valueUnstructured{Value:true}\n  .immutable: expected boolean, got &{yes}",
    ],
    [
      "has an item of a set twice",
      configMap({}, { finalizers: ["a.io/a", "a.io/a"] }),
      500,
      'failed to create typed patch object (/settings; /v1, Kind=ConfigMap): .metadata.finalizers: duplicate entries for key [="a.io/a"]',
    ],
    [
      "names another object",
      configMap({}, { name: "other" }),
      400,
      "the name of the object (other) does not match the name on the URL (settings)",
    ],
    [
      "names no object",
      { ...configMap(), metadata: {} },
      400,
      "the name of the object (settings based on URL) was undeterminable: name must be provided",
    ],
    [
      "means an object that is gone",
      configMap({}, { uid: "u" }),
      409,
      'Operation cannot be fulfilled on configmaps "settings": uid mismatch: the provided object specified uid u, and no existing object was found',
    ],
  ];
  for (const [title, config, code, message] of refusals) {
    it(`refuses a configuration that ${title}`, async () => {
      const reply = await apply(config);
      expect([reply.code, reply.data.message]).to.deep.equal([code, message]);
    });
  }

  it("refuses items of one name in a list of maps", async () => {
    const spec = { template: { spec: { containers: [{ name: "c" }, { name: "c" }] } } };
    const web = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec };
    const { data } = await apply(web, "one", WEB);
    expect(data.message).to.contain('.spec.template.spec.containers: duplicate entries for key [name="c"]');
  });

  it("refuses repeated keys, or warns of them, as the client asks", async () => {
    const text = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"settings"},"data":{"a":"1","a":"2"}}';
    const strict = await apply(text, "one&fieldValidation=Strict");
    expect([strict.code, strict.data.message]).to.deep.equal([
      400,
      'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 1: key "a" already set in map',
    ]);
    expect((await apply(text)).headers.warning).to.contain("already set in map");
  });

  it("refuses an object that is not the version that the configuration names", async () => {
    const { data } = await apply(configMap({ a: "1" }));
    await merge(CONFIG_MAP, { data: { b: "1" } });
    const stale = await apply(configMap({ a: "2" }, { resourceVersion: data.metadata.resourceVersion }));
    expect(stale.code).to.equal(409);
    expect(stale.data.message).to.contain("the object has been modified");
  });

  const options: readonly (readonly [title: string, target: string, message: string])[] = [
    [
      "an apply without a manager",
      `${CONFIG_MAP}`,
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
    ],
    [
      "a manager's name that is too long",
      `${CONFIG_MAP}?fieldManager=${"x".repeat(129)}`,
      "fieldManager: Too long: may not be more than 128 bytes",
    ],
    [
      "a manager's name that cannot be printed",
      `${CONFIG_MAP}?fieldManager=a%07`,
      "invalid character U+0007 (at position 1)",
    ],
  ];
  for (const [title, target, message] of options) {
    it(`refuses ${title}`, async () => {
      const { code, data } = await api.call("PATCH", target, {
        text: JSON.stringify(configMap()),
        headers: { "content-type": "application/apply-patch+yaml" },
      });
      expect(code).to.equal(422);
      expect(data.message).to.contain(message);
    });
  }
});
