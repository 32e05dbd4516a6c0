import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { createClient } from "../../client/api-client.ts";
import type { Handler } from "../../lib/http.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { MACHINE } from "../../testing/machine-facts.ts";
import { runKubelet } from "../run-kubelet.ts";
import { FakeRuntime } from "../runtimes/fake.ts";
import type { ManifestDirectory, ManifestFile } from "./manifest-directory.ts";

class MemoryManifests implements ManifestDirectory {
  readonly #files = new Map<string, string>();
  #changed: () => void = () => undefined;

  read(): Promise<readonly ManifestFile[]> {
    return Promise.resolve([...this.#files].map(([path, text]) => ({ path, content: { text } })));
  }

  watch(changed: () => void): void {
    this.#changed = changed;
  }

  write(path: string, text: string): void {
    this.#files.set(path, text);
    this.#changed();
  }

  remove(path: string): void {
    this.#files.delete(path);
    this.#changed();
  }
}

const manifest = (image: string, more = "") => `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {terminationGracePeriodSeconds: 5, containers: [{name: main, image: "${image}"}]${more}}
`;

/** A kubelet with the rights of its node, and a network to the API server that can be cut. */
class StaticNode {
  readonly rootDirectory = mkdtempSync(join(tmpdir(), "gantry-static-"));
  readonly manifests = new MemoryManifests();
  readonly runtime: FakeRuntime;
  isCut = false;
  #stopKubelet = () => {};

  private constructor(readonly cluster: TestCluster) {
    this.runtime = new FakeRuntime({ clock: cluster.clock, program: () => ({ stopsMs: 2000 }) });
  }

  static async start({ isCut = false } = {}): Promise<StaticNode> {
    const node = new StaticNode(await TestCluster.start());
    node.isCut = isCut;
    node.startKubelet();
    return node;
  }

  startKubelet(): void {
    const user = { username: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };
    const transport: Handler = (request) =>
      this.isCut
        ? Promise.reject(new Error("no route to host"))
        : this.cluster.transport({ ...request, peer: { address: "", user } });
    this.#stopKubelet = this.cluster.run((parts, signal) =>
      runKubelet(
        {
          ...parts,
          client: createClient(transport),
          runtime: this.runtime,
          nodeName: "n1",
          nodeAddress: "192.168.0.1",
          rootDirectory: this.rootDirectory,
          machine: MACHINE,
          staticPods: this.manifests,
          exec: { run: () => Promise.resolve({ code: 1, stdout: "", stderr: "not allowed", pid: 1 }) },
        },
        signal,
      ),
    );
  }

  async stopKubelet(): Promise<void> {
    this.#stopKubelet();
    await this.cluster.settle();
  }

  async stop(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.rootDirectory, { recursive: true, force: true });
  }

  async until(isTrue: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 3000; round++) {
      if (await isTrue()) return;
      await this.cluster.settle();
      if (round % 10 === 9) await this.cluster.clock.advance(200);
    }
    throw new Error("what the test waits for did not happen");
  }

  mirror(): Promise<Pod | undefined> {
    return this.cluster.client.list(pods).then(({ items }) => items.find(({ metadata }) => metadata.name === "web-n1"));
  }

  async running(): Promise<string[]> {
    const found = await this.runtime.list(AbortSignal.timeout(1000));
    return found.flatMap(({ containers }) =>
      containers.filter(({ state }) => state === "running").map(({ image }) => image),
    );
  }

  async untilRunning(...images: string[]): Promise<void> {
    await this.until(async () => (await this.running()).join() === images.join());
  }

  async untilShown(): Promise<Pod> {
    await this.until(async () => (await this.mirror())?.status.phase === "Running");
    return (await this.mirror()) as Pod;
  }
}

