import { expect } from "chai";
import { FakeClock } from "../../testing/fake-clock.ts";
import { RuntimeSnapshot } from "../runtime-snapshot.ts";
import { FakeRuntime } from "../runtimes/fake.ts";
import { NodeMeter } from "./measurement.ts";
import { renderResourceMetrics } from "./resource-metrics.ts";
import { buildSummary } from "./summary.ts";

const { signal } = new AbortController();
const MIB = 2 ** 20;

async function startNode() {
  const clock = new FakeClock();
  const runtime = new FakeRuntime({ clock });
  const pod = { namespace: "default", name: "web", uid: "u1" };
  const { id } = await runtime.createSandbox({ pod, attempt: 0, hostname: "web" }, signal);
  const start = async (name: string) =>
    (await runtime.startContainer(id, { name, attempt: 0, image: "i", env: [], mounts: [] }, signal)).id;
  const ids = { main: await start("main"), side: await start("side") };
  const snapshot = new RuntimeSnapshot({ runtime, clock }, signal);
  await snapshot.refresh();
  return { clock, runtime, snapshot, ids, meter: new NodeMeter({ snapshot, runtime, clock }) };
}

describe("what a kubelet tells of usage", () => {
  it("is in Prometheus' text form, under Kubernetes' names", async () => {
    const { clock, runtime, ids, meter } = await startNode();
    runtime.usage.set(ids.main, { cpuMillis: 500, memoryBytes: 30 * MIB });
    runtime.usage.set(ids.side, { cpuMillis: 100, memoryBytes: 10 * MIB });
    const startedMs = clock.now();
    await clock.advance(10_000);
    const { now } = await meter.measure(signal);
    const samples = renderResourceMetrics(now)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    const at = clock.now();
    expect(samples).to.deep.equal([
      `container_cpu_usage_seconds_total{container="main",namespace="default",pod="web"} 5 ${at}`,
      `container_cpu_usage_seconds_total{container="side",namespace="default",pod="web"} 1 ${at}`,
      `container_memory_working_set_bytes{container="main",namespace="default",pod="web"} ${30 * MIB} ${at}`,
      `container_memory_working_set_bytes{container="side",namespace="default",pod="web"} ${10 * MIB} ${at}`,
      `container_start_time_seconds{container="main",namespace="default",pod="web"} ${startedMs / 1000} ${at}`,
      `container_start_time_seconds{container="side",namespace="default",pod="web"} ${startedMs / 1000} ${at}`,
      `node_cpu_usage_seconds_total 6 ${at}`,
      `node_memory_working_set_bytes ${40 * MIB} ${at}`,
      `pod_cpu_usage_seconds_total{namespace="default",pod="web"} 6 ${at}`,
      `pod_memory_working_set_bytes{namespace="default",pod="web"} ${40 * MIB} ${at}`,
      "resource_scrape_error 0",
      "scrape_error 0",
    ]);
  });

  it("adds up over changes of the load", async () => {
    const { clock, runtime, ids, meter } = await startNode();
    runtime.usage.set(ids.main, { cpuMillis: 1000, memoryBytes: 0 });
    await clock.advance(3000);
    runtime.usage.set(ids.main, { cpuMillis: 2000, memoryBytes: 0 });
    await clock.advance(1000);
    expect((await meter.measure(signal)).now.node.cpuNanoseconds).to.equal(5e9);
  });

  it("is a summary with rates from the second measurement on", async () => {
    const { clock, runtime, ids, meter } = await startNode();
    runtime.usage.set(ids.main, { cpuMillis: 250, memoryBytes: 20 * MIB });
    const counts = (bytes: number) => ({ bytes, packets: 1, errors: 2, dropped: 3 });
    const facts = {
      nodeName: "n1",
      memoryBytes: 100 * MIB,
      nowMs: clock.now(),
      observed: {
        "nodefs.available": { available: 30, capacity: 100 },
        "nodefs.inodesFree": { available: 1, capacity: 10 },
        "pid.available": { available: 90, capacity: 100 },
      },
      networks: new Map([["u1", [{ name: "eth0", receive: counts(10), transmit: counts(20) }]]]),
    };
    const summarize = async () => {
      const { now, before } = await meter.measure(signal);
      return buildSummary(facts, now, before) as {
        node: { cpu: object; memory: object; fs: object; rlimit: object };
        pods: { podRef: object; network: object; cpu: object; containers: { name: string; cpu: object }[] }[];
      };
    };
    expect((await summarize()).node.cpu).to.not.have.property("usageNanoCores");
    await clock.advance(10_000);
    const { node, pods } = await summarize();
    expect(node.cpu).to.include({ usageNanoCores: 250_000_000, usageCoreNanoSeconds: 2_500_000_000 });
    expect(node.memory).to.include({ workingSetBytes: 20 * MIB, availableBytes: 80 * MIB });
    expect(node.fs).to.deep.include({ availableBytes: 30, capacityBytes: 100, usedBytes: 70, inodesUsed: 9 });
    expect(node.rlimit).to.deep.include({ maxpid: 100, curproc: 10 });
    expect(node).to.not.have.property("runtime");
    const eth0 = { name: "eth0", rxBytes: 10, rxErrors: 2, txBytes: 20, txErrors: 2 };
    expect(pods[0]?.network).to.deep.include({ ...eth0, interfaces: [eth0] });
    expect(pods[0]?.podRef).to.deep.equal({ namespace: "default", name: "web", uid: "u1" });
    expect(pods[0]?.cpu).to.include({ usageNanoCores: 250_000_000 });
    expect(pods[0]?.containers.map(({ name }) => name)).to.deep.equal(["main", "side"]);
  });

  it("leaves out what does not run", async () => {
    const { runtime, snapshot, ids, meter } = await startNode();
    runtime.exit(ids.side, 0);
    await snapshot.refresh();
    const { now } = await meter.measure(signal);
    expect(now.pods[0]?.containers.map(({ name }) => name)).to.deep.equal(["main"]);
    runtime.exit(ids.main, 0);
    await snapshot.refresh();
    expect((await meter.measure(signal)).now.pods).to.deep.equal([]);
  });
});
