import { expect } from "chai";
import type { ManagedFieldsEntry } from "../../api/meta/object-meta.ts";
import { ApiHarness, type Data } from "../../testing/api-harness.ts";
import { pathsOf, type FieldSet } from "../../api/schema/field-set.ts";
import { renderPath } from "../../api/schema/path-element.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const CONFIG_MAP = `${CONFIG_MAPS}/settings`;
const PODS = "/api/v1/namespaces/default/pods";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";

const entriesOf = ({ metadata }: Data) => metadata.managedFields ?? [];
const shown = ({ manager, operation, subresource, fieldsV1 }: ManagedFieldsEntry) => ({
  who: [manager, operation, subresource].filter(Boolean).join(" "),
  fields: pathsOf(fieldsV1 as FieldSet).map(renderPath),
});
const ownersOf = (data: Data) => entriesOf(data).map(shown);

describe("the owners of fields", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  const create = (body: object, agent = "maker/1.0") =>
    api.call("POST", CONFIG_MAPS, { body, headers: { "user-agent": agent } });
  const put = (body: object, agent = "editor/1.0", path = CONFIG_MAP) =>
    api.call("PUT", path, { body, headers: { "user-agent": agent } });
  const patch = (type: string, body: unknown, path = CONFIG_MAP) =>
    api.call("PATCH", path, {
      text: JSON.stringify(body),
      headers: { "content-type": `application/${type}+json`, "user-agent": "patcher/1.0" },
    });
  const settings = (data?: object, metadata: object = {}) => ({ metadata: { name: "settings", ...metadata }, data });

  it("begin with whoever creates the object, who owns all that was sent and filled in", async () => {
    const { data } = await create(settings({ a: "1" }, { labels: { x: "y" } }));
    expect(entriesOf(data)).to.deep.equal([
      {
        manager: "maker",
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { ".": {}, "f:a": {} }, "f:metadata": { "f:labels": { ".": {}, "f:x": {} } } },
      },
    ]);
    expect(await api.get(CONFIG_MAP)).to.deep.equal(data);
  });

  it("are the same for a pod as in Kubernetes", async () => {
    const spec = { containers: [{ name: "c", image: "i", ports: [{ containerPort: 80 }] }] };
    const { metadata } = await api.create(PODS, {
      metadata: { generateName: "p-" },
      spec,
      status: { phase: "Running" },
    });
    expect(metadata.managedFields?.[0]?.fieldsV1).to.deep.equal({
      "f:metadata": { "f:generateName": {} },
      "f:spec": {
        "f:containers": {
          'k:{"name":"c"}': {
            ".": {},
            "f:image": {},
            "f:imagePullPolicy": {},
            "f:name": {},
            "f:ports": {
              ".": {},
              'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {}, "f:protocol": {} },
            },
            "f:resources": {},
            "f:terminationMessagePath": {},
            "f:terminationMessagePolicy": {},
          },
        },
        "f:dnsPolicy": {},
        "f:enableServiceLinks": {},
        "f:restartPolicy": {},
        "f:schedulerName": {},
        "f:securityContext": {},
        "f:terminationGracePeriodSeconds": {},
      },
    });
  });

  const writes: readonly (readonly [title: string, write: () => Promise<{ data: Data }>])[] = [
    ["an update", () => put(settings({ a: "1", b: "2", c: "1" }), "patcher/1.0")],
    [
      "a JSON patch",
      () =>
        patch("json-patch", [
          { op: "replace", path: "/data/b", value: "2" },
          { op: "add", path: "/data/c", value: "1" },
        ]),
    ],
    ["a merge patch", () => patch("merge-patch", { data: { b: "2", c: "1" } })],
    ["a strategic merge patch", () => patch("strategic-merge-patch", { data: { b: "2", c: "1" } })],
  ];
  for (const [title, write] of writes) {
    it(`pass what ${title} changes and adds to its writer`, async () => {
      await create(settings({ a: "1", b: "1" }));
      expect(ownersOf((await write()).data)).to.deep.equal([
        { who: "maker Update", fields: [".data", ".data.a"] },
        { who: "patcher Update", fields: [".data.b", ".data.c"] },
      ]);
    });
  }

  it("lose what is removed, and go with the last of it", async () => {
    await create(settings({ a: "1" }, { labels: { x: "y" } }));
    await put(settings({ a: "1", b: "1" }, { labels: { x: "y" } }));
    expect(ownersOf((await put(settings({ a: "1" }))).data)).to.deep.equal([
      { who: "maker Update", fields: [".data", ".data.a"] },
    ]);
  });

  it("are dated when they take something, and not when they lose something", async () => {
    await create(settings({ a: "1", b: "1" }));
    await api.clock.advance(5000);
    const { data } = await put(settings({ a: "1", b: "2" }));
    expect(entriesOf(data).map(({ time }) => time)).to.deep.equal(["2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z"]);
    await api.clock.advance(5000);
    const revision = await api.store.revision();
    expect((await put(settings({ a: "1", b: "2" }))).data).to.deep.equal(data);
    expect(await api.store.revision()).to.equal(revision);
  });

  const names: readonly (readonly [title: string, query: string, agent: string | undefined, manager: string])[] = [
    ["named in the request", "?fieldManager=me", "agent/1.0", "me"],
    ["the agent's name up to the slash", "", "kubectl-create/v1.32 (linux/amd64)", "kubectl-create"],
    [
      "the agent's name, as far as it can be printed and has room",
      "",
      `a\u0007b${"c".repeat(200)}`,
      `ab${"c".repeat(126)}`,
    ],
    ["unknown", "", undefined, "unknown"],
  ];
  for (const [title, query, agent, manager] of names) {
    it(`are ${title}`, async () => {
      const headers: Record<string, string> = agent === undefined ? {} : { "user-agent": agent };
      const { data } = await api.call("POST", CONFIG_MAPS + query, { body: settings({ a: "1" }), headers });
      expect(entriesOf(data)[0]?.manager).to.equal(manager);
    });
  }

  it("have no name that is too long", async () => {
    const { code, data } = await api.call("POST", `${CONFIG_MAPS}?fieldManager=${"x".repeat(129)}`, {
      body: settings(),
    });
    expect([code, data.message]).to.deep.equal([
      422,
      'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
    ]);
  });

  it("are kept apart by subresource, through which nobody takes what it cannot change", async () => {
    const template = { metadata: { labels: { app: "w" } }, spec: { containers: [{ name: "c", image: "i" }] } };
    const spec = { replicas: 2, selector: { matchLabels: { app: "w" } }, template };
    const created = await api.create(DEPLOYMENTS, { metadata: { name: "w" }, spec, status: { replicas: 9 } });
    expect(ownersOf(created)[0]?.fields).to.not.include(".status.replicas");
    const status = {
      ...created,
      metadata: { ...created.metadata, labels: { x: "y" } },
      spec: { ...spec, replicas: 7 },
      status: { replicas: 1 },
    };
    const { data } = await put(status, "controller/1.0", `${DEPLOYMENTS}/w/status`);
    const maker = ownersOf(created)[0];
    expect(ownersOf(data)).to.deep.equal([{ who: "controller Update status", fields: [".status.replicas"] }, maker]);
    const scaled = await patch("merge-patch", { spec: { replicas: 5 } }, `${DEPLOYMENTS}/w/scale`);
    expect(scaled.code).to.equal(200);
    const after = ownersOf(await api.get(`${DEPLOYMENTS}/w`));
    expect(after).to.deep.include({ who: "patcher Update scale", fields: [".spec.replicas"] });
    const left = maker?.fields.filter((field) => field !== ".spec.replicas");
    expect(after).to.deep.include({ who: maker?.who, fields: left });
  });

  it("are nobody for what the server does itself", async () => {
    const nodes = "/api/v1/nodes";
    await api.create(nodes, {
      metadata: { name: "n" },
      status: { allocatable: { cpu: "1", memory: "1Gi", pods: "9" } },
    });
    const pod = await api.create(PODS, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } });
    await api.call("POST", `${PODS}/p/binding`, { body: { metadata: { name: "p" }, target: { name: "n" } } });
    const bound = await api.get(`${PODS}/p`);
    expect(bound).to.have.nested.property("spec.nodeName", "n");
    expect(entriesOf(bound)).to.deep.equal(entriesOf(pod));
  });

  it("are at most ten updaters, of whom the oldest become one", async () => {
    await create(settings({ first: "1" }));
    for (let count = 1; count <= 12; count += 1) {
      await api.clock.advance(1000);
      await api.call("PATCH", `${CONFIG_MAP}?fieldManager=m${count}`, {
        text: JSON.stringify({ data: { [`k${count}`]: "1" } }),
        headers: { "content-type": "application/merge-patch+json" },
      });
    }
    const owners = ownersOf(await api.get(CONFIG_MAP));
    expect(owners).to.have.length(10);
    expect(owners[0]).to.deep.equal({
      who: "ancient-changes Update",
      fields: [".data", ".data.first", ".data.k1", ".data.k2", ".data.k3"],
    });
  });

  describe("as clients send them", () => {
    let stored: Data;
    beforeEach(async () => {
      stored = (await create(settings({ a: "1" }))).data;
    });
    const entry = {
      manager: "me",
      operation: "Apply",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": { "f:a": {} } },
    };

    for (const [title, sent] of [
      ["an empty entry", [{}]],
      ["an empty list", []],
    ] as const) {
      it(`are forgotten with ${title}`, async () => {
        const { data } = await put({ ...stored, metadata: { ...stored.metadata, managedFields: sent } });
        expect(data.metadata).to.not.have.property("managedFields");
      });
    }

    it("are replaced, and then changed as by any write", async () => {
      const metadata = { ...stored.metadata, managedFields: [entry] };
      const { data } = await put({ ...stored, metadata, data: { a: "1", b: "1" } });
      expect(ownersOf(data)).to.deep.equal([
        { who: "me Apply", fields: [".data.a"] },
        { who: "editor Update", fields: [".data.b"] },
      ]);
    });

    const ignored: readonly (readonly [title: string, sent: unknown])[] = [
      ["missing", undefined],
      ["of no operation", [{ ...entry, operation: undefined }]],
      ["of no version", [{ ...entry, apiVersion: "" }]],
      ["in another form", [{ ...entry, fieldsType: "FieldsV2" }]],
      ["no fields", [{ ...entry, fieldsV1: { a: 1 } }]],
    ];
    for (const [title, sent] of ignored) {
      it(`stay as they are where those sent are ${title}`, async () => {
        const { code, data } = await put({ ...stored, metadata: { ...stored.metadata, managedFields: sent } });
        expect([code, entriesOf(data)]).to.deep.equal([200, entriesOf(stored)]);
      });
    }

    it("are not changed through a subresource", async () => {
      const pod = await api.create(PODS, {
        metadata: { name: "p" },
        spec: { containers: [{ name: "c", image: "i" }] },
      });
      const body = { ...pod, metadata: { ...pod.metadata, managedFields: [{}] } };
      expect(entriesOf((await put(body, "e/1", `${PODS}/p/status`)).data)).to.deep.equal(entriesOf(pod));
    });
  });
});
