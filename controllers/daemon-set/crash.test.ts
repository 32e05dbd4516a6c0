import { expect } from "chai";
import { builtinResources } from "../../api/index.ts";
import { controllerRevisions } from "../../api/apps/controller-revision.ts";
import type { Component } from "../../testing/cluster.ts";
import { ownIdentities, startControllerCluster } from "../../testing/controller-cluster.ts";
import { DaemonSetProbe, newDaemonSet } from "../../testing/daemon-set.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { runControllers } from "../run-controllers.ts";

const needed: Component = (parts, signal) => {
  const isEnabled = (name: string) => name === "daemonset";
  const options = { resources: builtinResources, gracePeriodMs: 40_000, isEnabled };
  return runControllers({ ...parts, ...ownIdentities(parts.transport), ...options }, signal);
};

describe("a DaemonSet's controller that crashes between any two writes", () => {
  for (const rollingUpdate of [{ maxUnavailable: 1 }, { maxSurge: 1, maxUnavailable: 0 }]) {
    it(`ends with one new pod on each node: ${JSON.stringify(rollingUpdate)}`, async () => {
      const names = ["n1", "n2", "n3"];
      const { cluster } = await startControllerCluster({ controllers: () => Promise.resolve(), nodes: names });
      const probe = new DaemonSetProbe(cluster);
      const updateStrategy = { type: "RollingUpdate", rollingUpdate };
      await cluster.apply(newDaemonSet({ updateStrategy, revisionHistoryLimit: 1 }));
      let crashAfter = 0;
      for (let died = true; died; crashAfter++) {
        const faulty = dyingAfter(cluster.transport, crashAfter);
        const dying = cluster.run((parts, signal) => needed({ ...parts, transport: faulty.transport }, signal));
        await probe.setImage(`agent:${crashAfter}`);
        died = faulty.isDead();
        dying();
        await cluster.settle();
        const healthy = cluster.run(needed);
        await cluster.step(5000);
        const label = `after a crash at write ${crashAfter}`;
        expect(await probe.places(), label).to.deep.equal(names.map((name) => `${name} agent:${crashAfter}`));
        expect(await probe.status(), label).to.include({ updatedNumberScheduled: 3, numberAvailable: 3 });
        expect((await cluster.list(controllerRevisions)).length, label).to.be.at.most(2);
        healthy();
        await cluster.settle();
      }
      expect(crashAfter).to.be.greaterThan(8);
      await cluster.stop();
    }).timeout(60_000);
  }
});
