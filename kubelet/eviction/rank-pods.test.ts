import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { container, podOf } from "../../testing/pod-states.ts";
import { refusePod } from "./admit-pod.ts";
import { parseMemory, parsePids } from "./observe-machine.ts";
import { describeEviction, rankPods, type PodUse } from "./rank-pods.ts";
import { parseThresholds, type Observations, type StarvedResource, type Threshold } from "./thresholds.ts";

const MIB = 2 ** 20;

const use = (name: string, used: number | undefined, more: { request?: string; priority?: number } = {}): PodUse => {
  const { request, priority } = more;
  const requests: Record<string, string> =
    request === undefined ? {} : { memory: request, "ephemeral-storage": request };
  const pod = podOf({ containers: [container("main", { resources: { requests } })], priority }, { metadata: { name } });
  return { pod, used, containers: new Map(used === undefined ? [] : [["main", used]]) };
};

const orders: readonly (readonly [string, StarvedResource, readonly PodUse[], string])[] = [
  ["the one that uses most of what it did not ask for", "memory", [use("a", 10 * MIB), use("b", 20 * MIB)], "b a"],
  [
    "one beyond its request before one within it, whatever they use",
    "memory",
    [use("a", 100 * MIB, { request: "200Mi" }), use("b", 2 * MIB, { request: "1Mi" })],
    "b a",
  ],
  [
    "among those beyond their requests, the less important one",
    "memory",
    [use("a", 100 * MIB, { priority: 10 }), use("b", 2 * MIB)],
    "b a",
  ],
  [
    "among equals, by what is beyond the request and not by what is used",
    "ephemeral-storage",
    [use("a", 100 * MIB, { request: "90Mi" }), use("b", 60 * MIB, { request: "40Mi" })],
    "b a",
  ],
  ["first what could not be measured", "memory", [use("a", 100 * MIB), use("b", undefined, { priority: 5 })], "b a"],
  [
    "by priority alone for process ids, and then by their number",
    "pids",
    [use("a", 9, { priority: 1 }), use("b", 1), use("c", 2)],
    "c b a",
  ],
];

const shortageOf = (threshold: Threshold, observations: Observations) => ({
  reclaim: threshold,
  due: [threshold],
  observations,
});

describe("pods on a node that is short of something", () => {
  for (const [title, resource, uses, expected] of orders) {
    it(`go in this order: ${title}`, () => {
      expect(
        rankPods(resource, uses)
          .map(({ pod }) => pod.metadata.name)
          .join(" "),
      ).to.equal(expected);
    });
  }

  const settings = { thresholds: [], maxPodGraceSeconds: 60, transitionMs: 0 };
  const describeFor = (hard: Record<string, string>, observations: Observations, pod: PodUse) => {
    const [threshold] = parseThresholds({ hard });
    if (!threshold) throw new Error("no threshold");
    return describeEviction(pod, shortageOf(threshold, observations), settings);
  };

  it("are told what the node was low on, by how much, and which container had more than its request", () => {
    const observations = { "memory.available": { available: 50 * MIB, capacity: 1024 * MIB } };
    const told = describeFor({ "memory.available": "100Mi" }, observations, use("a", 30 * MIB, { request: "10Mi" }));
    expect(told).to.deep.equal({
      message:
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. " +
        "Container main was using 30Mi, request is 10Mi, has larger consumption of memory. ",
      graceSeconds: 1,
      isDisruption: true,
    });
  });

  it("are not told of containers within their requests, nor of ones that count for nothing", () => {
    const observations = { "pid.available": { available: 5, capacity: 100 } };
    expect(describeFor({ "pid.available": "10%" }, observations, use("a", 30)).message).to.equal(
      "The node was low on resource: pids. Threshold quantity: 10, available: 5. ",
    );
  });

  it("get the longest grace period for soft thresholds", () => {
    const [soft] = parseThresholds({
      hard: {},
      soft: { "memory.available": "1Gi" },
      softGrace: { "memory.available": "1m" },
    });
    expect(soft && describeEviction(use("a", 1), shortageOf(soft, {}), settings).graceSeconds).to.equal(60);
  });
});

const tolerant = { key: "node.kubernetes.io/memory-pressure", operator: "Exists" } as const;
const burstable = { containers: [container("main", { resources: { requests: { memory: "1Mi" } } })] };

describe("a pod that comes to a node which is short of something", () => {
  const admissions: readonly (readonly [string, Pod, readonly ("MemoryPressure" | "DiskPressure")[], boolean])[] = [
    ["runs where nothing is short", podOf(), [], true],
    ["is refused without requests under memory pressure", podOf(), ["MemoryPressure"], false],
    ["runs with requests", podOf(burstable), ["MemoryPressure"], true],
    ["runs where it tolerates that", podOf({ tolerations: [tolerant] }), ["MemoryPressure"], true],
    ["is refused under disk pressure whatever it asks for", podOf(burstable), ["DiskPressure"], false],
    ["is refused under both", podOf(burstable), ["DiskPressure", "MemoryPressure"], false],
    ["runs where the system needs it", podOf({ priority: 2_000_001_000 }), ["DiskPressure"], true],
  ];
  for (const [title, pod, conditions, runs] of admissions) {
    it(title, () => {
      const refusal = refusePod(pod, conditions);
      const message = `Pod was rejected: The node had condition: [${conditions.join(" ")}]. `;
      expect(refusal?.message).to.equal(runs ? undefined : message);
    });
  }
});

describe("what a machine has left", () => {
  it("is read from the kernel's files", () => {
    expect(parseMemory("MemTotal:  2048 kB\nMemFree: 1 kB\nMemAvailable:  1024 kB\n")).to.deep.equal({
      available: MIB,
      capacity: 2 * MIB,
    });
    expect(parsePids("0.00 0.01 0.05 1/250 12345\n", 32_768)).to.deep.equal({ available: 32_518, capacity: 32_768 });
    expect(parsePids("", 32_768)).to.equal(undefined);
  });
});