describe("static pods", () => {
  let node: StaticNode;
  afterEach(() => node.stop());

  it("run as files say, and are shown in the API", async () => {
    node = await StaticNode.start();
    node.manifests.write("/web.yaml", manifest("app:1"));
    const { metadata, spec, status } = await node.untilShown();
    const owner = await node.cluster.client.get(nodes, { name: "n1" });
    expect(metadata.namespace).to.equal("default");
    expect(metadata.ownerReferences).to.deep.equal([
      { apiVersion: "v1", kind: "Node", name: "n1", uid: owner.metadata.uid, controller: true },
    ]);
    const { "kubernetes.io/config.hash": hash, ...annotations } = metadata.annotations ?? {};
    expect(annotations).to.include({ "kubernetes.io/config.mirror": hash, "kubernetes.io/config.source": "file" });
    expect(spec.nodeName).to.equal("n1");
    expect(status.containerStatuses?.[0]).to.include({ name: "main", ready: true });
  });

  it("run on when their mirrors are deleted, and get them again", async () => {
    node = await StaticNode.start();
    node.manifests.write("/web.yaml", manifest("app:1"));
    const { metadata } = await node.untilShown();
    const before = await node.runtime.list(AbortSignal.timeout(1000));
    await node.cluster.client.delete(pods, { namespace: "default", name: "web-n1" }, { gracePeriodSeconds: 0 });
    await node.until(async () => ((await node.mirror())?.metadata.uid ?? metadata.uid) !== metadata.uid);
    await node.untilShown();
    await node.cluster.client.delete(pods, { namespace: "default", name: "web-n1" });
    await node.until(async () => (await node.mirror())?.metadata.deletionTimestamp === undefined);
    await node.untilShown();
    expect(await node.runtime.list(AbortSignal.timeout(1000))).to.deep.equal(before);
  });

  it("are ended before they begin anew with other content, and end with their file", async () => {
    node = await StaticNode.start();
    node.manifests.write("/web.yaml", manifest("app:1"));
    const first = await node.untilShown();
    node.manifests.write("/web.yaml", manifest("app:2"));
    await node.untilRunning("app:2");
    await node.until(async () => (await node.mirror())?.spec.containers[0]?.image === "app:2");
    expect((await node.untilShown()).metadata.uid).to.not.equal(first.metadata.uid);
    node.manifests.remove("/web.yaml");
    await node.untilRunning();
    await node.until(async () => (await node.mirror()) === undefined);
  });

  it("start and stop without the API server, and are shown when it comes back", async () => {
    node = await StaticNode.start({ isCut: true });
    node.manifests.write("/web.yaml", manifest("app:1"));
    await node.untilRunning("app:1");
    node.manifests.write("/web.yaml", manifest("app:2"));
    await node.untilRunning("app:2");
    node.isCut = false;
    expect((await node.untilShown()).spec.containers[0]?.image).to.equal("app:2");
  });

  it("outlive their kubelet", async () => {
    node = await StaticNode.start();
    node.manifests.write("/web.yaml", manifest("app:1"));
    await node.untilShown();
    const before = await node.runtime.list(AbortSignal.timeout(1000));
    await node.stopKubelet();
    node.startKubelet();
    await node.cluster.clock.advance(60_000);
    await node.untilShown();
    expect(await node.runtime.list(AbortSignal.timeout(1000))).to.deep.equal(before);
  });

  it("are told of where a file cannot be used, and the others run", async () => {
    node = await StaticNode.start();
    node.manifests.write("/bad.yaml", "kind: Job");
    node.manifests.write("/web.yaml", manifest("app:1"));
    node.manifests.write("/web2.yaml", manifest("app:2"));
    await node.untilShown();
    expect(await node.running()).to.deep.equal(["app:1"]);
    const told = async () =>
      (await node.cluster.client.list(events)).items
        .filter(({ reason }) => reason === "FailedToReadStaticPod")
        .map(({ message = "", involvedObject }) => `${involvedObject.kind} ${involvedObject.name}: ${message}`);
    await node.until(async () => (await told()).length === 2);
    expect((await told()).sort()).to.deep.equal([
      'Node n1: /bad.yaml is no static pod: it holds {"kind":"Job"}, and should hold a Pod of v1',
      "Node n1: /web2.yaml is no static pod: another file holds a pod default/web-n1 already",
    ]);
  });

  it("leave no mirrors behind that nobody stands for", async () => {
    node = await StaticNode.start();
    await node.until(async () => (await node.cluster.client.list(nodes)).items.length === 1);
    const annotations = { "kubernetes.io/config.mirror": "x" };
    const spec = { nodeName: "n1", containers: [{ name: "main", image: "i", resources: {} }] };
    await node.cluster.client.create(pods, { metadata: { namespace: "default", name: "web-n1", annotations }, spec });
    await node.until(async () => (await node.mirror()) === undefined);
    expect(await node.running()).to.deep.equal([]);
  });
});
