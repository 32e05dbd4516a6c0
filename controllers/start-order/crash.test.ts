import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { statefulSets } from "../../api/apps/stateful-set.ts";
import { isPodReady } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import { builtinResources } from "../../api/index.ts";
import { STARTED_WITH } from "../../api/start-order/dependencies.ts";
import type { Component, TestCluster } from "../../testing/cluster.ts";
import { ownIdentities, startControllerCluster } from "../../testing/controller-cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { deletionsOf, ordered, orderedSet } from "../../testing/start-order.ts";
import { runControllers } from "../run-controllers.ts";

const isOurs = (name: string) => /^(start|stop)-order/.test(name);

const running =
  (isEnabled: (name: string) => boolean): Component =>
  (parts, signal) => {
    const options = { resources: builtinResources, gracePeriodMs: 40_000, isEnabled };
    return runControllers({ ...parts, ...ownIdentities(parts.transport), ...options }, signal);
  };
const ours = running(isOurs);

/** Does something while ours die after so many writes, and says whether they did; then lets those finish that come after. */
async function dying(cluster: TestCluster, crashAfter: number, act: () => Promise<void>): Promise<boolean> {
  const faulty = dyingAfter(cluster.transport, crashAfter);
  const stop = cluster.run((parts, signal) => ours({ ...parts, transport: faulty.transport }, signal));
  await act();
  await cluster.step(2_000);
  stop();
  await cluster.settle();
  const stopHealthy = cluster.run(ours);
  await cluster.step(15_000);
  stopHealthy();
  await cluster.settle();
  return faulty.isDead();
}

describe("start and stop order, when its controllers crash between any two writes", () => {
  it("ends with the same", async () => {
    const { cluster } = await startControllerCluster({ controllers: running((name) => !isOurs(name)) });
    const stack = [
      ordered("web", { after: "sts/db, deployment/api", onRestart: "restart", replicas: 2 }),
      orderedSet("db"),
      ordered("api", { after: "sts/db" }),
    ];
    const of = (app: string) => cluster.list(pods, { labelSelector: `app=${app}` });
    const check = async (label: string) => {
      expect((await cluster.list(pods)).filter(isPodReady), label).to.have.length(4);
      const [db] = await of("db");
      for (const { metadata } of await of("web")) {
        expect(metadata.annotations?.[STARTED_WITH], label).to.include(db?.metadata.uid ?? "no database");
      }
      expect((await cluster.get(statefulSets, "db")).metadata.finalizers, label).to.have.length(1);
    };
    let crashAfter = 0;
    for (let died = true; died; crashAfter++) {
      const label = `after a crash at write ${crashAfter}`;
      const up = await dying(cluster, crashAfter, () => cluster.apply(...stack));
      await check(`up, ${label}`);
      const before = (await of("web")).map(({ metadata }) => metadata.uid);
      const restarted = await dying(cluster, crashAfter, () => cluster.delete(pods, "db-0"));
      await check(`restarted, ${label}`);
      const kept = (await of("web")).filter(({ metadata }) => before.includes(metadata.uid));
      expect(kept, label).to.deep.equal([]);
      const deletions = await deletionsOf(cluster);
      const down = await dying(cluster, crashAfter, async () => {
        await cluster.delete(statefulSets, "db");
        await cluster.delete(deployments, "api");
        await cluster.delete(deployments, "web");
      });
      deletions.stop();
      expect(deletions.apps, label).to.deep.equal(["web", "web", "api", "db"]);
      expect([await cluster.list(statefulSets), await cluster.list(deployments)], label).to.deep.equal([[], []]);
      died = up || restarted || down;
    }
    expect(crashAfter).to.be.greaterThan(6);
    await cluster.stop();
  }).timeout(120_000);
});
