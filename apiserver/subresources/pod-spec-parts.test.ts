import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const PODS = "/api/v1/namespaces/default/pods";
const STRATEGIC = { "content-type": "application/strategic-merge-patch+json" };

describe("the parts of a pod's spec that have subresources", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    const resources = { requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "2Gi" } };
    const containers = [{ name: "app", image: "app:1", resources }];
    await api.create(PODS, { metadata: { name: "p" }, spec: { containers } });
  });
  afterEach(() => api.stop());
  const patch = (subresource: string, spec: object) =>
    api.call("PATCH", `${PODS}/p/${subresource}`, { body: { spec }, headers: STRATEGIC });
  const debug = (container: object) => patch("ephemeralcontainers", { ephemeralContainers: [container] });
  const resize = (resources: object) => patch("resize", { containers: [{ name: "app", resources }] });

  it("add a container for debugging, which then stays as it is", async () => {
    const { code, data } = await debug({ name: "debug", image: "busybox", targetContainerName: "app" });
    expect(code).to.equal(200);
    expect((data as unknown as Pod).spec.ephemeralContainers?.map(({ name }) => name)).to.deep.equal(["debug"]);
    const changed = await debug({ name: "debug", image: "other" });
    expect(changed.data.message).to.contain('existing ephemeral containers "debug" may not be changed');
    const stored = (await api.get(`${PODS}/p`)) as unknown as Pod;
    const removed = await api.call("PUT", `${PODS}/p/ephemeralcontainers`, {
      body: { ...stored, spec: { ...stored.spec, ephemeralContainers: [] } },
    });
    expect(removed.data.message).to.contain('existing ephemeral containers "debug" may not be removed');
  });

  const badContainers: [title: string, container: object, field: string][] = [
    ["without an image", { name: "d" }, "spec.ephemeralContainers[0].image"],
    ["with another container's name", { name: "app", image: "x" }, "spec.ephemeralContainers[0].name"],
    ["with ports", { name: "d", image: "x", ports: [{ containerPort: 1 }] }, "spec.ephemeralContainers[0].ports"],
    [
      "for a container that is not there",
      { name: "d", image: "x", targetContainerName: "no" },
      "spec.ephemeralContainers[0].targetContainerName",
    ],
  ];
  for (const [title, container, field] of badContainers) {
    it(`refuse a container ${title}`, async () => {
      const { code, data } = await debug(container);
      expect(code).to.equal(422);
      expect(data.details?.causes?.map((cause) => cause.field)).to.deep.equal([field]);
    });
  }

  it("change what a container requests", async () => {
    const { code, data } = await resize({ requests: { cpu: "500m" } });
    expect(code).to.equal(200);
    expect((data as unknown as Pod).spec.containers[0]?.resources?.requests).to.deep.equal({
      cpu: "500m",
      memory: "1Gi",
    });
    expect(data.metadata.generation).to.equal(2);
  });

  it("change what a sidecar requests, and of other init containers nothing", async () => {
    const resources = { requests: { cpu: "100m" } };
    const initContainers = [
      { name: "side", image: "x", restartPolicy: "Always", resources },
      { name: "init", image: "x", resources },
    ];
    await api.create(PODS, {
      metadata: { name: "q" },
      spec: { initContainers, containers: [{ name: "app", image: "x" }] },
    });
    const change = (name: string) =>
      api.call("PATCH", `${PODS}/q/resize`, {
        body: { spec: { initContainers: [{ name, resources: { requests: { cpu: "200m" } } }] } },
        headers: STRATEGIC,
      });
    const { code, data } = await change("side");
    expect(code).to.equal(200);
    expect((data as unknown as Pod).spec.initContainers?.[0]?.resources?.requests).to.deep.equal({ cpu: "200m" });
    const refused = await change("init");
    expect(refused.code).to.equal(422);
    expect(refused.data.details?.causes?.map(({ field }) => field)).to.deep.equal(["spec.initContainers[1].resources"]);
  });

  const badResizes: [title: string, resources: object, message: string][] = [
    ["to a negative amount", { requests: { cpu: "-1" } }, "must be greater than or equal to 0"],
    ["above the limit", { requests: { memory: "3Gi" } }, "must be less than or equal to memory limit of 2Gi"],
    ["of other resources", { requests: { "example.com/disk": "1" } }, "only cpu and memory resources are mutable"],
    ["that takes a request away", { requests: { cpu: null } }, "resource requests cannot be removed"],
    ["to less memory", { limits: { memory: "1Gi" } }, "memory limits cannot be decreased unless resizePolicy"],
    [
      "to another class of service",
      { requests: { cpu: "1", memory: "2Gi" }, limits: { cpu: "1" } },
      "Pod QOS Class may not change as a result of resizing",
    ],
  ];
  for (const [title, resources, message] of badResizes) {
    it(`refuse a resize ${title}`, async () => {
      const { code, data } = await resize(resources);
      expect(code).to.equal(422);
      expect(data.message).to.contain(message);
    });
  }

  it("leave the rest of the spec as it was", async () => {
    await patch("resize", { containers: [{ name: "app", image: "other" }], nodeName: "elsewhere" });
    const { spec } = (await api.get(`${PODS}/p`)) as unknown as Pod;
    expect([spec.containers[0]?.image, spec.nodeName]).to.deep.equal(["app:1", undefined]);
  });
});
