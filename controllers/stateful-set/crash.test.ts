import { expect } from "chai";
import { controllerRevisions } from "../../api/apps/controller-revision.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { builtinResources } from "../../api/index.ts";
import type { Component } from "../../testing/cluster.ts";
import { ownIdentities, startControllerCluster } from "../../testing/controller-cluster.ts";
import { dyingAfter } from "../../testing/dying-transport.ts";
import { StatefulSetProbe, claimTemplates, newStatefulSet } from "../../testing/stateful-set.ts";
import { runControllers } from "../run-controllers.ts";

const NAMES: ReadonlySet<string> = new Set(["statefulset", "garbage-collector", "pvc-protection"]);

const needed: Component = (parts, signal) => {
  const options = { resources: builtinResources, gracePeriodMs: 40_000, isEnabled: (name: string) => NAMES.has(name) };
  return runControllers({ ...parts, ...ownIdentities(parts.transport), ...options }, signal);
};

const idle: Component = () => Promise.resolve();

const manyAtOnce = {
  podManagementPolicy: "Parallel",
  updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } },
};

describe("a StatefulSet's controller that crashes between any two writes", () => {
  for (const [title, spec] of [
    ["one pod at a time", {}],
    ["several at a time", manyAtOnce],
  ] as const) {
    it(`ends with the same pods, claims and revisions, ${title}`, async () => {
      const { cluster } = await startControllerCluster({ controllers: idle });
      const probe = new StatefulSetProbe(cluster);
      const policy = { whenScaled: "Delete", whenDeleted: "Delete" };
      const wanted = newStatefulSet(3, {
        ...claimTemplates,
        persistentVolumeClaimRetentionPolicy: policy,
        revisionHistoryLimit: 1,
        ...spec,
      });
      await cluster.apply(wanted);
      let crashAfter = 0;
      for (let died = true; died; crashAfter++) {
        const faulty = dyingAfter(cluster.transport, crashAfter);
        const dying = cluster.run((parts, signal) => needed({ ...parts, transport: faulty.transport }, signal));
        const replicas = crashAfter % 2 === 0 ? 3 : 2;
        await probe.change({ replicas });
        await probe.setImage(`app:${crashAfter}`);
        died = faulty.isDead();
        dying();
        await cluster.settle();
        const healthy = cluster.run(needed);
        await cluster.step(5000);
        const label = `after a crash at write ${crashAfter}`;
        expect(await probe.images(), label).to.deep.equal(Array.from({ length: replicas }, () => `app:${crashAfter}`));
        expect(await probe.status(), label).to.include({ currentReplicas: replicas, updatedReplicas: replicas });
        const claims = (await cluster.list(persistentVolumeClaims)).map(({ metadata }) => metadata.name);
        expect(claims.sort(), label).to.deep.equal(["data-web-0", "data-web-1", "data-web-2"].slice(0, replicas));
        expect((await cluster.list(controllerRevisions)).length, label).to.be.at.most(2);
        healthy();
        await cluster.settle();
      }
      expect(crashAfter).to.be.greaterThan(12);
      await cluster.stop();
    }).timeout(60_000);
  }
});
