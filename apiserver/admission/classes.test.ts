import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const NAMESPACE = "/api/v1/namespaces/default";
const PODS = `${NAMESPACE}/pods`;
const CLAIMS = `${NAMESPACE}/persistentvolumeclaims`;
const PRIORITIES = "/apis/scheduling.k8s.io/v1/priorityclasses";
const RUNTIMES = "/apis/node.k8s.io/v1/runtimeclasses";
const STORAGE = "/apis/storage.k8s.io/v1/storageclasses";
const INGRESSES = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
const INGRESS_CLASSES = "/apis/networking.k8s.io/v1/ingressclasses";

const podOf = (spec: object = {}, name = "p") => ({
  metadata: { name },
  spec: { containers: [{ name: "c", image: "i" }], ...spec },
});
const claimOf = (name: string, spec: object = {}, metadata: object = {}) => ({
  metadata: { name, ...metadata },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});

let api: ApiHarness;
const start = async () => {
  api = await ApiHarness.start();
};
const refusalOf = async (path: string, body: object) => {
  const { code, data } = await api.call("POST", path, { body });
  return [code, data.message] as const;
};
const put = (path: string, body: object) => api.call("PUT", path, { body });

describe("priority classes", () => {
  beforeEach(start);
  afterEach(() => api.stop());

  it("give pods their value and their way with other pods", async () => {
    await api.create(PRIORITIES, { metadata: { name: "meek" }, value: 7, preemptionPolicy: "Never" });
    const { spec } = await api.create(PODS, podOf({ priorityClassName: "meek" }));
    expect(spec).to.include({ priority: 7, preemptionPolicy: "Never", priorityClassName: "meek" });
    expect(
      await refusalOf(PODS, podOf({ priorityClassName: "meek", preemptionPolicy: "PreemptLowerPriority" }, "q")),
    ).to.deep.equal([
      403,
      'pods "q" is forbidden: the string value of PreemptionPolicy (PreemptLowerPriority) must not be provided in pod spec; priority admission controller computed Never from the given PriorityClass name',
    ]);
    expect(await refusalOf(PODS, podOf({ priorityClassName: "meek", priority: 8 }, "q"))).to.deep.equal([
      403,
      'pods "q" is forbidden: the integer value of priority (8) must not be provided in pod spec; priority admission controller computed 7 from the given PriorityClass name',
    ]);
  });

  it("have one default, which pods without a class get", async () => {
    await api.create(PRIORITIES, { metadata: { name: "usual" }, value: 3, globalDefault: true });
    const { spec } = await api.create(PODS, podOf());
    expect(spec).to.include({ priority: 3, priorityClassName: "usual" });
    const refusal =
      'priorityclasses.scheduling.k8s.io "other" is forbidden: PriorityClass usual is already marked as default. Only one default can exist';
    const other = { metadata: { name: "other" }, value: 4, globalDefault: true };
    expect(await refusalOf(PRIORITIES, other)).to.deep.equal([403, refusal]);
    const created = await api.create(PRIORITIES, { ...other, globalDefault: false });
    const changed = await put(`${PRIORITIES}/other`, { ...created, globalDefault: true });
    expect([changed.code, changed.data.message]).to.deep.equal([403, refusal]);
    const usual = await api.get(`${PRIORITIES}/usual`);
    expect((await put(`${PRIORITIES}/usual`, { ...usual, description: "d" })).code).to.equal(200);
  });

  it("have one default although several come at the same moment", async () => {
    const names = ["a", "b", "c", "d"];
    const codes = await Promise.all(
      names.map(async (name) => {
        const body = { metadata: { name }, value: 1, globalDefault: true };
        return (await api.call("POST", PRIORITIES, { body })).code;
      }),
    );
    expect(codes.sort()).to.deep.equal([201, 403, 403, 403]);
  });

  it("stay with the pod when an update leaves them out", async () => {
    const { spec, ...pod } = await api.create(PODS, podOf({ priorityClassName: "system-node-critical" }));
    const sent = { ...spec, priority: undefined, preemptionPolicy: undefined };
    const { code, data } = await put(`${PODS}/p`, { ...pod, spec: sent });
    expect([code, data.spec]).to.deep.equal([200, spec]);
  });
});

