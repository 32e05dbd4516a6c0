import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { Exec } from "../../lib/exec.ts";
import { newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { MACHINE } from "../../testing/machine-facts.ts";
import { runKubelet } from "../run-kubelet.ts";
import { FakeRuntime } from "../runtimes/fake.ts";
import { DEFAULT_HARD, parseThresholds } from "./thresholds.ts";

const MIB = 2 ** 20;

/** A kubelet over a fake runtime, with a disk on which every directory holds so many bytes. */
class TestNode {
  readonly rootDirectory = mkdtempSync(join(tmpdir(), "gantry-evictor-"));
  readonly cluster: TestCluster;
  readonly runtime: FakeRuntime;
  /** How often the disk was measured. */
  measurements = 0;
  directoryBytes = 0;
  /** What the machine has left of 1 GiB of memory, and of its disk of 100 GiB. */
  memoryBytes = 512 * MIB;
  diskBytes = 50 * 1024 * MIB;

  private constructor(cluster: TestCluster) {
    this.cluster = cluster;
    this.runtime = new FakeRuntime({ clock: cluster.clock });
  }

  static async start(): Promise<TestNode> {
    const node = new TestNode(await TestCluster.start());
    const { runtime, rootDirectory } = node;
    const exec: Pick<Exec, "run"> = {
      run: (_, args) => {
        const paths = args.slice(args.indexOf("--") + 1);
        node.measurements++;
        const bytesOf = (path: string) => (path.includes("/volumes/") ? node.directoryBytes : 0);
        const stdout = paths.map((path) => `${bytesOf(path)}\t${path}\n`).join("");
        return Promise.resolve({ code: 0, stdout, stderr: "", pid: 1 });
      },
    };
    const machine = MACHINE;
    const observe = () =>
      Promise.resolve({
        "memory.available": { available: node.memoryBytes, capacity: 1024 * MIB },
        "nodefs.available": { available: node.diskBytes, capacity: 100 * 1024 * MIB },
      });
    const thresholds = parseThresholds({ hard: DEFAULT_HARD });
    const pressure = { settings: { thresholds, maxPodGraceSeconds: 0, transitionMs: 300_000 }, observe };
    const own = { runtime, rootDirectory, machine, exec, pressure, nodeName: "n1", nodeAddress: "192.168.0.1" };
    node.cluster.run((parts, signal) => runKubelet({ ...parts, ...own }, signal));
    return node;
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.rootDirectory, { recursive: true, force: true });
  }

  async run(name: string, spec: Partial<Pod["spec"]>): Promise<string> {
    const pod = newPod(name);
    await this.cluster.client.create(pods, { ...pod, spec: { ...pod.spec, nodeName: "n1", ...spec } });
    await this.until(name, ({ status }) => status.phase === "Running");
    const all = await this.runtime.list(AbortSignal.timeout(1000));
    return all.find((each) => each.pod.name === name)?.containers[0]?.id ?? "";
  }

  async condition(type: string): Promise<string | undefined> {
    const { status } = await this.cluster.client.get(nodes, { name: "n1" });
    return status.conditions?.find((each) => each.type === type)?.status;
  }

  pod(name: string): Promise<Pod> {
    return this.cluster.client.get(pods, { namespace: "default", name });
  }

  async until(name: string, isTrue: (pod: Pod) => boolean): Promise<Pod> {
    for (let round = 0; round < 2000; round++) {
      const pod = await this.pod(name);
      if (isTrue(pod)) return pod;
      await this.cluster.settle();
    }
    throw new Error(`what the test waits for did not happen: ${JSON.stringify((await this.pod(name)).status)}`);
  }
}

const limited = { limits: { "ephemeral-storage": "10Mi" } };

