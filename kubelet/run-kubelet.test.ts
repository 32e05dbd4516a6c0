import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { leases } from "../api/coordination/lease.ts";
import { configMaps } from "../api/core/config-map.ts";
import { events } from "../api/core/event.ts";
import { nodes } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import type { NewObject } from "../api/meta/object.ts";
import { isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import type { Exec } from "../lib/exec.ts";
import type { Handler } from "../lib/http.ts";
import { newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import type { FakeClock } from "../testing/fake-clock.ts";
import { MACHINE } from "../testing/machine-facts.ts";
import { runKubelet } from "./run-kubelet.ts";
import { FakeRuntime, type FakeRuntimeOptions } from "./runtimes/fake.ts";
import type { RuntimeChange } from "./runtimes/runtime.ts";

const noMounts: Pick<Exec, "run"> = {
  run: () => Promise.resolve({ code: 1, stdout: "", stderr: "not allowed", pid: 1 }),
};

/** One node over a fake runtime and a real API server, on a clock that the test moves. */
class TestNode {
  readonly rootDirectory = mkdtempSync(join(tmpdir(), "gantry-kubelet-"));
  readonly runtime: FakeRuntime;
  readonly cluster: TestCluster;
  handler: Handler | undefined;
  #stopKubelet = () => {};

  private constructor(cluster: TestCluster, runtime: FakeRuntime) {
    this.cluster = cluster;
    this.runtime = runtime;
  }

  static async start(options: Omit<FakeRuntimeOptions, "clock"> = {}, Runtime = FakeRuntime): Promise<TestNode> {
    const cluster = await TestCluster.start();
    const node = new TestNode(cluster, new Runtime({ ...options, clock: cluster.clock }));
    await node.startKubelet();
    return node;
  }

  get clock(): FakeClock {
    return this.cluster.clock;
  }

  get client(): Client {
    return this.cluster.client;
  }

  async startKubelet(): Promise<void> {
    this.#stopKubelet = this.cluster.run((parts, signal) =>
      runKubelet(
        {
          ...parts,
          runtime: this.runtime,
          nodeName: "n1",
          nodeAddress: "192.168.0.1",
          rootDirectory: this.rootDirectory,
          serve: (handler) => {
            this.handler = handler;
            return Promise.resolve({ port: 10250, close: () => Promise.resolve() });
          },
          machine: MACHINE,
          exec: noMounts,
        },
        signal,
      ),
    );
    await this.until(async () => (await this.client.list(nodes)).items.length === 1);
  }

  async stopKubelet(): Promise<void> {
    this.#stopKubelet();
    await this.settle();
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.rootDirectory, { recursive: true, force: true });
  }

  async create(name: string, spec: Partial<Pod["spec"]> = {}): Promise<Pod> {
    const pod: NewObject<Pod> = newPod(name);
    const created = await this.client.create(pods, { ...pod, spec: { ...pod.spec, nodeName: "n1", ...spec } });
    await this.settle();
    return created;
  }

  pod(name: string): Promise<Pod> {
    return this.client.get(pods, { namespace: "default", name });
  }

  /** Lets everybody react. */
  settle(): Promise<void> {
    return this.cluster.settle();
  }

  /** Files are read in real time, so this waits for the condition and not for a number of turns. */
  async until(isTrue: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 20_000; round++) {
      if (await isTrue()) return;
      await this.settle();
    }
    throw new Error("what the test waits for did not happen");
  }

  async untilPhase(name: string, phase: string): Promise<Pod> {
    await this.until(async () => (await this.pod(name)).status.phase === phase);
    return this.pod(name);
  }

  isGone(name: string): Promise<boolean> {
    return this.pod(name).then(
      () => false,
      (error: unknown) => isNotFound(error),
    );
  }

  async eventReasons(): Promise<string[]> {
    const list = await this.client.list(events, { namespace: "default" });
    return list.items.map(({ reason = "" }) => reason);
  }
}

