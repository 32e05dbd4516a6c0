import { expect } from "chai";
import type { Container } from "./container.ts";
import { grantedRequests, podRequests, qosClassOf, resourceAmounts } from "./pod-resources.ts";
import type { PodSpec } from "./pod.ts";
import type { PodStatus } from "./pod-status.ts";

type Quantities = Record<string, string>;
const container = (requests?: Quantities, limits?: Quantities): Container => ({
  name: "c",
  resources: { ...(requests && { requests }), ...(limits && { limits }) },
});
const sidecar = (requests: Quantities): Container => ({ ...container(requests), restartPolicy: "Always" });

describe("resourceAmounts", () => {
  it("counts CPU in thousandths and everything else in whole units, rounded up", () => {
    const amounts = resourceAmounts({ cpu: "1500m", memory: "1Ki", pods: "3", "example.com/gpu": "500m" });
    expect(amounts).to.deep.equal({ cpu: 1500, memory: 1024, pods: 3, "example.com/gpu": 1 });
  });
});

describe("podRequests", () => {
  const cases: readonly { title: string; spec: PodSpec; expected: Record<string, number> }[] = [
    { title: "is empty where nothing is asked for", spec: { containers: [container()] }, expected: {} },
    {
      title: "adds up the containers",
      spec: { containers: [container({ cpu: "1" }), container({ cpu: "500m", memory: "1k" })] },
      expected: { cpu: 1500, memory: 1000 },
    },
    {
      title: "takes the largest init container where it needs more than the containers",
      spec: {
        initContainers: [container({ cpu: "3" }), container({ memory: "10" })],
        containers: [container({ cpu: "1", memory: "20" })],
      },
      expected: { cpu: 3000, memory: 20 },
    },
    {
      title: "counts sidecars beside the containers and beside later init containers",
      spec: {
        initContainers: [container({ cpu: "2" }), sidecar({ cpu: "1" }), container({ cpu: "5" })],
        containers: [container({ cpu: "1" })],
      },
      expected: { cpu: 6000 },
    },
    {
      title: "adds the overhead on top",
      spec: { containers: [container({ cpu: "1" })], overhead: { cpu: "100m" } },
      expected: { cpu: 1100 },
    },
    {
      title: "takes the requests of the pod as a whole instead of the containers'",
      spec: { containers: [container({ cpu: "1", memory: "5" })], resources: { requests: { cpu: "4" } } },
      expected: { cpu: 4000, memory: 5 },
    },
  ];
  for (const { title, spec, expected } of cases) {
    it(title, () => {
      expect(podRequests({ spec })).to.deep.equal(expected);
    });
  }

  it("takes stand-ins for each container that does not say, init containers and sidecars included", () => {
    const spec = {
      initContainers: [sidecar({ memory: "7" }), container()],
      containers: [container({ cpu: "0" }), container()],
    };
    expect(podRequests({ spec }, { cpu: 100, memory: 50 })).to.deep.equal({ cpu: 200, memory: 107 });
  });

  describe("while a container is being resized", () => {
    const statusOf = (
      requests: Quantities,
      allocatedResources?: Quantities,
      conditions: PodStatus["conditions"] = [],
    ) =>
      ({
        conditions,
        containerStatuses: [{ name: "c", resources: { requests }, ...(allocatedResources && { allocatedResources }) }],
      }) as unknown as PodStatus;
    const infeasible = [{ type: "PodResizePending", status: "True", reason: "Infeasible" }] as PodStatus["conditions"];
    const resizes: readonly (readonly [string, string, PodStatus, number])[] = [
      ["has what it still has when it shrinks", "1", statusOf({ cpu: "2" }), 2000],
      ["has what it asks for when it grows", "3", statusOf({ cpu: "2" }), 3000],
      ["has what its node has granted it", "1", statusOf({ cpu: "1" }, { cpu: "4" }), 4000],
      ["has what it has when its node can never grant more", "9", statusOf({ cpu: "2" }, undefined, infeasible), 2000],
      ["has what it asks for until its node says anything", "3", { containerStatuses: [{ name: "c" }] } as never, 3000],
    ];
    it("is granted what it has and no more than its node gives it", () => {
      const granted = (cpu: string, status: PodStatus) =>
        grantedRequests({ spec: { containers: [container({ cpu })] }, status }).cpu;
      expect(granted("3", statusOf({ cpu: "2" }))).to.equal(2000);
      expect(granted("1", statusOf({ cpu: "2" }, { cpu: "1" }))).to.equal(2000);
      expect(granted("3", statusOf({ cpu: "2" }, { cpu: "3" }))).to.equal(3000);
      expect(granted("3", {})).to.equal(3000);
    });

    for (const [title, cpu, status, expected] of resizes) {
      it(title, () => {
        expect(podRequests({ spec: { containers: [container({ cpu })] }, status }).cpu).to.equal(expected);
      });
    }
  });
});

describe("qosClassOf", () => {
  const full = { cpu: "1", memory: "1Gi" };
  const cases: readonly (readonly [string, Container[], string])[] = [
    ["nothing asked for", [container()], "BestEffort"],
    ["only other resources asked for", [container({ "example.com/gpu": "1" })], "BestEffort"],
    ["a request of zero", [container({ cpu: "0" })], "BestEffort"],
    ["limits equal to requests", [container(full, full)], "Guaranteed"],
    ["equal amounts written differently", [container({ cpu: "1000m", memory: "1024Mi" }, full)], "Guaranteed"],
    ["limits only", [container(undefined, full)], "Guaranteed"],
    ["a lower request", [container({ cpu: "500m", memory: "1Gi" }, full)], "Burstable"],
    ["no memory limit", [container({ cpu: "1" }, { cpu: "1" })], "Burstable"],
    ["one container without limits", [container(full, full), container()], "Burstable"],
  ];
  for (const [title, containers, expected] of cases) {
    it(`is ${expected} for ${title}`, () => {
      expect(qosClassOf({ spec: { containers } })).to.equal(expected);
    });
  }

  it("counts init containers too", () => {
    const spec = { containers: [container(full, full)], initContainers: [container()] };
    expect(qosClassOf({ spec })).to.equal("Burstable");
  });
});
