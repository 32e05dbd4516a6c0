import { expect } from "chai";
import { parseYaml } from "../../lib/yaml.ts";
import { readFile } from "node:fs/promises";
import { ApiHarness } from "../../testing/api-harness.ts";

const BAND = "scheduling.kctl.dev/band";
const PODS = "/api/v1/namespaces/default/pods";
const QUOTAS = "/api/v1/namespaces/default/resourcequotas";
const CLASSES = "/apis/scheduling.k8s.io/v1/priorityclasses";

const classOf = (name: string, value: number, labels: object = {}) => ({ metadata: { name, labels }, value });
const podOf = (name: string, priorityClassName?: string, labels: object = {}) => ({
  metadata: { name, labels },
  spec: { containers: [{ name: "c", image: "i" }], ...(priorityClassName && { priorityClassName }) },
});
const quotaOf = (name: string, band: string, hard: object) => ({
  metadata: { name, labels: { [BAND]: band } },
  spec: { hard },
});

let api: ApiHarness;
const send = async (method: string, path: string, body: object) => {
  const { code, data } = await api.call(method, path, { body });
  return [code, data.message] as const;
};
const bandOf = async (name: string) => (await api.get(`${PODS}/${name}`)).metadata.labels?.[BAND];

describe("bands of priorities", () => {
  beforeEach(async () => {
    api = await ApiHarness.start();
    for (const { value } of parseYaml(await readFile("manifests/bands.yaml", "utf8"))) {
      await api.create(CLASSES, value);
    }
  });
  afterEach(() => api.stop());

  const refusedClasses: [title: string, body: object, message: string][] = [
    [
      "values above the band",
      classOf("x", 900_000_000, { [BAND]: "production" }),
      'PriorityClass.scheduling.k8s.io "x" is invalid: value: Invalid value: 900000000: must be in the range of band production, 800000000 to 899999999',
    ],
    [
      "ordinary values in a band",
      classOf("x", 0, { [BAND]: "batch" }),
      'PriorityClass.scheduling.k8s.io "x" is invalid: value: Invalid value: 0: must be in the range of band batch, -199999999 to -100000000',
    ],
    [
      "bands that there are not",
      classOf("x", 0, { [BAND]: "prod" }),
      'PriorityClass.scheduling.k8s.io "x" is invalid: metadata.labels[scheduling.kctl.dev/band]: Unsupported value: "prod": supported values: "monitoring", "production", "batch", "best-effort"',
    ],
  ];
  for (const [title, body, message] of refusedClasses) {
    it(`have no classes with ${title}`, async () => {
      expect(await send("POST", CLASSES, body)).to.deep.equal([422, message]);
    });
  }

  it("are not joined later with a value out of range", async () => {
    const created = await api.create(CLASSES, classOf("usual", 1000));
    const joined = { ...created, metadata: { ...created.metadata, labels: { [BAND]: "production" } } };
    expect((await send("PUT", `${CLASSES}/usual`, joined))[0]).to.equal(422);
  });

  it("are written on pods from their class, also from one that is the cluster's default", async () => {
    await api.create(PODS, podOf("p", "production"));
    expect(await bandOf("p")).to.equal("production");
    await api.create(PODS, podOf("plain"));
    expect(await bandOf("plain")).to.equal(undefined);
    await api.create(CLASSES, { ...classOf("usual", -150_000_000, { [BAND]: "batch" }), globalDefault: true });
    await api.create(PODS, podOf("q"));
    expect(await bandOf("q")).to.equal("batch");
  });

  it("cannot be forged on new pods", async () => {
    expect(await send("POST", PODS, podOf("p", "batch", { [BAND]: "production" }))).to.deep.equal([
      403,
      'pods "p" is forbidden: label scheduling.kctl.dev/band is written by the server, and "production" is not the band of priority class batch',
    ]);
    expect((await send("POST", PODS, podOf("p", undefined, { [BAND]: "production" })))[0]).to.equal(403);
    expect((await send("POST", PODS, podOf("p", "batch", { [BAND]: "batch" })))[0]).to.equal(201);
  });

  it("cannot be forged later, by whichever way, and survive clients that do not know them", async () => {
    const created = await api.create(PODS, podOf("p", "batch"));
    const plain = await api.create(PODS, podOf("plain"));
    const forged = { metadata: { ...created.metadata, labels: { [BAND]: "production" } } };
    expect((await send("PUT", `${PODS}/p`, { ...created, ...forged }))[0]).to.equal(403);
    expect((await send("PUT", `${PODS}/p/status`, { ...created, ...forged }))[0]).to.be.oneOf([200, 403]);
    const added = { metadata: { ...plain.metadata, labels: { [BAND]: "production" } } };
    expect((await send("PUT", `${PODS}/plain`, { ...plain, ...added }))[0]).to.equal(403);
    const headers = { "content-type": "application/merge-patch+json" };
    const patch = { metadata: { labels: { [BAND]: "production" } } };
    expect((await api.call("PATCH", `${PODS}/p`, { body: patch, headers })).code).to.equal(403);
    const unaware = { ...created, metadata: { ...created.metadata, labels: { app: "x" } } };
    expect((await send("PUT", `${PODS}/p`, unaware))[0]).to.equal(200);
    expect(await bandOf("p")).to.equal("batch");
    expect(await bandOf("plain")).to.equal(undefined);
  });

  it("are given by the namespace to pods that name no class", async () => {
    const labels = { "scheduling.kctl.dev/default-band": "batch" };
    await api.create("/api/v1/namespaces", { metadata: { name: "jobs", labels } });
    await api.create(CLASSES, classOf("low-batch", -190_000_000, { [BAND]: "batch" }));
    const { spec, metadata } = await api.create("/api/v1/namespaces/jobs/pods", podOf("p"));
    expect([spec, metadata.labels]).to.deep.include.members([{ [BAND]: "batch" }]);
    expect(spec).to.include({ priorityClassName: "low-batch", priority: -190_000_000 });
    const named = await api.create("/api/v1/namespaces/jobs/pods", podOf("q", "production"));
    expect(named.metadata.labels).to.deep.equal({ [BAND]: "production" });
  });

  it("are not given by a namespace when no class has them, or when they do not exist", async () => {
    const label = (band: string) => ({ "scheduling.kctl.dev/default-band": band });
    expect(await send("POST", "/api/v1/namespaces", { metadata: { name: "x", labels: label("gold") } })).to.deep.equal([
      422,
      'Namespace "x" is invalid: metadata.labels[scheduling.kctl.dev/default-band]: Unsupported value: "gold": supported values: "monitoring", "production", "batch", "best-effort"',
    ]);
    await api.create("/api/v1/namespaces", { metadata: { name: "jobs", labels: label("batch") } });
    await api.call("DELETE", `${CLASSES}/batch`);
    expect(await send("POST", "/api/v1/namespaces/jobs/pods", podOf("p"))).to.deep.equal([
      403,
      'pods "p" is forbidden: namespace jobs has the default band batch, but no PriorityClass is labeled scheduling.kctl.dev/band=batch',
    ]);
  });
});

