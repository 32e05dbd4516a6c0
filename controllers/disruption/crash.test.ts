import { expect } from "chai";
import { builtinResources } from "../../api/index.ts";
import { endpoints, type Endpoints } from "../../api/core/endpoints.ts";
import { isPodActive } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import { replicationControllers, type ReplicationController } from "../../api/core/replication-controller.ts";
import { services } from "../../api/core/service.ts";
import { endpointSlices } from "../../api/discovery/endpoint-slice.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { podDisruptionBudgets, type PodDisruptionBudget } from "../../api/policy/pod-disruption-budget.ts";
import { newPod } from "../../testing/builders.ts";
import type { Component, TestCluster } from "../../testing/cluster.ts";
import { startControllerCluster } from "../../testing/controller-cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { runControllers } from "../run-controllers.ts";

const NAMES: ReadonlySet<string> = new Set(["replication", "disruption", "stale-disruption", "endpointslicemirroring"]);
const labels = { app: "web" };
const KEY = { namespace: "default", name: "web" };

const some: Component = (parts, signal) => {
  const isEnabled = (name: string) => NAMES.has(name);
  return runControllers({ ...parts, resources: builtinResources, gracePeriodMs: 40_000, isEnabled }, signal);
};

const controller: NewObject<ReplicationController> = {
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: KEY,
  spec: { replicas: 2, selector: labels, template: { metadata: { labels }, spec: newPod("x").spec } },
};
const budget: NewObject<PodDisruptionBudget> = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: KEY,
  spec: { maxUnavailable: 1, selector: { matchLabels: labels } },
};
const byHand = (ip: string): NewObject<Endpoints> => ({
  apiVersion: "v1",
  kind: "Endpoints",
  metadata: KEY,
  subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }],
});

/** Each round changes everything: the size, what is behind the service, and which pod is evicted. */
async function change(cluster: TestCluster, round: number): Promise<void> {
  const patch = { spec: { replicas: 2 + (round % 3) } };
  await cluster.client.patch(replicationControllers, KEY, { type: "merge", patch });
  await cluster.apply(byHand(`10.1.0.${round + 1}`));
  const [first] = (await cluster.list(pods)).filter(isPodActive);
  if (first) await cluster.delete(pods, first.metadata.name);
}

describe("replication, disruption and mirroring, when they crash between any two writes", () => {
  it("end up where they would have without", async () => {
    const { cluster } = await startControllerCluster({ controllers: () => Promise.resolve() });
    await cluster.client.create(services, { metadata: KEY, spec: { ports: [{ port: 80, protocol: "TCP" }] } });
    await cluster.apply(controller, budget, byHand("10.1.0.1"));
    let round = 0;
    for (let died = true; died; round++) {
      const faulty = dyingAfter(cluster.transport, round);
      const dying = cluster.run((parts, signal) => some({ ...parts, transport: faulty.transport }, signal));
      await cluster.settle();
      await change(cluster, round);
      await cluster.step(500);
      died = faulty.isDead();
      dying();
      await cluster.settle();
      const healthy = cluster.run(some);
      await cluster.step(2_000);
      const size = 2 + (round % 3);
      expect((await cluster.list(pods)).filter(isPodActive), `round ${round}`).to.have.length(size);
      expect((await cluster.get(replicationControllers, "web")).status).to.include({ readyReplicas: size });
      expect((await cluster.get(podDisruptionBudgets, "web")).status).to.include({
        disruptionsAllowed: 1,
        currentHealthy: size,
        desiredHealthy: size - 1,
        expectedPods: size,
      });
      const slices = (await cluster.list(endpointSlices)).map((slice) => slice.endpoints[0]?.addresses[0]);
      expect(slices).to.deep.equal([`10.1.0.${round + 1}`]);
      expect(await cluster.list(endpoints)).to.have.length(1);
      healthy();
      await cluster.settle();
    }
    expect(round).to.be.greaterThan(6);
    await cluster.stop();
  }).timeout(60_000);
});
