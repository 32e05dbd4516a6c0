import { expect } from "chai";
import { renderYaml } from "../lib/render-yaml.ts";
import { ApiHarness, textOf, type Reply } from "../testing/api-harness.ts";

const PATH = "/api/v1/namespaces/default/configmaps";
const PROTOBUF = "application/vnd.kubernetes.protobuf";
interface Sent {
  readonly method?: string;
  readonly body?: unknown;
}
const as = (kind: string, version = "v1") => `application/json;as=${kind};g=meta.k8s.io;v=${version}`;

describe("the form of an answer", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    await api.create(PATH, { metadata: { name: "a" }, data: { x: "1" } });
  });
  afterEach(() => api.stop());
  const ask = (target: string, accept: string, sent: Sent = {}) =>
    api.call(sent.method ?? "GET", target, { headers: { accept }, body: sent.body });
  const kindOf = ({ code, data }: Reply) => `${code} ${data.apiVersion} ${data.kind}`;

  const forms: readonly [accept: string, object: string, list: string][] = [
    ["", "200 v1 ConfigMap", "200 v1 ConfigMapList"],
    ["*/*", "200 v1 ConfigMap", "200 v1 ConfigMapList"],
    ["application/json;charset=utf-8", "200 v1 ConfigMap", "200 v1 ConfigMapList"],
    [`${PROTOBUF},application/json`, "200 v1 ConfigMap", "200 v1 ConfigMapList"],
    [`${PROTOBUF};q=0.9,application/json;q=0.1`, "200 v1 ConfigMap", "200 v1 ConfigMapList"],
    [as("Table"), "200 meta.k8s.io/v1 Table", "200 meta.k8s.io/v1 Table"],
    [as("Table", "v1beta1"), "200 meta.k8s.io/v1beta1 Table", "200 meta.k8s.io/v1beta1 Table"],
    [`${as("Table", "v2")},application/json`, "200 v1 ConfigMap", "200 v1 ConfigMapList"],
    [as("Odd"), "406 v1 Status", "406 v1 Status"],
    [PROTOBUF, "406 v1 Status", "406 v1 Status"],
    ["text/plain", "406 v1 Status", "406 v1 Status"],
    ["application/json;q=0", "406 v1 Status", "406 v1 Status"],
    [as("PartialObjectMetadata"), "200 meta.k8s.io/v1 PartialObjectMetadata", "406 v1 Status"],
    [as("PartialObjectMetadata", "v1beta1"), "200 meta.k8s.io/v1beta1 PartialObjectMetadata", "406 v1 Status"],
    [as("PartialObjectMetadataList"), "406 v1 Status", "200 meta.k8s.io/v1 PartialObjectMetadataList"],
  ];
  for (const [accept, object, list] of forms) {
    it(`goes by Accept: ${accept}`, async () => {
      expect(kindOf(await ask(`${PATH}/a`, accept))).to.equal(object);
      expect(kindOf(await ask(PATH, accept))).to.equal(list);
    });
  }

  it("says why an object is not given as a list, and the other way round", async () => {
    const one = await ask(`${PATH}/a`, as("PartialObjectMetadataList"));
    expect(one.data.message).to.equal(
      "you requested PartialObjectMetadataList, but the requested object is not a list (*v1.ConfigMap)",
    );
    const many = await ask(PATH, as("PartialObjectMetadata"));
    expect(many.data.message).to.equal(
      "you requested PartialObjectMetadata, but the requested object is a list (*v1.ConfigMapList)",
    );
  });

  it("is the same for what was created, changed and deleted", async () => {
    const created = await ask(PATH, as("Table"), { method: "POST", body: { metadata: { name: "b" } } });
    expect(kindOf(created)).to.equal("201 meta.k8s.io/v1 Table");
    expect(created.data).to.have.nested.property("rows[0].cells[0]", "b");
    const replaced = await ask(`${PATH}/b`, as("PartialObjectMetadata"), {
      method: "PUT",
      body: { metadata: { name: "b" } },
    });
    expect(kindOf(replaced)).to.equal("200 meta.k8s.io/v1 PartialObjectMetadata");
    const pods = "/api/v1/namespaces/default/pods";
    await api.create(pods, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } });
    expect(kindOf(await ask(`${pods}/p`, as("Table"), { method: "DELETE" }))).to.equal("200 meta.k8s.io/v1 Table");
    expect(kindOf(await ask(PATH, as("Table"), { method: "DELETE" }))).to.equal("200 meta.k8s.io/v1 Table");
  });

  it("is the same for the events of a watch", async () => {
    for (const version of ["v1", "v1beta1"]) {
      for (const kind of ["Table", "PartialObjectMetadata"]) {
        const watch = await api.watch(`${PATH}?watch=true`, { headers: { accept: as(kind, version) } });
        await api.clock.advance(0);
        const [event] = watch.events.map(({ object }) => object as { kind: string; apiVersion: string });
        expect(event).to.include({ kind, apiVersion: `meta.k8s.io/${version}` });
        await watch.stop();
      }
    }
  });

  it("gives tables and metadata as bytes that say the same as the data", async () => {
    for (let index = 0; index < 700; index += 1) await api.create(PATH, { metadata: { generateName: "many-" } });
    for (const accept of [as("Table"), as("PartialObjectMetadataList"), "application/json"]) {
      const { response, data } = await ask(PATH, accept);
      expect(JSON.parse(textOf(response))).to.deep.equal(data);
    }
  });

  it("holds in a table as much of the objects as is asked for", async () => {
    const kindIn = async (include: string) => {
      const { data } = await ask(`${PATH}?includeObject=${include}`, as("Table"));
      const { rows } = data as unknown as { rows: { object: { kind: string } | null }[] };
      return rows[0]?.object?.kind;
    };
    expect(await kindIn("None")).to.equal(undefined);
    expect(await kindIn("")).to.equal("PartialObjectMetadata");
    expect(await kindIn("Object")).to.equal("ConfigMap");
    const { code, data } = await ask(`${PATH}?includeObject=All`, as("Table"));
    expect([code, data.message]).to.deep.equal([
      400,
      "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty",
    ]);
  });

  it("is set in lines for people", async () => {
    const lines = async (target: string, headers: Readonly<Record<string, string>> = {}) =>
      textOf((await api.call("GET", target, { headers })).response).split("\n").length;
    expect(await lines(`${PATH}/a`)).to.equal(1);
    expect(await lines(`${PATH}/a?pretty=true`)).to.be.greaterThan(5);
    expect(await lines(`${PATH}?pretty=1`)).to.be.greaterThan(10);
    expect(await lines(PATH, { "user-agent": "curl/8.0" })).to.be.greaterThan(10);
    expect(await lines(`${PATH}?pretty=false`, { "user-agent": "curl/8.0" })).to.equal(1);
    expect(await lines(`${PATH}/a`, { accept: "application/yaml" })).to.be.greaterThan(5);
  });

  const lists: [title: string, target: string, accept: string][] = [
    ["a list", PATH, "application/yaml"],
    ["a list of nothing", "/api/v1/namespaces/none/configmaps", "application/yaml"],
    ["a table", PATH, "application/yaml;as=Table;v=v1;g=meta.k8s.io"],
  ];
  for (const [title, target, accept] of lists) {
    it(`is written as YAML item by item, and reads like the whole: ${title}`, async () => {
      const { response } = await api.call("GET", target, { headers: { accept } });
      const { object } = response.body as { object: unknown };
      expect(textOf(response)).to.equal(renderYaml(object));
    });
  }

  it("keeps the digits of large numbers in lines, too", async () => {
    const pods = "/api/v1/namespaces/default/pods";
    const text =
      '{"metadata":{"name":"p"},"spec":{"terminationGracePeriodSeconds":9007199254740993,"containers":[{"name":"c","image":"i"}]}}';
    const reply = await api.call("POST", `${pods}?pretty=true`, { text });
    expect(textOf(reply.response)).to.contain('"terminationGracePeriodSeconds": 9007199254740993');
  });
});
