import { expect } from "chai";
import { ApiHarness, textOf } from "../../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const configMap = (name: string, labels: object = {}) => ({ metadata: { name, labels }, data: {} });
const namesIn = ({ data }: { data: unknown }) =>
  (data as { items: { metadata: { name: string } }[] }).items.map(({ metadata }) => metadata.name);

describe("reading objects", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    for (const name of ["a", "b", "c", "d", "e"]) {
      await api.create(PATH, configMap(name, { vowel: String(name === "a" || name === "e") }));
    }
  });
  afterEach(() => api.stop());

  it("gives the bytes of the object that in-process callers get", async () => {
    const { response, data } = await api.call("GET", `${PATH}/a`);
    expect(JSON.parse(textOf(response))).to.deep.equal(data);
    expect(Object.isFrozen(data)).to.equal(true);
  });

  it("tells which object is missing", async () => {
    const { code, data } = await api.call("GET", "/apis/apps/v1/namespaces/default/deployments/web");
    expect(code).to.equal(404);
    expect(data).to.deep.equal({
      kind: "Status",
      apiVersion: "v1",
      metadata: {},
      status: "Failure",
      message: 'deployments.apps "web" not found',
      reason: "NotFound",
      details: { name: "web", group: "apps", kind: "deployments" },
      code: 404,
    });
  });

  it("lists in order, with a version, the same as objects and as bytes", async () => {
    const { response, data } = await api.call("GET", PATH);
    expect(data).to.include({ kind: "ConfigMapList", apiVersion: "v1" });
    expect(namesIn({ data })).to.deep.equal(["a", "b", "c", "d", "e"]);
    expect(data.metadata.resourceVersion).to.equal(String(await api.store.revision()));
    expect(JSON.parse(textOf(response))).to.deep.equal(data);
  });

  const selections: [query: string, names: string[]][] = [
    ["labelSelector=vowel=true", ["a", "e"]],
    ["labelSelector=vowel!=true", ["b", "c", "d"]],
    ["fieldSelector=metadata.name=c", ["c"]],
    ["fieldSelector=metadata.name!=c&labelSelector=vowel=false", ["b", "d"]],
    ["fieldSelector=metadata.namespace=other", []],
  ];
  for (const [query, names] of selections) {
    it(`selects by ${query}`, async () => {
      expect(namesIn(await api.call("GET", `${PATH}?${encodeURI(query)}`))).to.deep.equal(names);
    });
  }

  it("refuses to select by other fields", async () => {
    const { code, data } = await api.call("GET", `${PATH}?fieldSelector=data.x=1`);
    expect(code).to.equal(400);
    expect(data.message).to.equal('"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"');
    const pods = await api.call("GET", "/api/v1/pods?fieldSelector=spec.x=1");
    expect(pods.data.message).to.equal("field label not supported: spec.x");
  });

  it("gives pages of one moment, whatever changes between them", async () => {
    const first = await api.call("GET", `${PATH}?limit=2`);
    const { continue: token, remainingItemCount } = first.data.metadata as unknown as Record<string, unknown>;
    expect(remainingItemCount).to.equal(3);
    await api.call("DELETE", `${PATH}/c`);
    await api.create(PATH, configMap("bb"));
    const second = await api.call("GET", `${PATH}?limit=2&continue=${String(token)}`);
    expect([...namesIn(first), ...namesIn(second)]).to.deep.equal(["a", "b", "c", "d"]);
    expect(second.data.metadata.resourceVersion).to.equal(first.data.metadata.resourceVersion);
    const { continue: last } = second.data.metadata as unknown as Record<string, unknown>;
    const third = await api.call("GET", `${PATH}?limit=2&continue=${String(last)}`);
    expect(namesIn(third)).to.deep.equal(["e"]);
    expect(third.data.metadata).to.not.have.property("continue");
  });

  it("pages through a selection", async () => {
    const first = await api.call("GET", `${PATH}?limit=1&labelSelector=vowel=true`);
    const { continue: token, ...rest } = first.data.metadata as unknown as Record<string, unknown>;
    expect(rest).to.not.have.property("remainingItemCount");
    const second = await api.call("GET", `${PATH}?limit=1&labelSelector=vowel=true&continue=${String(token)}`);
    expect([...namesIn(first), ...namesIn(second)]).to.deep.equal(["a", "e"]);
  });

  it("says how to go on when the moment of a page has been forgotten", async () => {
    const first = await api.call("GET", `${PATH}?limit=2`);
    const { continue: token } = first.data.metadata as unknown as Record<string, unknown>;
    await api.call("DELETE", `${PATH}/d`);
    await api.store.compact(await api.store.revision());
    const expired = await api.call("GET", `${PATH}?limit=9&continue=${String(token)}`);
    expect(expired.code).to.equal(410);
    expect(expired.data.reason).to.equal("Expired");
    const { continue: patchwork } = expired.data.metadata as unknown as Record<string, unknown>;
    expect(namesIn(await api.call("GET", `${PATH}?continue=${String(patchwork)}`))).to.deep.equal(["c", "e"]);
  });

  it("shows exactly the version asked for, or one not older", async () => {
    const { metadata } = (await api.call("GET", PATH)).data;
    await api.call("DELETE", `${PATH}/a`);
    const at = (match: string) =>
      api.call("GET", `${PATH}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=${match}`);
    expect(namesIn(await at("Exact"))).to.include("a");
    expect(namesIn(await at("NotOlderThan"))).to.not.include("a");
  });

  it("waits for a version that is to come, and then says that it did not", async () => {
    const reply = api.call("GET", `${PATH}?resourceVersion=100000`);
    await api.clock.advance(3000);
    const { code, data, headers } = await reply;
    expect(code).to.equal(504);
    expect(data.message).to.match(/^Timeout: Too large resource version: 100000, current: \d+$/);
    expect(data.details).to.deep.equal({
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      retryAfterSeconds: 1,
    });
    expect(headers["retry-after"]).to.equal("1");
  });

  it("gives everything at hand where the version is 0, whatever the limit", async () => {
    const { data } = await api.call("GET", `${PATH}?resourceVersion=0&limit=2`);
    expect(namesIn({ data })).to.have.length(5);
    expect(data.metadata).to.have.all.keys("resourceVersion");
  });

  it("takes a version with a limit for exactly that version", async () => {
    const { metadata } = (await api.call("GET", PATH)).data;
    await api.call("DELETE", `${PATH}/a`);
    const page = await api.call("GET", `${PATH}?resourceVersion=${metadata.resourceVersion}&limit=2`);
    expect(namesIn(page)).to.deep.equal(["a", "b"]);
    expect(page.data.metadata).to.include({ resourceVersion: metadata.resourceVersion, remainingItemCount: 3 });
    const newer = await api.call(
      "GET",
      `${PATH}?resourceVersion=${metadata.resourceVersion}&limit=2&resourceVersionMatch=NotOlderThan`,
    );
    expect(namesIn(newer)).to.deep.equal(["b", "c"]);
  });

  it("says that an exact version has been forgotten", async () => {
    const { metadata } = (await api.call("GET", PATH)).data;
    await api.call("DELETE", `${PATH}/a`);
    await api.store.compact(await api.store.revision());
    const { code, data } = await api.call(
      "GET",
      `${PATH}?resourceVersion=${metadata.resourceVersion}&resourceVersionMatch=Exact`,
    );
    expect([code, data.reason, data.message]).to.deep.equal([
      410,
      "Expired",
      "The resourceVersion for the provided list is too old.",
    ]);
  });

  it("takes a token in the place where the list would go on, also in another namespace", async () => {
    await api.create("/api/v1/namespaces", { metadata: { name: "other" } });
    for (const name of ["a", "z"]) await api.create("/api/v1/namespaces/other/configmaps", configMap(name));
    const first = await api.call("GET", `${PATH}?limit=2`);
    const { continue: token } = first.data.metadata as unknown as Record<string, unknown>;
    const elsewhere = await api.call("GET", `/api/v1/namespaces/other/configmaps?continue=${String(token)}`);
    expect(namesIn(elsewhere)).to.deep.equal(["z"]);
  });

  it("refuses a version beside a token", async () => {
    const first = await api.call("GET", `${PATH}?limit=2`);
    const { continue: token } = first.data.metadata as unknown as Record<string, unknown>;
    const { code, data } = await api.call("GET", `${PATH}?continue=${String(token)}&resourceVersion=5`);
    expect([code, data.message]).to.deep.equal([400, "specifying resource version is not allowed when using continue"]);
    const zero = await api.call("GET", `${PATH}?continue=${String(token)}&resourceVersion=0`);
    expect(namesIn(zero)).to.deep.equal(["c", "d", "e"]);
  });

  it("reads an object by name whatever the query says of watching, as Kubernetes does", async () => {
    expect((await api.call("GET", `${PATH}/a?watch=true`)).data.kind).to.equal("ConfigMap");
  });

  it("refuses tokens that it has not made", async () => {
    expect((await api.call("GET", `${PATH}?continue=x`)).code).to.equal(400);
  });
});
