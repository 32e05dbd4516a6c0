import { expect } from "chai";
import { builtinResources } from "../api/index.ts";
import type { KubeObject } from "../api/meta/object.ts";
import type { ResourceDefinition } from "../api/resource.ts";
import { kubeObject } from "../api/meta/object.ts";
import { ageColumn, nameColumn } from "../api/meta/standard-columns.ts";
import { invalidField } from "../api/schema/field-error.ts";
import { map, optional, string } from "../api/schema/schema.ts";
import { ApiHarness } from "../testing/api-harness.ts";

const kind = { kind: "Thing", plural: "things", scope: "Namespaced", columns: [nameColumn, ageColumn] } as const;

const newThings: ResourceDefinition = {
  ...kind,
  group: "new.example.com",
  version: "v1",
  schema: kubeObject("com.example.new.v1.Thing", "A thing.", { colour: optional(2, string(), "Its colour.") }),
  validate: (object) =>
    "colour" in object && object.colour === "grey" ? [invalidField("colour", "grey", "too dull")] : [],
  selectableFields: (object) => ({ colour: "colour" in object ? String(object.colour) : "" }),
};

const oldThings: ResourceDefinition = {
  ...kind,
  group: "old.example.com",
  version: "v1beta1",
  schema: kubeObject("com.example.old.v1beta1.Thing", "A thing.", {
    properties: optional(2, map(string()), "Its properties."),
  }),
  selectableFields: (object) => ({ "properties.colour": propertiesOf(object).colour ?? "" }),
  conversion: {
    stored: newThings,
    toStored: ({ metadata, ...rest }) => {
      const { colour } = propertiesOf({ metadata, ...rest });
      const converted = { apiVersion: "new.example.com/v1", kind: "Thing", metadata, ...(colour && { colour }) };
      return converted;
    },
    fromStored: ({ metadata, ...rest }) => {
      const { colour } = rest as { colour?: string };
      const properties = { ...(colour && { colour }) };
      const converted = { apiVersion: "old.example.com/v1beta1", kind: "Thing", metadata, properties };
      return converted;
    },
  },
};

const propertiesOf = (object: KubeObject) => (object as { properties?: Record<string, string> }).properties ?? {};

const OLD = "/apis/old.example.com/v1beta1/namespaces/default/things";
const NEW = "/apis/new.example.com/v1/namespaces/default/things";

describe("a kind served in two versions", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start({ resources: [...builtinResources, newThings, oldThings] });
    await api.create(OLD, { metadata: { name: "a" }, properties: { colour: "red" } });
    await api.create(NEW, { metadata: { name: "b" }, colour: "blue" });
  });
  afterEach(() => api.stop());

  it("is the same objects in both", async () => {
    expect(await api.get(`${NEW}/a`)).to.include({ apiVersion: "new.example.com/v1", colour: "red" });
    expect(await api.get(`${OLD}/b`)).to.deep.include({
      apiVersion: "old.example.com/v1beta1",
      properties: { colour: "blue" },
    });
    const { items } = (await api.get(OLD)) as unknown as { items: { properties: object }[] };
    expect(items.map(({ properties }) => properties)).to.deep.equal([{ colour: "red" }, { colour: "blue" }]);
  });

  it("is stored in one of them", async () => {
    const { items } = await api.store.list("/registry/things/");
    const versions = items.map(({ value }) => (JSON.parse(Buffer.from(value).toString()) as KubeObject).apiVersion);
    expect(versions).to.deep.equal(["new.example.com/v1", "new.example.com/v1"]);
  });

  it("is updated and patched in either", async () => {
    const merge = { headers: { "content-type": "application/merge-patch+json" } };
    const patched = await api.call("PATCH", `${OLD}/b`, { text: '{"properties":{"colour":"green"}}', ...merge });
    expect(patched.data).to.deep.include({ properties: { colour: "green" } });
    const read = await api.get(`${NEW}/b`);
    expect((await api.call("PUT", `${NEW}/b`, { body: { ...read, colour: "black" } })).code).to.equal(200);
    expect(await api.get(`${OLD}/b`)).to.deep.include({ properties: { colour: "black" } });
  });

  it("keeps the rules of the stored version in both", async () => {
    const { code, data } = await api.call("POST", OLD, {
      body: { metadata: { name: "c" }, properties: { colour: "grey" } },
    });
    expect([code, data.message]).to.deep.equal([
      422,
      'Thing.new.example.com "c" is invalid: colour: Invalid value: "grey": too dull',
    ]);
  });

  it("is selected by the fields of each version", async () => {
    const names = async (path: string) =>
      ((await api.get(path)) as unknown as { items: KubeObject[] }).items.map(({ metadata }) => metadata.name);
    expect(await names(`${OLD}?fieldSelector=properties.colour%3Dred`)).to.deep.equal(["a"]);
    expect(await names(`${NEW}?fieldSelector=colour%3Dblue`)).to.deep.equal(["b"]);
  });
});

describe("the built-in kinds of several versions", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  const EVENTS_V1 = "/apis/events.k8s.io/v1/namespaces/default/events";
  const EVENTS = "/api/v1/namespaces/default/events";
  const HPA = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;

  it("show an event under either group's names, by whose rules new ones are judged", async () => {
    const involvedObject = { kind: "Pod", namespace: "default", name: "web" };
    await api.create(EVENTS, { metadata: { name: "a" }, involvedObject, message: "m", count: 2 });
    const shown = await api.get(`${EVENTS_V1}/a`);
    expect(shown).to.deep.include({ regarding: involvedObject, note: "m", deprecatedCount: 2 });
    const body = { metadata: { name: "b" }, regarding: involvedObject, note: "m", type: "Normal" };
    const { code, data } = await api.call("POST", EVENTS_V1, { body });
    expect([code, data.message]).to.deep.equal([422, 'Event "b" is invalid: eventTime: Required value']);
  });

  it("let an autoscaler be changed in the version that knows less of it, without a loss", async () => {
    const pods = { metric: { name: "packets" }, target: { type: "AverageValue", averageValue: "1k" } };
    const spec = {
      scaleTargetRef: { kind: "Deployment", name: "web" },
      maxReplicas: 3,
      metrics: [{ type: "Pods", pods }],
    };
    await api.create(HPA("v2"), { metadata: { name: "a" }, spec });
    const old = await api.get(`${HPA("v1")}/a`);
    const changed = { ...old, spec: { ...(old as unknown as { spec: object }).spec, maxReplicas: 9 } };
    expect((await api.call("PUT", `${HPA("v1")}/a`, { body: changed })).code).to.equal(200);
    const read = (await api.get(`${HPA("v2")}/a`)) as unknown as { spec: object; metadata: object };
    expect(read.spec).to.deep.include({ maxReplicas: 9, metrics: spec.metrics });
    expect(read.metadata).to.not.have.property("annotations");
  });
});
