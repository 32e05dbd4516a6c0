import { expect } from "chai";
import { endpoints } from "../../api/core/endpoints.ts";
import type { Pod } from "../../api/core/pod.ts";
import { pods } from "../../api/core/pod.ts";
import { services, type Service } from "../../api/core/service.ts";
import { endpointSlices } from "../../api/discovery/endpoint-slice.ts";
import { asStored, newPod, newService } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { planEndpoints } from "./endpoint-slice.ts";
import { planSubsets } from "./endpoints.ts";

interface Shape {
  readonly ip?: string;
  readonly ready?: boolean;
  readonly deleted?: boolean;
  readonly spec?: Partial<Pod["spec"]>;
}

function podOf(name: string, { ip = "10.0.0.1", ready = true, deleted = false, spec }: Shape = {}): Pod {
  const conditions = [{ type: "Ready", status: ready ? ("True" as const) : ("False" as const) }];
  const pod = newPod(name, { labels: { app: "web" }, spec, status: { phase: "Running", podIP: ip, conditions } });
  return asStored(pod, deleted ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {});
}

const serviceOf = (spec: Partial<Service["spec"]> = {}): Service =>
  asStored(newService("web", { targetPort: 8080, spec: { clusterIP: "10.96.0.9", ...spec } }));

const named = (containerPort: number) => ({
  containers: [{ name: "main", resources: {}, ports: [{ name: "http", containerPort }] }],
});
const byName: Partial<Service["spec"]> = { ports: [{ port: 80, protocol: "TCP", targetPort: "http" }] };
const target = (name: string) => ({ kind: "Pod", namespace: "default", name, uid: `uid-default-${name}` });

describe("the subsets of an Endpoints object", () => {
  it("tell ready addresses from others, sorted", () => {
    const behind = [podOf("c", { ip: "10.0.0.3" }), podOf("a", { ip: "10.0.0.1" }), podOf("b", { ready: false })];
    expect(planSubsets(serviceOf(), behind)).to.deep.equal({
      truncated: false,
      subsets: [
        {
          addresses: [
            { ip: "10.0.0.1", targetRef: target("a") },
            { ip: "10.0.0.3", targetRef: target("c") },
          ],
          notReadyAddresses: [{ ip: "10.0.0.1", targetRef: target("b") }],
          ports: [{ protocol: "TCP", port: 8080 }],
        },
      ],
    });
  });

  it("leave pods out that are being deleted", () => {
    expect(planSubsets(serviceOf(), [podOf("a", { deleted: true })]).subsets).to.deep.equal([]);
  });

  it("show all as ready where the service publishes pods that are not", () => {
    const behind = [podOf("a", { ready: false }), podOf("b", { ip: "10.0.0.2", deleted: true })];
    const [subset] = planSubsets(serviceOf({ publishNotReadyAddresses: true }), behind).subsets;
    expect(subset?.addresses?.map(({ ip }) => ip)).to.deep.equal(["10.0.0.1", "10.0.0.2"]);
  });

  it("are one for each set of ports that pods have under a name", () => {
    const behind = [
      podOf("a", { spec: named(80) }),
      podOf("b", { ip: "10.0.0.2", spec: named(81) }),
      podOf("c", { ip: "10.0.0.3" }),
    ];
    const { subsets } = planSubsets(serviceOf(byName), behind);
    expect(subsets.map(({ ports, addresses }) => [ports?.[0]?.port, addresses?.[0]?.ip])).to.deep.equal([
      [80, "10.0.0.1"],
      [81, "10.0.0.2"],
    ]);
  });

  it("hold a thousand addresses at most, the ready ones first", () => {
    const behind = Array.from({ length: 1100 }, (_, index) =>
      podOf(`p${index}`, { ip: `10.1.${index >> 8}.${index & 255}`, ready: index >= 200 }),
    );
    const { subsets, truncated } = planSubsets(serviceOf(), behind);
    expect(truncated).to.equal(true);
    expect([subsets[0]?.addresses?.length, subsets[0]?.notReadyAddresses?.length]).to.deep.equal([900, 100]);
  });
});