describe("a node whose pods fill its disk", () => {
  let node: TestNode;
  beforeEach(async () => {
    node = await TestNode.start();
  });
  afterEach(() => node.stop());

  it("evicts the one whose volume has outgrown its limit, and says so", async () => {
    await node.run("web", { volumes: [{ name: "data", emptyDir: { sizeLimit: "10Mi" } }] });
    node.directoryBytes = 11 * MIB;
    await node.cluster.clock.advance(10_000);
    const { status } = await node.until("web", ({ status: { phase } }) => phase === "Failed");
    expect(status).to.include({
      reason: "Evicted",
      message: 'Usage of EmptyDir volume "data" exceeds the limit "10Mi". ',
    });
    expect(status.containerStatuses?.[0]?.state).to.have.property("terminated");
    expect(status.conditions?.map(({ type }) => type)).to.not.include("DisruptionTarget");
    await node.cluster.settle();
    const { items } = await node.cluster.client.list(events, { namespace: "default" });
    expect(items.map(({ reason }) => reason)).to.include("Evicted");
  });

  it("evicts the one whose container has, and leaves its neighbour", async () => {
    const containers = (name: string) => [{ ...newPod("x").spec.containers[0], name, resources: limited }];
    const full = await node.run("full", { containers: containers("full") });
    await node.run("small", { containers: containers("small") });
    node.runtime.usage.set(full, { cpuMillis: 0, memoryBytes: 0, diskBytes: 11 * MIB });
    await node.cluster.clock.advance(10_000);
    await node.until("full", ({ status }) => status.reason === "Evicted");
    expect((await node.pod("small")).status.phase).to.equal("Running");
  });

  it("measures nothing where no pod has a limit", async () => {
    await node.run("web", { volumes: [{ name: "data", emptyDir: {} }] });
    await node.cluster.clock.advance(60_000);
    expect(node.measurements).to.equal(0);
  });
});

describe("a node that is short of memory or disk", () => {
  let node: TestNode;
  beforeEach(async () => {
    node = await TestNode.start();
  });
  afterEach(() => node.stop());

  const withPriority = { priority: 2_000_000_000, priorityClassName: "system-cluster-critical" };

  it("gives up one pod at a time, the one that uses most first, tells the cluster, and takes no pod without requests", async () => {
    const [small, large] = [await node.run("small", {}), await node.run("large", {})];
    await node.run("critical", withPriority);
    node.runtime.usage.set(small, { cpuMillis: 0, memoryBytes: 10 * MIB });
    node.runtime.usage.set(large, { cpuMillis: 0, memoryBytes: 300 * MIB });
    node.memoryBytes = 64 * MIB;
    await node.cluster.clock.advance(10_000);
    const evicted = await node.until("large", ({ status }) => status.phase === "Failed");
    expect(evicted.status).to.include({ reason: "Evicted" });
    expect(evicted.status.message).to.equal(
      "The node was low on resource: memory. Threshold quantity: 100Mi, available: 64Mi. " +
        "Container main was using 300Mi, request is 0, has larger consumption of memory. ",
    );
    const target = evicted.status.conditions?.find(({ type }) => type === "DisruptionTarget");
    expect(target).to.include({ status: "True", reason: "TerminationByKubelet" });
    expect((await node.pod("small")).status.phase).to.equal("Running");
    node.memoryBytes = 512 * MIB;
    await node.cluster.clock.advance(10_000);
    expect(await node.condition("MemoryPressure")).to.equal("True");
    const { spec } = newPod("late");
    await node.cluster.client.create(pods, { ...newPod("late"), spec: { ...spec, nodeName: "n1" } });
    const late = await node.until("late", ({ status }) => status.phase === "Failed");
    expect(late.status.message).to.equal("Pod was rejected: The node had condition: [MemoryPressure]. ");
    expect((await node.pod("critical")).status.phase).to.equal("Running");
    await node.cluster.clock.advance(300_000);
    expect(await node.condition("MemoryPressure")).to.equal("False");
  });

  it("removes containers of ended pods before it gives up one that runs", async () => {
    const ended = await node.run("ended", { restartPolicy: "Never" });
    await node.run("web", {});
    node.runtime.exit(ended, 0);
    await node.until("ended", ({ status }) => status.phase === "Succeeded");
    node.diskBytes = 1024 * MIB;
    const { removeContainer } = node.runtime;
    node.runtime.removeContainer = async (...call) => {
      await removeContainer.apply(node.runtime, call);
      node.diskBytes = 50 * 1024 * MIB;
    };
    await node.cluster.clock.advance(10_000);
    await node.cluster.settle();
    expect((await node.pod("web")).status.phase).to.equal("Running");
    const [status] = (await node.pod("ended")).status.containerStatuses ?? [];
    expect(status?.state.terminated?.exitCode).to.equal(0);
    const all = await node.runtime.list(AbortSignal.timeout(1000));
    expect(all.find(({ pod }) => pod.name === "ended")?.containers).to.deep.equal([]);
    await node.cluster.clock.advance(10_000);
    expect(await node.condition("DiskPressure")).to.equal("True");
  });
});