describe("runtime classes", () => {
  beforeEach(start);
  afterEach(() => api.stop());

  const sandbox = {
    metadata: { name: "sandbox" },
    handler: "sandbox",
    overhead: { podFixed: { memory: "64Mi" } },
    scheduling: {
      nodeSelector: { sandbox: "yes" },
      tolerations: [{ key: "sandbox", operator: "Exists", effect: "NoSchedule" }],
    },
  };

  it("give pods their overhead, their nodes and their tolerations", async () => {
    await api.create(RUNTIMES, sandbox);
    const tolerations = [
      { key: "sandbox", operator: "Equal", value: "x", effect: "NoSchedule" },
      { key: "mine", operator: "Exists" },
    ];
    const { spec } = await api.create(
      PODS,
      podOf({ runtimeClassName: "sandbox", nodeSelector: { zone: "a" }, tolerations }),
    );
    expect(spec).to.deep.include({ overhead: { memory: "64Mi" }, nodeSelector: { zone: "a", sandbox: "yes" } });
    const given = (spec as { tolerations: { key: string; value?: string }[] }).tolerations;
    expect(given.filter(({ key }) => !key.startsWith("node."))).to.deep.equal([
      { key: "mine", operator: "Exists" },
      { key: "sandbox", operator: "Exists", effect: "NoSchedule" },
    ]);
  });

  const refusals: [title: string, spec: object, detail: string][] = [
    ["does not exist", { runtimeClassName: "vm" }, 'pod rejected: RuntimeClass "vm" not found'],
    [
      "has another overhead",
      { runtimeClassName: "sandbox", overhead: { memory: "1Mi" } },
      "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
    ],
    [
      "runs on other nodes",
      { runtimeClassName: "sandbox", nodeSelector: { sandbox: "no" } },
      "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no",
    ],
    [
      "is not there to give an overhead",
      { overhead: { memory: "1Mi" } },
      "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
    ],
  ];
  for (const [title, spec, detail] of refusals) {
    it(`refuse pods whose class ${title}`, async () => {
      await api.create(RUNTIMES, sandbox);
      expect(await refusalOf(PODS, podOf(spec))).to.deep.equal([403, `pods "p" is forbidden: ${detail}`]);
    });
  }
});

describe("storage classes", () => {
  beforeEach(start);
  afterEach(() => api.stop());
  const mark = (name: string, annotation = "storageclass.kubernetes.io/is-default-class", value = "true") =>
    api.create(STORAGE, { metadata: { name, annotations: { [annotation]: value } }, provisioner: "p" });
  const classOf = async (claim: object) =>
    ((await api.create(CLAIMS, claim)).spec as { storageClassName?: string }).storageClassName;

  it("are given to claims that name none, the newest default first", async () => {
    expect(await classOf(claimOf("before"))).to.equal(undefined);
    await mark("no-default", undefined, "false");
    await mark("b-old", "storageclass.beta.kubernetes.io/is-default-class");
    await mark("a-old");
    expect(await classOf(claimOf("one"))).to.equal("a-old");
    await api.clock.advance(1000);
    await mark("z-new");
    expect(await classOf(claimOf("two"))).to.equal("z-new");
    expect(await classOf(claimOf("none", { storageClassName: "" }))).to.equal("");
    const annotations = { "volume.beta.kubernetes.io/storage-class": "old" };
    expect(await classOf(claimOf("annotated", {}, { annotations }))).to.equal(undefined);
  });

  it("say whether claims may grow", async () => {
    await api.create(STORAGE, { metadata: { name: "fixed" }, provisioner: "p" });
    await api.create(STORAGE, { metadata: { name: "elastic" }, provisioner: "p", allowVolumeExpansion: true });
    const grow = async (storageClassName: string) => {
      const path = `${CLAIMS}/${storageClassName}`;
      const created = await api.create(CLAIMS, claimOf(storageClassName, { storageClassName }));
      const { data } = await put(`${path}/status`, { ...created, status: { phase: "Bound" } });
      return put(path, { ...data, spec: { ...data.spec, resources: { requests: { storage: "2Gi" } } } });
    };
    expect((await grow("elastic")).code).to.equal(200);
    expect((await grow("fixed")).data.message).to.equal(
      'persistentvolumeclaims "fixed" is forbidden: only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    );
  });

  it("leave claims and volumes with a finalizer that keeps them while they are used", async () => {
    expect((await api.create(CLAIMS, claimOf("c"))).metadata.finalizers).to.deep.equal([
      "kubernetes.io/pvc-protection",
    ]);
    const volume = await api.create("/api/v1/persistentvolumes", {
      metadata: { name: "v", finalizers: ["example.com/mine"] },
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/tmp" } },
    });
    expect(volume.metadata.finalizers).to.deep.equal(["example.com/mine", "kubernetes.io/pv-protection"]);
  });
});

describe("ingress classes", () => {
  beforeEach(start);
  afterEach(() => api.stop());

  it("are given to ingresses that name none", async () => {
    const ingressOf = (name: string, spec: object = {}, annotations = {}) => ({
      metadata: { name, annotations },
      spec: { defaultBackend: { service: { name: "s", port: { number: 80 } } }, ...spec },
    });
    const classOf = async (ingress: object) =>
      ((await api.create(INGRESSES, ingress)).spec as { ingressClassName?: string }).ingressClassName;
    expect(await classOf(ingressOf("before"))).to.equal(undefined);
    await api.create(INGRESS_CLASSES, {
      metadata: { name: "web", annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      spec: { controller: "example.com/web" },
    });
    expect(await classOf(ingressOf("a"))).to.equal("web");
    expect(await classOf(ingressOf("b", { ingressClassName: "other" }))).to.equal("other");
    expect(await classOf(ingressOf("c", {}, { "kubernetes.io/ingress.class": "old" }))).to.equal(undefined);
  });
});
