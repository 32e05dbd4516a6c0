import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const configMap = (metadata: object) => ({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "b" } });
const PATH = "/api/v1/namespaces/default/configmaps";

describe("creating an object", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  it("gives it a uid, a creation time and a resource version", async () => {
    const { code, data } = await api.call("POST", PATH, { body: configMap({ name: "a" }) });
    expect(code).to.equal(201);
    expect(data.metadata.creationTimestamp).to.equal("2026-01-01T00:00:00Z");
    expect(data.metadata.uid).to.match(/^[0-9a-f-]{36}$/);
    expect(data.metadata.namespace).to.equal("default");
    expect(await api.get(`${PATH}/a`)).to.deep.equal(data);
  });

  it("takes an object of very many fields, and says who owns each", async () => {
    const data = Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`key-${index}`, ""]));
    const finalizers = Array.from({ length: 1000 }, (_, index) => `example.com/f${index}`);
    const object = { metadata: { name: "wide", finalizers }, data };
    const { metadata } = await api.create(`${PATH}?fieldManager=test`, object);
    const owned = metadata.managedFields?.[0]?.fieldsV1 as Record<string, Record<string, object>>;
    expect(Object.keys(owned["f:data"] ?? {})).to.have.members([".", ...Object.keys(data).map((key) => `f:${key}`)]);
    expect(Object.keys(owned["f:metadata"]?.["f:finalizers"] ?? {})).to.have.members([
      ".",
      ...finalizers.map((name) => `v:${JSON.stringify(name)}`),
    ]);
  });

  it("stores it where kube-apiserver does, without its resource version", async () => {
    await api.create(PATH, configMap({ name: "a" }));
    const stored = await api.store.get("/registry/configmaps/default/a");
    const value = JSON.parse(Buffer.from(stored?.value ?? []).toString()) as { metadata: object };
    expect(value).to.include({ kind: "ConfigMap", apiVersion: "v1" });
    expect(value.metadata).to.not.have.property("resourceVersion");
  });

  it("ignores what the server decides, and refuses a resource version", async () => {
    const sent = { name: "a", uid: "mine", creationTimestamp: "2000-01-01T00:00:00Z", deletionTimestamp: "x" };
    const { metadata } = await api.create(PATH, configMap({ ...sent, deletionTimestamp: null }));
    expect(metadata.uid).to.not.equal("mine");
    expect(metadata.creationTimestamp).to.equal("2026-01-01T00:00:00Z");
    const { code, data } = await api.call("POST", PATH, { body: configMap({ name: "b", resourceVersion: "1" }) });
    expect(code).to.equal(400);
    expect(data.message).to.equal("resourceVersion should not be set on objects to be created");
  });

  it("generates names that are not taken", async () => {
    const names = new Set<string>();
    for (let count = 0; count < 20; count += 1) {
      const { metadata } = await api.create(PATH, configMap({ generateName: "web-" }));
      expect(metadata.name).to.match(/^web-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      names.add(metadata.name);
    }
    expect(names.size).to.equal(20);
  });

  it("tries without a trace on dry run", async () => {
    const { code, data } = await api.call("POST", `${PATH}?dryRun=All`, { body: configMap({ name: "a" }) });
    expect(code).to.equal(201);
    expect(data.metadata.uid).to.be.a("string");
    expect((await api.call("GET", `${PATH}/a`)).code).to.equal(404);
  });

  it("knows one object of a name only, also when many are created at once", async () => {
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => api.call("POST", PATH, { body: configMap({ name: "a" }) })),
    );
    expect(replies.map(({ code }) => code).sort()).to.deep.equal([201, ...Array<number>(9).fill(409)]);
    const refused = replies.find(({ code }) => code === 409)?.data;
    expect(refused).to.deep.include({
      kind: "Status",
      status: "Failure",
      reason: "AlreadyExists",
      message: 'configmaps "a" already exists',
      details: { name: "a", kind: "configmaps" },
      code: 409,
    });
  });

  const refusals: [title: string, target: string, body: object, code: number, message: string][] = [
    ["has no name", PATH, configMap({}), 422, "name or generateName is required"],
    [
      "is for another namespace",
      PATH,
      configMap({ name: "a", namespace: "b" }),
      400,
      "does not match the namespace sent",
    ],
    [
      "is for no namespace",
      "/api/v1/namespaces/x/configmaps",
      configMap({ name: "a" }),
      404,
      'namespaces "x" not found',
    ],
    ["has the wrong kind", PATH, { ...configMap({ name: "a" }), kind: "Pod" }, 400, "cannot be handled as a ConfigMap"],
    [
      "has the wrong version",
      PATH,
      { ...configMap({ name: "a" }), apiVersion: "v2" },
      400,
      "does not match the expected API version (v1)",
    ],
    ["has no known dry run", `${PATH}?dryRun=x`, configMap({ name: "a" }), 422, 'supported values: "All"'],
    ["has a name that is no segment of a path", PATH, configMap({ name: "a/b" }), 422, "may not contain '/'"],
    ["has a name that points elsewhere", PATH, configMap({ name: ".." }), 422, "may not be '..'"],
    ["goes to a name", `${PATH}/a`, configMap({ name: "a" }), 405, "the server does not allow this method"],
  ];
  for (const [title, target, body, code, message] of refusals) {
    it(`is refused when it ${title}`, async () => {
      const reply = await api.call("POST", target, { body });
      expect(reply.code).to.equal(code);
      expect(reply.data).to.include({ kind: "Status", status: "Failure", code });
      expect(reply.data.message).to.contain(message);
    });
  }

  it("warns of unknown fields, refuses them where asked to, or takes no notice", async () => {
    const body = { ...configMap({ name: "a" }), dta: {} };
    const warned = await api.call("POST", `${PATH}?dryRun=All`, { body });
    expect(warned.headers.warning).to.equal('299 - "unknown field \\"dta\\""');
    const ignored = await api.call("POST", `${PATH}?dryRun=All&fieldValidation=Ignore`, { body });
    expect(ignored.headers).to.not.have.property("warning");
    const refused = await api.call("POST", `${PATH}?fieldValidation=Strict`, { body });
    expect(refused.code).to.equal(400);
    expect(refused.data.message).to.contain('strict decoding error: unknown field "dta"');
  });
});
