// Maintenance from beginning to end: nodes are drained one after the other while the workload on them stays as available as its
// budget wants, and take pods again afterwards.

import { expect } from "chai";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isPodReady } from "../../api/core/pod-state.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import type { PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { deploymentController } from "../../controllers/deployment/controller.ts";
import { disruptionController } from "../../controllers/disruption/controller.ts";
import { replicaSetController } from "../../controllers/replicaset/controller.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newDeployment, newNode } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { FakeKubelet } from "../../testing/fake-kubelet.ts";
import { Kctl, type KctlResult } from "../../testing/kctl.ts";

const budget = (maxUnavailable: number): NewObject<PodDisruptionBudget> => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "web", namespace: "default" },
  spec: { maxUnavailable, selector: { matchLabels: { app: "web" } } },
  status: {} as PodDisruptionBudget["status"],
});

describe("draining nodes", () => {
  let cluster: TestCluster;
  let kctl: Kctl;
  let refusals: number;
  beforeEach(async () => {
    const kubelet = new FakeKubelet();
    kubelet.binds = false;
    kubelet.readyAfterMs = 2_000;
    cluster = await TestCluster.start({
      components: [(parts, signal) => runScheduler(parts, signal)],
      controllers: [deploymentController, replicaSetController, disruptionController, kubelet.controller],
    });
    refusals = 0;
    kctl = new Kctl({
      clock: cluster.clock,
      transport: async (request) => {
        const response = await cluster.transport(request);
        if (request.path.endsWith("/eviction") && response.status === 429) refusals++;
        return response;
      },
    });
    await cluster.addNodes(newNode("n1"), newNode("n2"), newNode("n3"));
    await cluster.apply(newDeployment("web", { replicas: 4 }), budget(1));
    await cluster.step(10_000);
  });
  afterEach(() => cluster.stop());

  const placed = async () => (await cluster.list(pods)).filter(({ metadata }) => !metadata.deletionTimestamp);
  const countOn = async (name: string) => (await placed()).filter(({ spec }) => spec.nodeName === name).length;
  const countReady = async () => (await placed()).filter(isPodReady).length;

  /** Lets time pass until the command has ended, or been refused so many evictions. Commands load their code in real time. */
  async function follow(run: Promise<KctlResult>, refusalsMax = Infinity) {
    let result: KctlResult | undefined;
    let fewest = Infinity;
    void run.then((given) => (result = given));
    while (!result && refusals < refusalsMax) {
      await cluster.step(1_000);
      await nextTurn();
      fewest = Math.min(fewest, await countReady());
    }
    return { result, fewest };
  }

  it("empties each node in turn, with no fewer pods ready than their budget wants, and gives it pods again", async () => {
    let replicas = 4;
    for (const name of ["n1", "n2", "n3"]) {
      const had = await countOn(name);
      expect(had, `pods on ${name}`).to.be.greaterThan(0);
      const { result, fewest } = await follow(kctl.run("drain", name));
      expect(result?.code).to.equal(0);
      expect(result?.stdout).to.match(new RegExp(`^node/${name} cordoned\n(.*\n)+node/${name} drained\n$`));
      expect(result?.stdout.match(/^pod\/.* evicted$/gm)).to.have.length(had);
      expect(fewest, `ready while ${name} was drained`).to.equal(replicas - 1);
      expect(await countOn(name)).to.equal(0);
      expect(await kctl.out("uncordon", name)).to.equal(`node/${name} uncordoned\n`);
      expect((await cluster.get(nodes, name)).spec).to.not.have.property("unschedulable");
      replicas += 3;
      await kctl.out("scale", "deployment/web", `--replicas=${replicas}`);
      await cluster.step(10_000);
      expect(await countOn(name), `pods on ${name} afterwards`).to.be.greaterThan(0);
    }
  });

  it("waits as long as the budget allows no eviction, says why, and finishes when it does", async () => {
    await kctl.out("patch", "pdb", "web", "--type=merge", "-p", '{"spec":{"maxUnavailable":0}}');
    await cluster.settle();
    const had = await countOn("n1");
    const draining = kctl.run("drain", "n1");
    const blocked = await follow(draining, 3);
    expect(blocked).to.deep.equal({ result: undefined, fewest: 4 });
    expect(await countOn("n1")).to.equal(had);
    await kctl.out("patch", "pdb", "web", "--type=merge", "-p", '{"spec":{"maxUnavailable":1}}');
    const { result, fewest } = await follow(draining);
    expect(result?.code).to.equal(0);
    expect(result?.stderr).to.match(
      /error when evicting pods\/"web-\S+" -n "default" \(will retry after 5s\): Cannot evict pod as it would violate the pod's disruption budget\./,
    );
    expect(fewest).to.be.at.least(3);
    expect(await countOn("n1")).to.equal(0);
  });
});
