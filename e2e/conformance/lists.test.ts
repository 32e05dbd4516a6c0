// Long lists in pieces, lists as tables, and what is said when a list was asked for that cannot be had.

import { expect } from "chai";
import type { InProcessCluster } from "../in-process-cluster.ts";
import type { ApiClient, Json, KubeJson } from "./api-client.ts";
import { startConformanceCluster } from "./conformance-cluster.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
const templates = "/api/v1/namespaces/test/podtemplates";
const COUNT = 40;
const spec = { containers: [{ name: "test", image: "test2" }] };

describe("conformance: lists in pieces and as tables", () => {
  let cluster: InProcessCluster;
  let api: ApiClient;
  before(async () => {
    ({ cluster, api } = await startConformanceCluster());
    for (let index = 0; index < COUNT; index++) {
      const name = `template-${String(index).padStart(4, "0")}`;
      await api.post(templates, { metadata: { name }, template: { spec } });
    }
  });
  after(() => cluster.remove());

  const next = (list: KubeJson, limit: number) =>
    api.get(`${templates}?limit=${limit}&continue=${encodeURIComponent(list.metadata.continue ?? "")}`);

  it("gives pieces of one version that make up the whole", async () => {
    for (const limit of [1, 7, 17, COUNT, 10_000]) {
      const pieces = [await api.get(`${templates}?limit=${limit}`)];
      for (let last = pieces[0]; last?.metadata.continue; last = pieces.at(-1)) pieces.push(await next(last, limit));
      expect(pieces).to.have.length(Math.ceil(COUNT / Math.min(limit, COUNT)));
      expect(new Set(pieces.map(({ metadata }) => metadata.resourceVersion))).to.have.property("size", 1);
      expect(pieces.flatMap(({ items }) => items)).to.deep.equal((await api.get(templates)).items);
      pieces.forEach(({ metadata, items }, index) => {
        const left = COUNT - index * limit - items.length;
        expect(metadata.remainingItemCount).to.equal(left > 0 ? left : undefined);
      });
    }
  });

  it("goes on with what is there now when the version of the first piece is gone", async () => {
    const first = await api.get(`${templates}?limit=10`);
    const { start } = JSON.parse(Buffer.from(first.metadata.continue ?? "", "base64url").toString()) as Json;
    // What the answer 410 gives to those whose version is dropped, minutes later: a token of no version.
    const token = Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: -1, start })).toString("base64url");
    const created = await api.post(templates, { metadata: { name: "template-0009-new" }, template: { spec } });
    const rest = await api.get(`${templates}?limit=10&continue=${token}`);
    await api.delete(`${templates}/template-0009-new`);
    expect(Number(rest.metadata.resourceVersion)).to.be.at.least(Number(created.metadata.resourceVersion));
    expect(rest.items.map(({ metadata }) => metadata.name).slice(0, 2)).to.deep.equal([
      "template-0009-new",
      "template-0010",
    ]);
    const end = await next(rest, 1000);
    expect(rest.items.length + end.items.length).to.equal(COUNT + 1 - 10);
    expect(end.metadata.resourceVersion).to.equal(rest.metadata.resourceVersion);
  });

  it("refuses tokens that it has not made", async () => {
    for (const token of [
      "nonsense",
      "e30",
      Buffer.from('{"v":"meta.k8s.io/v1","rv":0,"start":"a"}').toString("base64url"),
    ]) {
      const { code, data } = await api.ask("GET", `${templates}?limit=1&continue=${token}`);
      expect([code, data.reason], token).to.deep.equal([400, "BadRequest"]);
    }
  });

  it("gives tables of lists and of single objects", async () => {
    for (const [path, rows] of [
      [templates, COUNT],
      [`${templates}/template-0003`, 1],
    ] as const) {
      const { data } = await api.ask("GET", path, { accept: TABLE });
      expect(data).to.include({ kind: "Table", apiVersion: "meta.k8s.io/v1" });
      const [column] = data.columnDefinitions as readonly Json[];
      expect(column).to.include({ name: "Name", type: "string", format: "name" });
      const found = data.rows as readonly (Json & { readonly object: Json; readonly cells: readonly unknown[] })[];
      expect(found).to.have.length(rows);
      expect(found[0]?.object).to.include({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" });
    }
  });

  it("gives tables in pieces", async () => {
    const first = await api.ask("GET", `${templates}?limit=2`, { accept: TABLE });
    expect(first.data.rows).to.have.length(2);
    expect(first.data.metadata.continue).to.be.a("string");
    const path = `${templates}?limit=2&continue=${encodeURIComponent(first.data.metadata.continue ?? "")}`;
    const [row] = (await api.ask("GET", path, { accept: TABLE })).data.rows as readonly { cells: readonly unknown[] }[];
    expect(row?.cells[0]).to.equal("template-0002");
  });

  it("gives tables of nodes, of what has no columns of its own, and of the rows' objects or nothing", async () => {
    const nodes = await api.ask("GET", "/api/v1/nodes", { accept: TABLE });
    const definitions = nodes.data.columnDefinitions as readonly Json[];
    expect(definitions.length).to.be.greaterThan(2);
    expect(nodes.data.metadata.resourceVersion).to.be.a("string");
    const withObjects = await api.ask("GET", `${templates}?limit=1&includeObject=Object`, { accept: TABLE });
    expect(withObjects.data).to.have.nested.property("rows[0].object.kind", "PodTemplate");
    const without = await api.ask("GET", `${templates}?limit=1&includeObject=None`, { accept: TABLE });
    expect(without.data).not.to.have.nested.property("rows[0].object.metadata");
  });

  it("answers 406 where a table is asked of something that has none", async () => {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const question = { resourceAttributes: { verb: "get", resource: "pods", namespace: "default" } };
    const body = { kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1", spec: question };
    const { code, data } = await api.ask("POST", path, { body, accept: TABLE });
    expect(code).to.equal(406);
    expect(data).to.include({ kind: "Status", reason: "NotAcceptable" });
    const fallback = await api.ask("POST", path, { body, accept: `${TABLE},application/json` });
    expect([fallback.code, fallback.data.kind]).to.deep.equal([201, "SelfSubjectAccessReview"]);
  });

  it("gives the metadata alone to those who ask for it", async () => {
    const accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    const { data } = await api.ask("GET", `${templates}?limit=2`, { accept });
    expect(data).to.include({ kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1" });
    for (const item of data.items) {
      expect(item)
        .to.include({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1" })
        .and.have.all.keys("kind", "apiVersion", "metadata");
    }
  });
});