describe("quotas by band", () => {
  const node = (name: string) => ({
    metadata: { name },
    status: { allocatable: { cpu: "4", memory: "8Gi", pods: "10" } },
  });
  beforeEach(async () => {
    api = await ApiHarness.start();
    for (const name of ["a", "b"]) await api.create("/api/v1/nodes", node(name));
    await api.create("/api/v1/namespaces", { metadata: { name: "other" } });
  });
  afterEach(() => api.stop());
  const OTHER = "/api/v1/namespaces/other/resourcequotas";

  it("promise no more production than the cluster has, over all namespaces", async () => {
    await api.create(QUOTAS, quotaOf("prod", "production", { "requests.cpu": "5", "limits.cpu": "100" }));
    expect(await send("POST", OTHER, quotaOf("prod", "monitoring", { cpu: "3001m" }))).to.deep.equal([
      422,
      'ResourceQuota "prod" is invalid: spec.hard[cpu]: Invalid value: "3001m": quotas of the production and monitoring bands cannot exceed what the cluster has: others have 5000m of its 8000m',
    ]);
    expect((await send("POST", OTHER, quotaOf("prod", "monitoring", { cpu: "3" })))[0]).to.equal(201);
    const before = await api.get(`${OTHER}/prod`);
    const raise = (cpu: string) => send("PUT", `${OTHER}/prod`, { ...before, spec: { hard: { cpu } } });
    expect((await raise("4"))[0]).to.equal(422);
    expect((await raise("1"))[0]).to.equal(200);
  });

  it("of the lower bands, and those without a band, may exceed it", async () => {
    for (const band of ["batch", "best-effort"]) {
      expect((await send("POST", QUOTAS, quotaOf(band, band, { cpu: "1000" })))[0]).to.equal(201);
    }
    expect((await send("POST", QUOTAS, { metadata: { name: "plain" }, spec: { hard: { cpu: "1000" } } }))[0]).to.equal(
      201,
    );
  });

  it("cannot share the last of the cluster, made at the same time by two servers", async () => {
    const second = await ApiHarness.start({ store: api.store });
    const tries = Array.from({ length: 8 }, (_, index) =>
      (index % 2 ? api : second).call("POST", QUOTAS, { body: quotaOf(`q${index}`, "production", { cpu: "3" }) }),
    );
    const codes = (await Promise.all(tries)).map(({ code }) => code);
    expect(codes.filter((code) => code === 201)).to.have.length(2);
    expect(codes.filter((code) => code === 422)).to.have.length(6);
    second.stop();
  });

  it("keep their band, and are about pods", async () => {
    const created = await api.create(QUOTAS, quotaOf("q", "batch", { cpu: "1" }));
    const moved = { ...created, metadata: { ...created.metadata, labels: { [BAND]: "production" } } };
    expect((await send("PUT", `${QUOTAS}/q`, moved))[1]).to.contain("field is immutable");
    expect((await send("POST", QUOTAS, quotaOf("s", "batch", { services: "1" })))[1]).to.equal(
      'ResourceQuota "s" is invalid: spec.hard[services]: Invalid value: "1": a quota of a band is about pods only',
    );
    expect((await send("POST", QUOTAS, quotaOf("s", "gold", { pods: "1" })))[0]).to.equal(422);
  });

  it("hold pods of their band only", async () => {
    await api.create(CLASSES, classOf("batch", -100_000_000, { [BAND]: "batch" }));
    const quota = await api.create(QUOTAS, quotaOf("q", "batch", { pods: "1" }));
    const status = { hard: { pods: "1" }, used: { pods: "0" } };
    await api.call("PUT", `${QUOTAS}/q/status`, { body: { ...quota, status } });
    for (const name of ["a", "b"]) await api.create(PODS, podOf(name));
    await api.create(PODS, podOf("c", "batch"));
    expect(await send("POST", PODS, podOf("d", "batch"))).to.deep.equal([
      403,
      'pods "d" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    ]);
  });

  it("are required by classes that say so", async () => {
    const labels = { [BAND]: "production", "scheduling.kctl.dev/requires-quota": "true" };
    await api.create(CLASSES, classOf("production", 800_000_000, labels));
    expect(await send("POST", PODS, podOf("p", "production"))).to.deep.equal([
      403,
      'pods "p" is forbidden: priority class production requires a quota, and no ResourceQuota of the namespace is labeled scheduling.kctl.dev/band=production',
    ]);
    const quota = await api.create(QUOTAS, quotaOf("q", "production", { pods: "1" }));
    const status = { hard: { pods: "1" }, used: { pods: "0" } };
    await api.call("PUT", `${QUOTAS}/q/status`, { body: { ...quota, status } });
    expect((await send("POST", PODS, podOf("p", "production")))[0]).to.equal(201);
  });
});
