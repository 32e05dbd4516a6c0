import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { Exec } from "../../lib/exec.ts";
import { newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { MACHINE } from "../../testing/machine-facts.ts";
import { runKubelet } from "../run-kubelet.ts";
import { FakeRuntime } from "../runtimes/fake.ts";

const MIB = 2 ** 20;

/** A kubelet over a fake runtime, with a disk on which every directory holds so many bytes. */
class TestNode {
  readonly rootDirectory = mkdtempSync(join(tmpdir(), "gantry-evictor-"));
  readonly cluster: TestCluster;
  readonly runtime: FakeRuntime;
  /** How often the disk was measured. */
  measurements = 0;
  directoryBytes = 0;

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
        const stdout = paths.map((path) => `${node.directoryBytes}\t${path}\n`).join("");
        return Promise.resolve({ code: 0, stdout, stderr: "", pid: 1 });
      },
    };
    const machine = MACHINE;
    const own = { runtime, rootDirectory, machine, exec, nodeName: "n1", nodeAddress: "192.168.0.1" };
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
