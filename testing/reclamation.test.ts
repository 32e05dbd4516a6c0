// Reclamation end to end: the kubelet tells what is used, the API server passes it on and accounts, the scheduler places, the
// controller lends and takes back.

import { expect } from "chai";
import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import { BAND_LABEL } from "../api/kctl-scheduling/bands.ts";
import { RECLAIMED_CPU } from "../api/kctl-scheduling/reclaim.ts";
import { nodeAllocations } from "../api/placement/node-allocation.ts";
import { reclamationController } from "../controllers/reclamation.ts";
import { runScheduler } from "../scheduler/run-scheduler.ts";
import { newNode, newPod } from "./builders.ts";
import { TestCluster } from "./cluster.ts";
import { FakeUsage } from "./fake-usage.ts";

const classOf = (band: string, value: number) => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: band, labels: { [BAND_LABEL]: band } },
  value,
});
const production = (name: string, cpu: string) => newPod(name, { cpu, spec: { priorityClassName: "production" } });
const borrower = (name: string, cpuMillis: number, priorityClassName = "best-effort") => {
  const amounts = { [RECLAIMED_CPU]: String(cpuMillis) };
  const containers = [{ name: "main", image: "i", resources: { requests: amounts, limits: amounts } }];
  return newPod(name, { spec: { containers, priorityClassName } });
};

describe("reclaimed resources", () => {
  let cluster: TestCluster;
  let usage: FakeUsage;
  beforeEach(async () => {
    usage = new FakeUsage();
    const { nodeHandler } = usage;
    cluster = await TestCluster.start({
      nodeHandler,
      controllers: [reclamationController],
      components: [runScheduler],
    });
    usage.follow(cluster.clock);
    await cluster.apply(classOf("production", 800_000_000), classOf("best-effort", -200_000_000));
    await cluster.addNodes(newNode("n", { cpu: "10", memory: "20Gi" }));
    await cluster.apply(production("web", "8"));
    await cluster.step(5_000);
  });
  afterEach(() => cluster.stop());

  /** So much is in use from now on, and has been for long enough to be known. */
  async function use(cores: number): Promise<void> {
    usage.use(cores);
    await cluster.step(40_000);
  }
  const offered = async () => (await cluster.get(nodes, "n")).status.allocatable?.[RECLAIMED_CPU];

  async function leaving(): Promise<readonly string[]> {
    const all = await cluster.list(pods);
    return all.filter(({ metadata }) => metadata.deletionTimestamp).map(({ metadata }) => metadata.name);
  }

  async function placed(): Promise<readonly string[]> {
    return (await cluster.list(pods)).filter(({ spec }) => spec.nodeName).map(({ metadata }) => metadata.name);
  }

  it("are nothing that anybody asks for where no pod does", async () => {
    await use(1);
    expect(await offered()).to.equal(undefined);
    const revision = await cluster.store.revision();
    await cluster.step(120_000);
    expect(await cluster.store.revision()).to.equal(revision);
  });

  it("are lent to best-effort pods while production does not use them, and counted apart", async () => {
    usage.use(1);
    await cluster.apply(borrower("a", 3000), borrower("b", 4500), borrower("c", 1000));
    await cluster.settle();
    expect(await placed()).to.deep.equal(["web"]);
    await use(1);
    expect(await placed()).to.deep.equal(["a", "b", "web"]);
    const { allocatable = {}, requested = {} } = await cluster.get(nodeAllocations, "n");
    expect(requested.cpu).to.equal(8000);
    expect(allocatable[RECLAIMED_CPU]).to.equal(8000);
    expect(requested[RECLAIMED_CPU]).to.equal(7500);
  });

  it("are taken back when production uses what it has reserved", async () => {
    await cluster.apply(borrower("a", 3000));
    await use(1);
    await cluster.apply(borrower("b", 3000));
    await cluster.step(2_000);
    expect(await placed()).to.have.length(3);
    await use(5);
    expect(await leaving()).to.deep.equal(["b"]);
    const { metadata, status } = await cluster.get(pods, "b");
    expect(metadata.deletionGracePeriodSeconds).to.equal(1);
    expect(status.conditions).to.deep.include.members([
      {
        type: "DisruptionTarget",
        status: "True",
        reason: "ReclaimedResourcesNeeded",
        message: "Others use or claim what the pod had borrowed from their reservations",
        lastTransitionTime: status.conditions?.find(({ type }) => type === "DisruptionTarget")?.lastTransitionTime,
      },
    ]);
  });

  it("are taken back at once when more production comes to the node, which is never kept waiting", async () => {
    await cluster.apply(borrower("a", 7000));
    await use(1);
    await cluster.apply(production("more", "2"));
    await cluster.settle();
    expect(await placed()).to.include("more");
    expect(await leaving()).to.deep.equal(["a"]);
    expect((await cluster.get(nodeAllocations, "n")).requested?.cpu).to.equal(10_000);
  });

  it("are taken back when the kubelet has not told for a minute what is used", async () => {
    await cluster.apply(borrower("a", 1000));
    await use(1);
    usage.isSilent = true;
    await cluster.step(30_000);
    expect(await leaving()).to.deep.equal([]);
    await cluster.step(60_000);
    expect(await leaving()).to.deep.equal(["a"]);
    expect(await offered()).to.equal("0");
  });

  it("are offered no more when nobody asks for them any more", async () => {
    await cluster.apply(borrower("a", 1000));
    await use(1);
    expect(await offered()).to.equal("8k");
    await cluster.client.delete(pods, { namespace: "default", name: "a" }, { gracePeriodSeconds: 0 });
    await cluster.step(20_000);
    expect(await offered()).to.equal(undefined);
  });

  it("are nothing for pods of other bands", async () => {
    const refusal = await cluster.apply(borrower("a", 100, "production")).then(
      () => "",
      (error: unknown) => String(error),
    );
    expect(refusal).to.contain(
      'pods "a" is forbidden: only pods of the best-effort band may request scheduling.kctl.dev/reclaimed-cpu',
    );
  });
});
