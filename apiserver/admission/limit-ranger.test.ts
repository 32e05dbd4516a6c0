import { expect } from "chai";
import { ApiHarness } from "../../testing/api-harness.ts";

const NAMESPACE = "/api/v1/namespaces/default";
type Json = Record<string, unknown>;
const container = (requests: Json = {}, limits: Json = {}, name = "c") => ({
  name,
  image: "i",
  resources: { requests, limits },
});
const podOf = (...containers: object[]) => ({ metadata: { name: "p" }, spec: { containers } });

describe("limit ranges", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
  });
  afterEach(() => api.stop());
  const limit = (...limits: object[]) =>
    api.create(`${NAMESPACE}/limitranges`, { metadata: { generateName: "limits-" }, spec: { limits } });
  const createPod = (pod: object) => api.call("POST", `${NAMESPACE}/pods`, { body: pod });

  it("give containers the requests and limits that they do not name, and say so", async () => {
    const amounts = { cpu: "100m", memory: "200Mi", "ephemeral-storage": "200Gi" };
    const most = { cpu: "500m", memory: "500Mi", "ephemeral-storage": "500Gi" };
    await limit({ type: "Container", defaultRequest: amounts, default: most });
    const { data } = await createPod({
      metadata: { name: "p" },
      spec: {
        containers: [container(), container({ cpu: "300m" }, {}, "d")],
        initContainers: [container({}, {}, "i")],
      },
    });
    expect(data).to.have.deep.nested.property("spec.containers[0].resources", { requests: amounts, limits: most });
    expect(data).to.have.deep.nested.property("spec.containers[1].resources", {
      requests: { ...amounts, cpu: "300m" },
      limits: most,
    });
    expect(data.metadata.annotations).to.deep.equal({
      "kubernetes.io/limit-ranger":
        "LimitRanger plugin set: cpu, ephemeral-storage, memory request for container c; cpu, ephemeral-storage, memory limit for container c; ephemeral-storage, memory request for container d; cpu, ephemeral-storage, memory limit for container d; cpu, ephemeral-storage, memory request for init container i; cpu, ephemeral-storage, memory limit for init container i",
    });
  });

  it("leave pods alone that name everything", async () => {
    await limit({ type: "Container", defaultRequest: { cpu: "100m" }, default: { cpu: "200m" } });
    const { data } = await createPod(podOf(container({ cpu: "1" }, { cpu: "1" })));
    expect(data).to.have.deep.nested.property("spec.containers[0].resources", {
      requests: { cpu: "1" },
      limits: { cpu: "1" },
    });
    expect(data.metadata).not.to.have.property("annotations");
  });

  it("leave other namespaces alone", async () => {
    await limit({ type: "Container", max: { cpu: "1" } });
    await api.create("/api/v1/namespaces", { metadata: { name: "other" } });
    expect((await api.call("POST", "/api/v1/namespaces/other/pods", { body: podOf(container()) })).code).to.equal(201);
  });

  const refusals: [title: string, item: object, pod: object, detail: string][] = [
    [
      "limits above the most for a container",
      { type: "Container", max: { cpu: "2" } },
      podOf(container({ cpu: "1" }, { cpu: "3" })),
      "maximum cpu usage per Container is 2, but limit is 3",
    ],
    [
      "several mistakes at once",
      { type: "Container", max: { cpu: "2" }, min: { cpu: "100m", memory: "10Mi" } },
      podOf(container({ cpu: "50m", memory: "5Mi" }, { cpu: "3", memory: "20Mi" })),
      "[minimum cpu usage per Container is 100m, but request is 50m, minimum memory usage per Container is 10Mi, but request is 5Mi, maximum cpu usage per Container is 2, but limit is 3]",
    ],
    [
      "limits that are too many times their request",
      { type: "Container", maxLimitRequestRatio: { memory: "1500m" } },
      podOf(container({ memory: "1Gi" }, { memory: "2Gi" })),
      "memory max limit to request ratio per Container is 1500m, but provided ratio is 2.000000",
    ],
    [
      "a ratio of what is not there",
      { type: "Container", maxLimitRequestRatio: { memory: "2" } },
      podOf(container()),
      "memory max limit to request ratio per Container is 2, but no request is specified or request is 0",
    ],
    [
      "a ratio without a limit",
      { type: "Container", maxLimitRequestRatio: { memory: "2" } },
      podOf(container({ memory: "1Gi" })),
      "memory max limit to request ratio per Container is 2, but no limit is specified or limit is 0",
    ],
    [
      "pods whose containers ask for too much together",
      { type: "Pod", max: { cpu: "2" } },
      podOf(container({ cpu: "1500m" }, { cpu: "1500m" }), container({ cpu: "1" }, { cpu: "1" }, "d")),
      "maximum cpu usage per Pod is 2, but limit is 2500m",
    ],
    [
      "pods that do not limit what is limited",
      { type: "Pod", max: { cpu: "2" } },
      podOf(container({ cpu: "1" })),
      "maximum cpu usage per Pod is 2.  No limit is specified",
    ],
    [
      "pods that ask for nothing where there is a least",
      { type: "Pod", min: { cpu: "2" } },
      podOf(container()),
      "minimum cpu usage per Pod is 2.  No request is specified",
    ],
  ];
  for (const [title, item, pod, detail] of refusals) {
    it(`refuse ${title}`, async () => {
      await limit(item);
      const { code, data } = await createPod(pod);
      expect([code, data.reason, data.message]).to.deep.equal([403, "Forbidden", `pods "p" is forbidden: ${detail}`]);
    });
  }

  it("hold for claims", async () => {
    await limit({ type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "2Gi" } });
    const create = (name: string, storage: string) =>
      api.call("POST", `${NAMESPACE}/persistentvolumeclaims`, {
        body: {
          metadata: { name },
          spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } } },
        },
      });
    const replies = await Promise.all([create("a", "500Mi"), create("b", "3Gi"), create("c", "2Gi")]);
    expect(replies.map(({ code, data }) => [code, data.message])).to.deep.equal([
      [
        403,
        'persistentvolumeclaims "a" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
      ],
      [
        403,
        'persistentvolumeclaims "b" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi',
      ],
      [201, undefined],
    ]);
  });

  it("come after the rules of the kind", async () => {
    await limit({ type: "Container", max: { cpu: "2" } });
    expect((await createPod(podOf(container({ cpu: "3" }, { cpu: "1" })))).code).to.equal(422);
  });

  it("do not hold updates up that leave the resources alone, but resizing", async () => {
    const { metadata } = await api.create(`${NAMESPACE}/pods`, podOf(container({ cpu: "1" }, { cpu: "3" })));
    await limit({ type: "Container", max: { cpu: "2" } });
    const labels = [{ op: "add", path: "/metadata/labels", value: { a: "b" } }];
    const headers = { "content-type": "application/json-patch+json" };
    const path = `${NAMESPACE}/pods/${metadata.name}`;
    expect((await api.call("PATCH", path, { body: labels, headers })).code).to.equal(200);
    const larger = [{ op: "replace", path: "/spec/containers/0/resources/limits/cpu", value: "4" }];
    const resized = await api.call("PATCH", `${path}/resize`, { body: larger, headers });
    expect([resized.code, resized.data.message]).to.deep.equal([
      403,
      'pods "p" is forbidden: maximum cpu usage per Container is 2, but limit is 4',
    ]);
  });
});