describe("the endpoints of slices", () => {
  const only = (service: Service, pod: Pod) => planEndpoints(service, [pod], () => "zone-a").groups[0]?.endpoints[0];

  it("say which pod it is, where it runs and how it does", () => {
    const pod = podOf("a", { spec: { nodeName: "n1", hostname: "first", subdomain: "web" } });
    expect(only(serviceOf(), pod)).to.deep.equal({
      addresses: ["10.0.0.1"],
      conditions: { ready: true, serving: true, terminating: false },
      hostname: "first",
      targetRef: target("a"),
      nodeName: "n1",
      zone: "zone-a",
    });
  });

  const states: [string, Shape, boolean, [boolean, boolean, boolean]][] = [
    ["ready", {}, false, [true, true, false]],
    ["not ready", { ready: false }, false, [false, false, false]],
    ["ready, but going", { deleted: true }, false, [false, true, true]],
    ["not ready and going", { ready: false, deleted: true }, false, [false, false, true]],
    ["not ready, but published", { ready: false }, true, [true, false, false]],
  ];
  for (const [what, shape, publishNotReadyAddresses, [ready, serving, terminating]] of states) {
    it(`are right for a pod that is ${what}`, () => {
      const conditions = only(serviceOf({ publishNotReadyAddresses }), podOf("a", shape))?.conditions;
      expect(conditions).to.deep.equal({ ready, serving, terminating });
    });
  }

  it("are for clients of their zone where the service prefers what is close, and they are ready", () => {
    const close = serviceOf({ trafficDistribution: "PreferClose" });
    const hints = (pod: Pod, zone?: string) =>
      planEndpoints(close, [pod], () => zone).groups[0]?.endpoints[0]?.hints?.forZones;
    expect(hints(podOf("a"), "zone-a")).to.deep.equal([{ name: "zone-a" }]);
    expect(hints(podOf("a", { ready: false }), "zone-a")).to.equal(undefined);
    expect(hints(podOf("a"))).to.equal(undefined);
    expect(only(serviceOf(), podOf("a"))).to.not.have.property("hints");
  });

  it("mark those of a headless service", () => {
    const { labels } = planEndpoints(serviceOf({ clusterIP: "None" }), [], () => undefined);
    expect(labels).to.deep.equal({
      "service.kubernetes.io/headless": "",
      "kubernetes.io/service-name": "web",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
  });
});

describe("a service's endpoints", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster();
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const slice = async () => (await parts.cluster.list(endpointSlices))[0];
  const ready = async () => {
    const [object] = await parts.cluster.list(endpoints);
    return {
      slices: (await slice())?.endpoints.filter(({ conditions }) => conditions.ready).length,
      endpoints: object?.subsets?.[0]?.addresses?.length ?? 0,
    };
  };

  it("follow the readiness of its pods", async () => {
    const { cluster } = parts;
    await cluster.apply(newService("web"));
    await cluster.settle();
    expect(await ready()).to.deep.equal({ slices: 0, endpoints: 0 });
    await cluster.apply(newPod("a", { labels: { app: "web" } }), newPod("b", { labels: { app: "web" } }), newPod("c"));
    await cluster.settle();
    expect(await ready()).to.deep.equal({ slices: 2, endpoints: 2 });
    await cluster.setStatus(pods, "a", { conditions: [{ type: "Ready", status: "False" }] });
    await cluster.clock.advance(900);
    expect(await ready()).to.deep.equal({ slices: 1, endpoints: 1 });
    await cluster.delete(pods, "b");
    await cluster.settle();
    expect(await ready()).to.deep.equal({ slices: 0, endpoints: 0 });
  });

  it("follow a pod whose labels change", async () => {
    const { cluster } = parts;
    await cluster.apply(newService("web"), newPod("a", { labels: { app: "web" } }));
    await cluster.settle();
    const patch = { type: "merge", patch: { metadata: { labels: { app: "other" } } } } as const;
    await cluster.client.patch(pods, { namespace: "default", name: "a" }, patch);
    await cluster.settle();
    expect(await ready()).to.deep.equal({ slices: 0, endpoints: 0 });
  });

  it("belong to it, and go with it", async () => {
    const { cluster } = parts;
    await cluster.apply(newService("web"), newPod("a", { labels: { app: "web" } }));
    await cluster.settle();
    expect((await slice())?.metadata.labels).to.deep.equal({
      "kubernetes.io/service-name": "web",
      "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
    });
    expect((await slice())?.metadata.annotations).to.have.keys("endpoints.kubernetes.io/last-change-trigger-time");
    expect((await slice())?.metadata.ownerReferences?.[0]).to.include({ kind: "Service", name: "web" });
    await cluster.delete(services, "web");
    await cluster.settle();
    expect(await cluster.list(endpointSlices)).to.deep.equal([]);
    expect(await cluster.list(endpoints)).to.deep.equal([]);
  });

  it("are the user's own affair without a selector", async () => {
    const { cluster } = parts;
    const own = { metadata: { name: "db", namespace: "default" }, subsets: [{ addresses: [{ ip: "192.0.2.1" }] }] };
    await cluster.client.create(endpoints, own);
    await cluster.apply(newService("db", { spec: { selector: undefined } }));
    await cluster.settle();
    await cluster.delete(services, "db");
    await cluster.settle();
    const [kept] = await cluster.list(endpoints);
    expect(kept?.subsets?.[0]?.addresses).to.deep.equal([{ ip: "192.0.2.1" }]);
    expect(await cluster.list(endpointSlices)).to.deep.equal([]);
  });

  it("are put right when somebody deletes or changes them", async () => {
    const { cluster } = parts;
    await cluster.apply(newService("web"), newPod("a", { labels: { app: "web" } }));
    await cluster.settle();
    await cluster.delete(endpointSlices, (await slice())?.metadata.name ?? "");
    await cluster.client.update(endpoints, { ...(await cluster.get(endpoints, "web")), subsets: [] });
    await cluster.settle();
    expect(await ready()).to.deep.equal({ slices: 1, endpoints: 1 });
  });
});