describe("a kubelet", () => {
  let node: TestNode;
  afterEach(() => node.stop());

  it("registers its node and keeps its lease", async () => {
    node = await TestNode.start();
    await node.until(async () => (await node.client.list(nodes)).items.length === 1);
    const found = await node.client.get(nodes, { name: "n1" });
    expect(found.metadata.labels).to.include({ "kubernetes.io/hostname": "n1", "kubernetes.io/arch": "amd64" });
    expect(found.status.capacity).to.include({ cpu: "4", pods: "110" });
    expect(found.status.conditions?.find(({ type }) => type === "Ready")?.status).to.equal("True");
    expect(found.status.daemonEndpoints.kubeletEndpoint.Port).to.equal(10250);
    const key = { namespace: "kube-node-lease", name: "n1" };
    const first = await node.client.get(leases, key);
    await node.clock.advance(10_000);
    const second = await node.client.get(leases, key);
    expect(second.spec.renewTime).to.not.equal(first.spec.renewTime);
    expect(second.spec.leaseDurationSeconds).to.equal(40);
  });

  it("runs a pod and reports it ready", async () => {
    node = await TestNode.start();
    await node.create("web");
    const pod = await node.untilPhase("web", "Running");
    expect(pod.status.podIP).to.match(/^10\.244\./);
    expect(pod.status.hostIP).to.equal("192.168.0.1");
    expect(pod.status.containerStatuses?.[0]).to.deep.include({
      name: "main",
      ready: true,
      started: true,
      restartCount: 0,
    });
    expect(pod.status.conditions?.find(({ type }) => type === "Ready")?.status).to.equal("True");
    await node.settle();
    expect(await node.eventReasons()).to.include.members(["Pulled", "Created", "Started"]);
  });

  it("stops a deleted pod within its grace period, reports how it ended, and removes it", async () => {
    node = await TestNode.start({ program: () => ({ stopsMs: 2000, stopExitCode: 0 }) });
    await node.create("web");
    await node.untilPhase("web", "Running");
    await node.client.delete(pods, { namespace: "default", name: "web" });
    await node.settle();
    expect((await node.pod("web")).metadata.deletionGracePeriodSeconds).to.equal(30);
    await node.clock.advance(2000);
    await node.until(() => node.isGone("web"));
    expect(await node.runtime.list(AbortSignal.timeout(1000))).to.deep.equal([]);
  });

  it("restarts a container that ends: at once first, then after a growing back-off", async () => {
    node = await TestNode.start({ program: () => ({ runsMs: 1000, exitCode: 3 }) });
    await node.create("web");
    await node.untilPhase("web", "Running");
    await node.clock.advance(1000);
    await node.until(async () => (await node.pod("web")).status.containerStatuses?.[0]?.restartCount === 1);
    await node.clock.advance(1000);
    const waiting = async () => (await node.pod("web")).status.containerStatuses?.[0]?.state.waiting;
    await node.until(async () => (await waiting())?.reason === "CrashLoopBackOff");
    expect((await waiting())?.message).to.match(/^back-off 10s restarting failed container=main pod=web_default\(/);
    await node.clock.advance(10_000);
    await node.until(async () => (await node.pod("web")).status.containerStatuses?.[0]?.restartCount === 2);
    expect((await node.pod("web")).status.containerStatuses?.[0]?.lastState.terminated?.exitCode).to.equal(3);
  });

  it("adopts what runs when it is started again, and restarts no container", async () => {
    node = await TestNode.start();
    await node.create("web");
    await node.untilPhase("web", "Running");
    const before = await node.runtime.list(AbortSignal.timeout(1000));
    await node.stopKubelet();
    await node.clock.advance(60_000);
    await node.startKubelet();
    await node.clock.advance(60_000);
    await node.settle();
    expect(await node.runtime.list(AbortSignal.timeout(1000))).to.deep.equal(before);
    expect((await node.pod("web")).status.conditions?.find(({ type }) => type === "Ready")?.status).to.equal("True");
  });

  it("removes what runs for a pod that was deleted while no kubelet ran", async () => {
    node = await TestNode.start();
    await node.create("web");
    await node.untilPhase("web", "Running");
    await node.stopKubelet();
    await node.client.delete(pods, { namespace: "default", name: "web" }, { gracePeriodSeconds: 0 });
    await node.startKubelet();
    await node.until(async () => (await node.runtime.list(AbortSignal.timeout(1000))).length === 0);
  });

  it("removes in time what came up without a pod and without being told of", async () => {
    class SilentRuntime extends FakeRuntime {
      override async *watch(signal: AbortSignal): AsyncGenerator<RuntimeChange> {
        yield {};
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }
    }
    node = await TestNode.start({}, SilentRuntime);
    const pod = { namespace: "default", name: "late", uid: "uid-late" };
    await node.runtime.createSandbox({ pod, attempt: 0, hostname: "late" }, AbortSignal.timeout(1000));
    await node.clock.advance(10_000);
    await node.until(async () => (await node.runtime.list(AbortSignal.timeout(1000))).length === 0);
  });

  it("waits for a ConfigMap that is missing, says so, and starts as soon as it is there", async () => {
    node = await TestNode.start();
    const env = [{ name: "COLOR", valueFrom: { configMapKeyRef: { name: "colors", key: "wall" } } }];
    await node.create("web", { containers: [{ name: "main", image: "app:1", env, resources: {} }] });
    const waiting = async () => (await node.pod("web")).status.containerStatuses?.[0]?.state.waiting;
    await node.until(async () => (await waiting())?.reason === "CreateContainerConfigError");
    expect((await waiting())?.message).to.equal('configmap "colors" not found');
    await node.client.create(configMaps, { metadata: { namespace: "default", name: "colors" }, data: { wall: "red" } });
    await node.untilPhase("web", "Running");
  });

  it("brings a pod that never restarts to its final phase", async () => {
    node = await TestNode.start({ program: ({ name }) => ({ runsMs: 1000, exitCode: name === "bad" ? 1 : 0 }) });
    const container = (name: string) => ({ name, image: "app:1", resources: {} });
    await node.create("good", { restartPolicy: "Never", containers: [container("main")] });
    await node.create("bad", { restartPolicy: "Never", containers: [container("main"), container("bad")] });
    await node.settle();
    await node.clock.advance(1000);
    await node.untilPhase("good", "Succeeded");
    await node.untilPhase("bad", "Failed");
    const [status] = (await node.pod("good")).status.containerStatuses ?? [];
    expect(status?.state.terminated).to.include({ exitCode: 0, reason: "Completed" });
  });

  it("runs init containers one after the other before the others", async () => {
    node = await TestNode.start({ program: ({ name }) => (name.startsWith("init") ? { runsMs: 1000 } : {}) });
    const container = (name: string) => ({ name, image: "app:1", resources: {} });
    await node.create("web", { initContainers: [container("init-a"), container("init-b")] });
    const names = async () =>
      (await node.runtime.list(AbortSignal.timeout(1000))).flatMap(({ containers }) =>
        containers.map(({ name }) => name),
      );
    await node.until(async () => (await names()).length === 1);
    expect(await names()).to.deep.equal(["init-a"]);
    await node.clock.advance(1000);
    await node.until(async () => (await names()).length === 2);
    expect((await node.pod("web")).status.phase).to.equal("Pending");
    await node.clock.advance(1000);
    await node.untilPhase("web", "Running");
  });

  it("says why an image cannot be had, and starts the container once it can", async () => {
    const pullable: string[] = [];
    node = await TestNode.start({ pullable, present: [] });
    await node.create("web");
    const waiting = async () => (await node.pod("web")).status.containerStatuses?.[0]?.state.waiting?.reason;
    await node.until(async () => (await waiting()) === "ErrImagePull");
    await node.clock.advance(1000);
    await node.until(async () => (await waiting()) === "ImagePullBackOff");
    pullable.push("registry.test/app:1");
    await node.clock.advance(9000);
    await node.untilPhase("web", "Running");
    await node.settle();
    expect(await node.eventReasons()).to.include.members(["Pulling", "Failed", "BackOff", "Pulled"]);
  });

  it("restarts a container that fails its liveness probe", async () => {
    let isHealthy = true;
    node = await TestNode.start({ program: () => ({ exec: () => ({ code: isHealthy ? 0 : 1, output: "sick" }) }) });
    const livenessProbe = { exec: { command: ["check"] }, periodSeconds: 1, failureThreshold: 2 };
    await node.create("web", { containers: [{ name: "main", image: "app:1", livenessProbe, resources: {} }] });
    await node.untilPhase("web", "Running");
    isHealthy = false;
    await node.clock.advance(3000);
    isHealthy = true;
    await node.until(async () => (await node.pod("web")).status.containerStatuses?.[0]?.restartCount === 1);
    expect(await node.eventReasons()).to.include.members(["Unhealthy", "Killing"]);
  });

  it("makes a new sandbox when one dies, and keeps counting", async () => {
    node = await TestNode.start();
    await node.create("web");
    const before = await node.untilPhase("web", "Running");
    const [found] = await node.runtime.list(AbortSignal.timeout(1000));
    node.runtime.killSandbox(found?.sandboxes[0]?.id ?? "");
    await node.until(async () => {
      const { podIP, containerStatuses } = (await node.pod("web")).status;
      return podIP !== before.status.podIP && containerStatuses?.[0]?.restartCount === 1;
    });
  });

  it("ends a pod at its deadline", async () => {
    node = await TestNode.start();
    await node.create("web", { activeDeadlineSeconds: 5 });
    await node.untilPhase("web", "Running");
    await node.clock.advance(5000);
    expect((await node.untilPhase("web", "Failed")).status.reason).to.equal("DeadlineExceeded");
  });

  it("shortens the grace period when a pod is deleted once more, by force", async () => {
    node = await TestNode.start({ program: () => ({ stopsMs: 3_600_000 }) });
    await node.create("web");
    await node.untilPhase("web", "Running");
    const key = { namespace: "default", name: "web" };
    await node.client.delete(pods, key);
    await node.clock.advance(1000);
    await node.client.delete(pods, key, { gracePeriodSeconds: 2 });
    await node.settle();
    await node.clock.advance(2000);
    await node.until(() => node.isGone("web"));
  });

  it("goes on ending a pod that another kubelet began to end", async () => {
    node = await TestNode.start({ program: () => ({ stopsMs: 5000 }) });
    await node.create("web");
    await node.untilPhase("web", "Running");
    await node.client.delete(pods, { namespace: "default", name: "web" });
    await node.clock.advance(1000);
    await node.stopKubelet();
    await node.startKubelet();
    await node.clock.advance(10_000);
    await node.until(() => node.isGone("web"));
  });

  it("brings back a container that was killed", async () => {
    node = await TestNode.start({ program: () => ({ runsMs: 30_000, exitCode: 1 }) });
    await node.create("web");
    await node.untilPhase("web", "Running");
    node.runtime.exit((await node.runtime.list(AbortSignal.timeout(1000)))[0]?.containers[0]?.id ?? "", 7);
    await node.until(async () => {
      const [status] = (await node.pod("web")).status.containerStatuses ?? [];
      return status?.lastState.terminated?.exitCode === 7 && status.restartCount === 1;
    });
  });
});
