import { expect } from "chai";
import { CREATIONS_PATH, type CreationResponse } from "../../api/bulk/creation.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

describe("creating many objects in one request", () => {
  let api: ApiHarness;
  beforeEach(async () => (api = await ApiHarness.start()));
  afterEach(() => api.stop());

  const configMap = (name: string, namespace?: string) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, ...(namespace && { namespace }) },
  });
  const create = async (items: unknown, options: object = {}) => {
    const { code, data } = await api.call("POST", CREATIONS_PATH, { body: { items }, ...options });
    return { code, data, results: (data as unknown as CreationResponse).results };
  };
  const outcomes = async (items: readonly unknown[], options: object = {}) =>
    (await create(items, options)).results.map(({ name, status }) => status?.message ?? name);

  it("creates each of them, in its namespace", async () => {
    await api.call("POST", "/api/v1/namespaces", { body: { metadata: { name: "other" } } });
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "n1" } };
    expect(await outcomes([configMap("a"), configMap("b", "other"), node])).to.deep.equal(["a", "b", "n1"]);
    const { data } = await api.call("GET", "/api/v1/namespaces/other/configmaps/b");
    expect(data.metadata).to.include({ name: "b", namespace: "other" });
  });

  it("tells of each what became of it, and creates the others", async () => {
    await create([configMap("taken")]);
    const results = await outcomes([
      configMap("taken"),
      configMap("A"),
      { kind: "None", apiVersion: "v1" },
      configMap("z"),
    ]);
    expect(results[0]).to.equal('configmaps "taken" already exists');
    expect(results[1]).to.contain('ConfigMap "A" is invalid: metadata.name: Invalid value: "A"');
    expect(results[2]).to.equal('no kind "None" in "v1"');
    expect(results[3]).to.equal("z");
  });

  it("lets nobody create what he may not create alone", async () => {
    api.stop();
    api = await ApiHarness.start({
      authorizer: {
        authorize: ({ resource }) => ({ verdict: resource?.plural === "secrets" ? "deny" : "allow" }),
      },
    } as Parameters<typeof ApiHarness.start>[0]);
    const secret = { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } };
    const [denied, allowed] = await outcomes([secret, configMap("a")]);
    expect(denied).to.contain('secrets is forbidden: User "admin" cannot create resource "secrets"');
    expect(allowed).to.equal("a");
  });

  it("tries only, where a dry run is asked for", async () => {
    const { results } = (await api.call("POST", `${CREATIONS_PATH}?dryRun=All`, { body: { items: [configMap("a")] } }))
      .data as unknown as CreationResponse;
    expect(results[0]?.name).to.equal("a");
    expect((await api.call("GET", "/api/v1/namespaces/default/configmaps/a")).code).to.equal(404);
  });

  const refused: [string, unknown, string][] = [
    ["no list", { a: 1 }, "items: must be a list of at most 1000 objects"],
    ["too many", Array.from({ length: 1001 }, () => configMap("a")), "items: must be a list of at most 1000 objects"],
    ["what is no object", [configMap("a"), null], "items[1]: must be an object with apiVersion and kind"],
  ];
  for (const [title, items, message] of refused) {
    it(`refuses ${title}`, async () => {
      const { code, data } = await create(items);
      expect(code).to.equal(400);
      expect(data.message).to.equal(message);
    });
  }
});
