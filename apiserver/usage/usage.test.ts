import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Handler } from "../../lib/http.ts";
import { ApiHarness } from "../../testing/api-harness.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { buildNodeUsage, buildPodUsage } from "./build-usage.ts";
import { parseUsage, type UsagePoint, type UsageReading } from "./parse-usage.ts";

const START_MS = Date.UTC(2026, 0, 1);
const MIB = 2 ** 20;

describe("parsing a kubelet's usage", () => {
  const parse = (...lines: readonly string[]) => parseUsage(lines.join("\n"), 7);
  const labels = 'container="main",namespace="default",pod="web"';

  it("takes the node and the containers, and passes over the rest", () => {
    const { node, pods } = parse(
      "# HELP node_cpu_usage_seconds_total text",
      "node_cpu_usage_seconds_total 6.5 1000",
      "node_memory_working_set_bytes 4.194304e+07 1001",
      `container_cpu_usage_seconds_total{${labels}} 5 1002`,
      `container_memory_working_set_bytes{${labels}} 30 1003`,
      `container_start_time_seconds{${labels}} 0.5 1004`,
      `container_swap_usage_bytes{${labels}} 1 1`,
      'pod_cpu_usage_seconds_total{namespace="default",pod="web"} 6 1002',
      "scrape_error 0",
    );
    expect(node).to.deep.equal({ cpuSeconds: 6.5, memoryBytes: 41_943_040, atMs: 1001 });
    expect([...pods].map(([pod, containers]) => [pod, ...containers])).to.deep.equal([
      ["default/web", ["main", { cpuSeconds: 5, memoryBytes: 30, atMs: 1003, startedMs: 500 }]],
    ]);
  });

  it("takes samples without a time to be of now", () => {
    expect(parse("node_cpu_usage_seconds_total 1", "node_memory_working_set_bytes 2").node?.atMs).to.equal(7);
  });

  for (const [title, ...lines] of [
    ["one resource only", "node_cpu_usage_seconds_total 1"],
    ["text", "node_cpu_usage_seconds_total x", "node_memory_working_set_bytes 2"],
    ["what is no number", "node_cpu_usage_seconds_total NaN", "node_memory_working_set_bytes 2"],
    ["infinity", "node_cpu_usage_seconds_total +Inf", "node_memory_working_set_bytes 2"],
    ["less than nothing", "node_cpu_usage_seconds_total -1", "node_memory_working_set_bytes 2"],
    ["more than there can be", "node_cpu_usage_seconds_total 1e300", "node_memory_working_set_bytes 2"],
    ["times that are none", "node_cpu_usage_seconds_total 1 99999999999999999", "node_memory_working_set_bytes 2 1"],
    ["nothing", ""],
  ] as const) {
    it(`makes nothing of ${title}`, () => {
      expect(parse(...lines).node).to.equal(undefined);
    });
  }

  it("passes over containers without a name, a pod or a namespace", () => {
    const { pods } = parse(
      'container_cpu_usage_seconds_total{namespace="a",pod="b"} 1',
      'container_cpu_usage_seconds_total{container="c",pod="b"} 1',
      "container_cpu_usage_seconds_total 1",
    );
    expect(pods.size).to.equal(0);
  });
});

describe("usage from two readings", () => {
  const point = (seconds: number, cpuSeconds: number, startedSeconds?: number): UsagePoint => ({
    cpuSeconds,
    memoryBytes: 50 * MIB,
    atMs: START_MS + seconds * 1000,
    ...(startedSeconds !== undefined && { startedMs: START_MS + startedSeconds * 1000 }),
  });
  const reading = (containers: Readonly<Record<string, UsagePoint>>, node?: UsagePoint): UsageReading => ({
    node,
    pods: new Map([["default/web", new Map(Object.entries(containers))]]),
  });
  const pod = newPod("web", { labels: { app: "web" }, status: { phase: "Running" } }) as Pod;

  it("is what was used between them", () => {
    const usage = buildNodeUsage(newNode("n1") as Node, {
      before: reading({}, point(100, 20)),
      now: reading({}, point(115, 23.75)),
    });
    expect(usage).to.deep.include({ timestamp: "2026-01-01T00:01:55Z", window: "15s" });
    expect(usage?.usage).to.deep.equal({ cpu: "250m", memory: "50Mi" });
  });

  it("carries the labels of the pod and each of its containers", () => {
    const usage = buildPodUsage(pod, {
      before: reading({ a: point(100, 0), b: point(101, 10) }),
      now: reading({ a: point(115, 1.5), b: point(116, 10) }),
    });
    expect(usage?.metadata).to.deep.include({ name: "web", namespace: "default", labels: { app: "web" } });
    expect(usage?.timestamp).to.equal("2026-01-01T00:01:55Z");
    expect(usage?.containers).to.deep.equal([
      { name: "a", usage: { cpu: "100m", memory: "50Mi" } },
      { name: "b", usage: { cpu: "0", memory: "50Mi" } },
    ]);
  });

  const cpuOf = (before: UsagePoint | undefined, now: UsagePoint) =>
    buildPodUsage(pod, { before: before && reading({ a: before }), now: reading({ a: now }) })?.containers[0]?.usage
      .cpu;

  for (const [title, before, now, expected] of [
    ["is not told from one reading of what has run for long", undefined, point(115, 30, 0), undefined],
    ["counts from the start of what is new", undefined, point(115, 6, 95), "300m"],
    ["is not told of what has just begun", undefined, point(115, 6, 110), undefined],
    ["is not told without any start", undefined, point(115, 6), undefined],
    ["counts anew after a restart", point(100, 50, 0), point(115, 6, 103), "500m"],
    ["is not told just after a restart", point(100, 50, 0), point(115, 6, 110), undefined],
    ["is not told while a counter has gone back", point(100, 50), point(115, 6), undefined],
    ["is not told from the same reading twice", point(100, 50), point(100, 50), undefined],
  ] as const) {
    it(`${title}`, () => {
      expect(cpuOf(before, now)).to.equal(expected);
    });
  }

  it("is not told of half a pod, nor of one that has ended", () => {
    const before = reading({ a: point(100, 0) });
    const now = reading({ a: point(115, 1), b: point(115, 1) });
    expect(buildPodUsage(pod, { before, now })).to.equal(undefined);
    const ended = { ...pod, status: { phase: "Succeeded" } } as Pod;
    expect(buildPodUsage(ended, { before, now: reading({ a: point(115, 1) }) })).to.equal(undefined);
  });
});

