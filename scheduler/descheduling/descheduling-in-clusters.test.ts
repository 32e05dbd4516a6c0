// The descheduler in a cluster, with the controllers that make new pods and the scheduler that places them.

import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { podDisruptionBudgets, type PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { deploymentController } from "../../controllers/deployment/controller.ts";
import { disruptionController } from "../../controllers/disruption/controller.ts";
import { replicaSetController } from "../../controllers/replicaset/controller.ts";
import { inProcessTransport } from "../../client/transport.ts";
import type { Handler } from "../../lib/http.ts";
import { newDeployment, newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { FakeKubelet } from "../../testing/fake-kubelet.ts";
import { runScheduler } from "../run-scheduler.ts";
import { runDescheduler } from "./run-descheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);
/** With no more rights than it has in a cluster. */
const user = { username: "system:descheduler", groups: ["system:authenticated"] };
const descheduler: Component = (parts, signal) =>
  runDescheduler({ ...parts, transport: inProcessTransport(parts.transport, user) }, signal);

const MINUTE_MS = 60_000;

const taint = {
  type: "merge",
  patch: { spec: { taints: [{ key: "team", value: "a", effect: "NoSchedule" }] } },
} as const;

const budget = (minAvailable: number): NewObject<PodDisruptionBudget> => ({
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "web", namespace: "default" },
  spec: { minAvailable, selector: { matchLabels: { app: "web" } } },
  status: {} as PodDisruptionBudget["status"],
});

describe("descheduling in a cluster", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  const start = async (...names: string[]) => {
    const kubelet = new FakeKubelet();
    kubelet.binds = false;
    kubelet.readyAfterMs = 20_000;
    cluster = await TestCluster.start({
      components: [scheduler],
      controllers: [deploymentController, replicaSetController, disruptionController, kubelet.controller],
    });
    await cluster.addNodes(...names.map((name) => newNode(name)));
    await cluster.settle();
  };

  /** How many pods that stay each node has. */
  async function placed(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { metadata, spec } of await cluster.list(pods)) {
      if (metadata.deletionTimestamp) continue;
      const name = spec.nodeName ?? "none";
      counts[name] = (counts[name] ?? 0) + 1;
    }
    return counts;
  }

  const evicted = async () => (await cluster.list(events)).filter(({ reason }) => reason === "Descheduled");
  const minutes = async (count: number) => {
    for (let minute = 0; minute < count; minute++) await cluster.step(MINUTE_MS);
  };

  it("spreads the pods of an owner over nodes that have come back, and then rests", async () => {
    await start("n1");
    await cluster.apply(newDeployment("web", { replicas: 3 }));
    await cluster.settle();
    cluster.run(descheduler);
    await minutes(3);
    expect(await evicted()).to.have.length(0);
    await cluster.addNodes(newNode("n2"), newNode("n3"));
    await minutes(15);
    expect(await placed()).to.deep.equal({ n1: 1, n2: 1, n3: 1 });
    expect(await evicted()).to.have.length(2);
    const names = async () => (await cluster.list(pods)).map(({ metadata }) => metadata.name).sort();
    const before = await names();
    await minutes(60);
    expect(await names()).to.deep.equal(before);
  });

  it("moves pods from a node that was tainted afterwards, as their disruption budget allows, until all have left", async () => {
    await start("n1");
    await cluster.apply(newDeployment("web", { replicas: 3 }), budget(2));
    await minutes(1);
    await cluster.addNodes(newNode("n2"));
    await cluster.client.patch(nodes, { name: "n1" }, taint);
    cluster.run(descheduler);
    let fewest = 3;
    for (let second = 0; second < 1_200; second += 5) {
      await cluster.step(5_000);
      const all = await cluster.list(pods);
      const ready = all.filter(
        ({ metadata, status }) =>
          !metadata.deletionTimestamp &&
          status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True"),
      );
      fewest = Math.min(fewest, ready.length);
    }
    expect(await placed()).to.deep.equal({ n2: 3 });
    expect(fewest).to.equal(2);
    expect(await cluster.get(podDisruptionBudgets, "web")).to.have.nested.property("status.currentHealthy", 3);
  });

  it("leaves pods that nobody would put back, and those that no other node takes", async () => {
    await start("n1");
    await cluster.apply(newPod("bare"), newDeployment("web"));
    await cluster.settle();
    await cluster.client.patch(nodes, { name: "n1" }, taint);
    cluster.run(descheduler);
    await minutes(10);
    expect(await placed()).to.deep.equal({ n1: 2 });
    expect(await evicted()).to.have.length(0);
  });

  it("asks nothing of the server while nothing changes", async () => {
    await start("n1", "n2");
    await cluster.apply(newDeployment("web", { replicas: 2 }));
    await minutes(1);
    let requests = 0;
    cluster.run((parts, signal) => {
      const transport: Handler = (request) => {
        if (request.query.get("watch") !== "true") requests++;
        return parts.transport(request);
      };
      return runDescheduler({ ...parts, transport }, signal);
    });
    await minutes(2);
    expect(requests).to.be.greaterThan(0);
    const before = requests;
    await minutes(20);
    expect(requests).to.equal(before);
  });
});
