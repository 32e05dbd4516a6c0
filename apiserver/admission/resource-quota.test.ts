import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const NAMESPACE = "/api/v1/namespaces/default";
const QUOTAS = `${NAMESPACE}/resourcequotas`;
type Json = Record<string, string>;
const podOf = (name: string, requests: Json = {}, more: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: "c", image: "i", resources: { requests } }], ...more },
});
const serviceOf = (name: string, type: string) => ({
  metadata: { name },
  spec: { type, selector: { a: "b" }, ports: [{ port: 80 }] },
});
const claimOf = (name: string, storage: string, storageClassName: string) => ({
  metadata: { name },
  spec: { storageClassName, accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
});

describe("resource quotas", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());

  /** A quota as the quota controller would leave it in an empty namespace. */
  const limit = async (name: string, hard: Json, spec: object = {}) => {
    const quota = await api.create(QUOTAS, { metadata: { name }, spec: { hard, ...spec } });
    const used = Object.fromEntries(Object.keys(hard).map((resource) => [resource, "0"]));
    const { code } = await api.call("PUT", `${QUOTAS}/${name}/status`, { body: { ...quota, status: { hard, used } } });
    expect(code).to.equal(200);
  };
  const usedOf = async (name: string) => ((await api.get(`${QUOTAS}/${name}`)).status as { used: Json }).used;
  const post = async (plural: string, body: object, query = "") => {
    const { code, data } = await api.call("POST", `${NAMESPACE}/${plural}${query}`, { body });
    return [code, data.message] as const;
  };

  it("are charged in the transaction that creates the object", async () => {
    await limit("q", { pods: "2", "requests.cpu": "1", "requests.memory": "500Mi" });
    const pod = await api.create(`${NAMESPACE}/pods`, podOf("a", { cpu: "500m", memory: "252Mi" }));
    const quota = await api.get(`${QUOTAS}/q`);
    expect(quota.metadata.resourceVersion).to.equal(pod.metadata.resourceVersion);
    expect(quota.status).to.have.deep.property("used", {
      pods: "1",
      "requests.cpu": "500m",
      "requests.memory": "252Mi",
    });
    expect(await post("pods", podOf("b", { cpu: "600m", memory: "100Mi" }))).to.deep.equal([
      403,
      'pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1',
    ]);
    expect(await post("pods", podOf("b", { cpu: "500m" }))).to.deep.equal([
      403,
      'pods "b" is forbidden: failed quota: q: must specify requests.memory for: c',
    ]);
  });

  it("are all charged, or none is", async () => {
    await limit("a", { secrets: "2" });
    await limit("b", { "count/secrets": "1" });
    expect(await post("secrets", { metadata: { name: "x" } })).to.deep.equal([201, undefined]);
    expect(await post("secrets", { metadata: { name: "y" } })).to.deep.equal([
      403,
      'secrets "y" is forbidden: exceeded quota: b, requested: count/secrets=1, used: count/secrets=1, limited: count/secrets=1',
    ]);
    expect([await usedOf("a"), await usedOf("b")]).to.deep.equal([{ secrets: "1" }, { "count/secrets": "1" }]);
  });

  it("are asked by dry runs, and not charged", async () => {
    await limit("q", { configmaps: "1" });
    for (const name of ["a", "b"]) {
      expect(await post("configmaps", { metadata: { name } }, "?dryRun=All")).to.deep.equal([201, undefined]);
    }
    expect(await usedOf("q")).to.deep.equal({ configmaps: "0" });
    await api.create(`${NAMESPACE}/configmaps`, { metadata: { name: "a" } });
    expect((await post("configmaps", { metadata: { name: "b" } }, "?dryRun=All"))[0]).to.equal(403);
  });

  it("are not charged for what is refused, or is there already", async () => {
    await limit("q", { configmaps: "2" });
    await api.create(`${NAMESPACE}/configmaps`, { metadata: { name: "a" } });
    expect((await post("configmaps", { metadata: { name: "a" } }))[0]).to.equal(409);
    expect((await post("configmaps", { metadata: { name: "B" } }))[0]).to.equal(422);
    expect(await usedOf("q")).to.deep.equal({ configmaps: "1" });
  });

  it("keep everything out while their use is not known", async () => {
    await api.create(QUOTAS, { metadata: { name: "new" }, spec: { hard: { pods: "1" } } });
    expect(await post("pods", podOf("a"))).to.deep.equal([201, undefined]);
    await api.call("PATCH", `${QUOTAS}/new/status`, {
      body: { status: { hard: { pods: "1" } } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    expect(await post("pods", podOf("b"))).to.deep.equal([
      403,
      'pods "b" is forbidden: status unknown for quota: new, resources: pods',
    ]);
  });

  it("count the pods that their scope is about", async () => {
    await limit("batch", { pods: "1" }, { scopes: ["Terminating"] });
    await limit("cheap", { pods: "1" }, { scopes: ["BestEffort", "NotTerminating"] });
    await post("pods", podOf("a", {}, { activeDeadlineSeconds: 60 }));
    expect([await usedOf("batch"), await usedOf("cheap")]).to.deep.equal([{ pods: "1" }, { pods: "0" }]);
    await post("pods", podOf("b"));
    expect([await usedOf("batch"), await usedOf("cheap")]).to.deep.equal([{ pods: "1" }, { pods: "1" }]);
    expect((await post("pods", podOf("c")))[1]).to.match(/exceeded quota: cheap,/);
    expect((await post("pods", podOf("d", { cpu: "1" })))[0]).to.equal(201);
  });

  it("count pods by their priority class", async () => {
    const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    for (const name of ["low", "high"]) await api.create(classes, { metadata: { name }, value: 10 });
    const expression = { scopeName: "PriorityClass", operator: "In", values: ["high"] };
    await limit("q", { pods: "1" }, { scopeSelector: { matchExpressions: [expression] } });
    await post("pods", podOf("a", {}, { priorityClassName: "low" }));
    expect(await usedOf("q")).to.deep.equal({ pods: "0" });
    await post("pods", podOf("b", {}, { priorityClassName: "high" }));
    expect(await usedOf("q")).to.deep.equal({ pods: "1" });
    expect((await post("pods", podOf("c", {}, { priorityClassName: "high" })))[0]).to.equal(403);
  });

  it("are charged when a service gets node ports", async () => {
    await limit("q", { services: "2", "services.nodeports": "1", "services.loadbalancers": "0" });
    const service = await api.create(`${NAMESPACE}/services`, serviceOf("a", "ClusterIP"));
    expect(await usedOf("q")).to.deep.equal({
      services: "1",
      "services.nodeports": "0",
      "services.loadbalancers": "0",
    });
    const change = (type: string) =>
      api.call("PUT", `${NAMESPACE}/services/a`, { body: { ...service, spec: { ...service.spec, type } } });
    expect((await change("LoadBalancer")).data.message).to.match(/exceeded quota: q, requested: services.loadbal/);
    const { metadata } = (await change("NodePort")).data;
    expect(await usedOf("q")).to.include({ services: "1", "services.nodeports": "1" });
    expect((await post("services", serviceOf("b", "NodePort")))[1]).to.match(/requested: services.nodeports=1, used/);
    expect(metadata.name).to.equal("a");
  });

  it("are charged when a claim grows", async () => {
    const gold = "gold.storageclass.storage.k8s.io/requests.storage";
    await limit("q", { persistentvolumeclaims: "2", "requests.storage": "10Gi", [gold]: "5Gi" });
    await api.create("/apis/storage.k8s.io/v1/storageclasses", {
      metadata: { name: "gold" },
      provisioner: "p",
      allowVolumeExpansion: true,
    });
    const path = `${NAMESPACE}/persistentvolumeclaims/a`;
    const claim = await api.create(`${NAMESPACE}/persistentvolumeclaims`, claimOf("a", "2Gi", "gold"));
    await post("persistentvolumeclaims", claimOf("b", "3Gi", "silver"));
    expect(await usedOf("q")).to.deep.equal({ persistentvolumeclaims: "2", "requests.storage": "5Gi", [gold]: "2Gi" });
    const bound = { ...claim, status: { phase: "Bound", capacity: { storage: "2Gi" } } };
    const { data } = await api.call("PUT", `${path}/status`, { body: bound });
    const grow = (storage: string) =>
      api.call("PUT", path, { body: { ...data, spec: { ...data.spec, resources: { requests: { storage } } } } });
    expect((await grow("6Gi")).data.message).to.match(/exceeded quota: q, requested: gold.*=4Gi, used: gold.*=2Gi, /);
    expect((await grow("4Gi")).code).to.equal(200);
    expect(await usedOf("q")).to.include({ "requests.storage": "7Gi", [gold]: "4Gi" });
  });

  it("are charged when a pod is resized", async () => {
    await limit("q", { "requests.cpu": "2" });
    await post("pods", podOf("a", { cpu: "1" }));
    const resize = (cpu: string) =>
      api.call("PATCH", `${NAMESPACE}/pods/a/resize`, {
        body: { spec: { containers: [{ name: "c", resources: { requests: { cpu } } }] } },
        headers: { "content-type": "application/strategic-merge-patch+json" },
      });
    expect((await resize("3")).data.message).to.match(
      /exceeded quota: q, requested: requests.cpu=2, used: requests.cpu=1/,
    );
    expect((await resize("2")).code).to.equal(200);
    expect(await usedOf("q")).to.deep.equal({ "requests.cpu": "2" });
  });

  it("count objects of any kind, and themselves", async () => {
    await limit("q", { "count/jobs.batch": "0", "count/resourcequotas": "1", resourcequotas: "5" });
    const job = {
      metadata: { name: "j" },
      spec: { template: { spec: { restartPolicy: "Never", containers: [{ name: "c", image: "i" }] } } },
    };
    const { data } = await api.call("POST", "/apis/batch/v1/namespaces/default/jobs", { body: job });
    expect(data.message).to.equal(
      'jobs.batch "j" is forbidden: exceeded quota: q, requested: count/jobs.batch=1, used: count/jobs.batch=0, limited: count/jobs.batch=0',
    );
    expect((await post("resourcequotas", { metadata: { name: "b" }, spec: {} }))[0]).to.equal(201);
    expect((await post("resourcequotas", { metadata: { name: "c" }, spec: {} }))[0]).to.equal(403);
  });
});
