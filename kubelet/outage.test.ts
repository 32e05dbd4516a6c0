import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nodes } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { isNotFound } from "../api/meta/status.ts";
import { createClient } from "../client/api-client.ts";
import { HttpError, type Handler } from "../lib/http.ts";
import { newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { MACHINE } from "../testing/machine-facts.ts";
import { runKubelet } from "./run-kubelet.ts";
import { FakeRuntime } from "./runtimes/fake.ts";

const TEN_MINUTES_MS = 600_000;

describe("a kubelet that is cut off from the API server", () => {
  const rootDirectory = mkdtempSync(join(tmpdir(), "gantry-outage-"));
  let cluster: TestCluster;
  let runtime: FakeRuntime;
  /** Aborted while the network is cut. */
  let network: AbortController;

  beforeEach(async () => {
    cluster = await TestCluster.start();
    runtime = new FakeRuntime({ clock: cluster.clock });
    network = new AbortController();
    const transport: Handler = (request) => {
      if (network.signal.aborted) return Promise.reject(new HttpError(503, "cut off"));
      return cluster.transport({ ...request, signal: AbortSignal.any([request.signal, network.signal]) });
    };
    const own = { runtime, nodeName: "n1", nodeAddress: "192.168.0.1", rootDirectory, machine: MACHINE };
    const exec = { run: () => Promise.resolve({ code: 1, stdout: "", stderr: "not allowed", pid: 1 }) };
    cluster.run((parts, signal) => runKubelet({ ...parts, client: createClient(transport), ...own, exec }, signal));
    await until(async () => (await cluster.client.list(nodes)).items.length === 1);
  });
  afterEach(() => cluster.stop());
  after(() => rmSync(rootDirectory, { recursive: true, force: true }));

  const cut = () => network.abort(new HttpError(503, "cut off"));
  const heal = () => (network = new AbortController());
  /** Files are read in real time. */
  async function until(isTrue: () => Promise<boolean>): Promise<void> {
    for (let round = 0; round < 5000; round++) {
      if (await isTrue()) return;
      await cluster.settle();
    }
    throw new Error("what the test waits for did not happen");
  }
  const key = (name: string) => ({ namespace: "default", name });
  const create = async (name: string) => {
    const pod = newPod(name);
    await cluster.client.create(pods, { ...pod, spec: { ...pod.spec, nodeName: "n1" } });
  };
  const pod = (name: string): Promise<Pod> => cluster.client.get(pods, key(name));
  const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];
  const untilRuns = (name: string, restarts = 0) =>
    until(async () => {
      const main = mainOf(await pod(name));
      return main?.state.running !== undefined && main.restartCount === restarts;
    });
  const inRuntime = async () => {
    const all = await runtime.list(AbortSignal.timeout(10_000));
    return new Map(all.map((each) => [each.pod.name, each.containers.filter(({ state }) => state === "running")]));
  };

  it("keeps its pods running for ten minutes, and then does what was asked meanwhile", async () => {
    for (const name of ["kept", "failing", "unwanted"]) await create(name);
    for (const name of ["kept", "failing", "unwanted"]) await untilRuns(name);
    const keptId = mainOf(await pod("kept"))?.containerID;
    cut();
    runtime.exit((await inRuntime()).get("failing")?.[0]?.id ?? "", 1);
    await until(async () => (await inRuntime()).get("failing")?.[0]?.attempt === 1);
    await cluster.clock.advance(TEN_MINUTES_MS);
    expect([...(await inRuntime()).values()].map(({ length }) => length)).to.deep.equal([1, 1, 1]);
    // The cluster has given the node up.
    await cluster.client.delete(pods, key("unwanted"), { gracePeriodSeconds: 0 });
    await create("wanted");
    heal();
    await cluster.clock.advance(10_000);
    await untilRuns("wanted");
    await untilRuns("failing", 1);
    await until(async () => !(await inRuntime()).has("unwanted"));
    expect(mainOf(await pod("kept"))).to.include({ containerID: keptId, restartCount: 0, ready: true });
    expect([...(await inRuntime()).keys()].sort()).to.deep.equal(["failing", "kept", "wanted"]);
  });

  it("stops what it was told to stop before, and tells of it when it is heard again", async () => {
    await create("leaving");
    await untilRuns("leaving");
    await cluster.client.delete(pods, key("leaving"), { gracePeriodSeconds: 30 });
    await cluster.settle();
    cut();
    await cluster.clock.advance(TEN_MINUTES_MS);
    expect((await inRuntime()).get("leaving") ?? []).to.deep.equal([]);
    expect((await pod("leaving")).metadata.deletionTimestamp).not.to.equal(undefined);
    heal();
    await cluster.clock.advance(10_000);
    await until(() => pod("leaving").then(() => false, isNotFound));
  });
});