describe("metrics.k8s.io", () => {
  let harness: ApiHarness;
  let scrapes: string[];
  beforeEach(async () => {
    scrapes = [];
    const kubelet =
      (node: string): Handler =>
      ({ path }) => {
        scrapes.push(`${node} ${path}`);
        if (node === "broken") return Promise.reject(new Error("connection refused"));
        const [now, cpu] = [harness.clock.now(), harness.clock.monotonic() / 2000];
        const samples = ["web", "db"].map((pod) => {
          const labels = `{container="main",namespace="default",pod="${pod}"}`;
          return `container_cpu_usage_seconds_total${labels} ${cpu} ${now}\ncontainer_memory_working_set_bytes${labels} 1048576 ${now}\n`;
        });
        const whole = `node_cpu_usage_seconds_total ${2 * cpu} ${now}\nnode_memory_working_set_bytes 2097152 ${now}\n`;
        const bytes = Buffer.from(samples.join("") + whole);
        return Promise.resolve({ status: 200, headers: {}, body: { kind: "bytes", bytes } });
      };
    harness = await ApiHarness.start({ nodeHandler: ({ metadata }) => kubelet(metadata.name) });
    for (const name of ["n1", "broken"]) {
      await harness.create("/api/v1/nodes", newNode(name, { labels: { disk: name } }));
    }
    for (const [name, nodeName] of [
      ["web", "n1"],
      ["db", "broken"],
    ] as const) {
      const pod = newPod(name, { labels: { app: name } });
      await harness.create("/api/v1/namespaces/default/pods", { ...pod, spec: { ...pod.spec, nodeName } });
    }
  });
  afterEach(() => harness.stop());

  const read = async (path: string) => {
    const answer = harness.call("GET", `/apis/metrics.k8s.io/v1beta1${path}`);
    await harness.clock.advance(2_000);
    return answer;
  };
  const names = async (path: string) => (await read(path)).data.items?.map(({ metadata }) => metadata.name);

  it("tells what nodes use, but for those that do not answer", async () => {
    const { data } = await read("/nodes");
    expect(data.kind).to.equal("NodeMetricsList");
    expect(data.items).to.have.length(1);
    expect(data.items?.[0]).to.deep.include({ window: "2s", usage: { cpu: "1", memory: "2Mi" } });
    expect((await read("/nodes/n1")).code).to.equal(200);
    expect((await read("/nodes/broken")).code).to.equal(404);
  });

  it("tells what pods use, and believes nodes of their own pods only", async () => {
    expect(await names("/pods")).to.deep.equal(["web"]);
    const { data } = await read("/namespaces/default/pods/web");
    expect(data).to.deep.include({ containers: [{ name: "main", usage: { cpu: "500m", memory: "1Mi" } }] });
    expect((await read("/namespaces/default/pods/db")).code).to.equal(404);
  });

  for (const [path, expected] of [
    ["/pods?labelSelector=app=web", ["web"]],
    ["/pods?labelSelector=app=db", []],
    ["/namespaces/default/pods", ["web"]],
    ["/namespaces/kube-system/pods", []],
    ["/nodes?labelSelector=disk=n1", ["n1"]],
    ["/nodes?labelSelector=disk!=n1", []],
    ["/nodes?fieldSelector=metadata.name=n1", ["n1"]],
  ] as const) {
    it(`selects ${path}`, async () => {
      expect(await names(path)).to.deep.equal(expected);
    });
  }

  it("asks the kubelets nothing unless somebody wants to know, and stops after a while", async () => {
    await harness.clock.advance(120_000);
    expect(scrapes).to.deep.equal([]);
    await read("/nodes");
    expect(scrapes.filter((each) => each.startsWith("n1"))).to.deep.equal([
      "n1 /metrics/resource",
      "n1 /metrics/resource",
    ]);
    await harness.clock.advance(60_000);
    expect(scrapes.filter((each) => each.startsWith("n1"))).to.have.length(6);
    await harness.clock.advance(600_000);
    const { length } = scrapes;
    await harness.clock.advance(600_000);
    expect(scrapes).to.have.length(length);
    expect(await names("/nodes")).to.deep.equal(["n1"]);
  });

  it("answers many at once with one question to each kubelet", async () => {
    await Promise.all([read("/nodes"), read("/pods"), read("/nodes")]);
    expect(scrapes.filter((each) => each.startsWith("n1"))).to.have.length(2);
  });
});
