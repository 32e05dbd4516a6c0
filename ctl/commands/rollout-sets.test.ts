import { expect } from "chai";
import { daemonSets, type DaemonSet } from "../../api/apps/daemon-set.ts";
import { statefulSets, type StatefulSet } from "../../api/apps/stateful-set.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { newDaemonSet } from "../../testing/daemon-set.ts";
import { KctlProgress } from "../../testing/kctl-progress.ts";
import type { Kctl } from "../../testing/kctl.ts";
import { claimTemplates, newStatefulSet } from "../../testing/stateful-set.ts";

interface Case {
  readonly target: string;
  readonly resource: ResourceDefinition<StatefulSet | DaemonSet>;
  readonly name: string;
  readonly finished: RegExp;
}

const cases: readonly Case[] = [
  {
    target: "statefulset.apps/web",
    resource: statefulSets,
    name: "web",
    finished: /^partitioned roll out complete: 2 new pods have been updated\.\.\.$/,
  },
  {
    target: "daemonset.apps/agent",
    resource: daemonSets,
    name: "agent",
    finished: /^daemon set "agent" successfully rolled out$/,
  },
];

for (const { target, resource, name, finished } of cases) {
  describe(`kctl rollout of ${target}`, () => {
    let parts: ControllerCluster;
    let progress: KctlProgress;
    let kctl: Kctl;
    beforeEach(async () => {
      parts = await startControllerCluster();
      progress = new KctlProgress(parts.cluster);
      kctl = progress.kctl;
      await parts.cluster.apply(newStatefulSet(2, claimTemplates), newDaemonSet());
      await parts.cluster.settle();
    });
    afterEach(() => parts.cluster.stop());

    async function setImage(image: string): Promise<void> {
      await kctl.out("set", "image", target, `main=${image}`);
      await parts.cluster.settle();
    }

    const template = async () => (await parts.cluster.get<StatefulSet | DaemonSet>(resource, name)).spec.template;
    const imageOf = async () => (await template()).spec.containers[0]?.image;

    it("tells how far it is", async () => {
      const following = progress.finish(kctl.run("rollout", "status", target));
      expect((await following).stdout.trimEnd().split("\n").at(-1)).to.match(finished);
    });

    it("lists its revisions, and shows one", async () => {
      await kctl.out("annotate", target, "kubernetes.io/change-cause=second image");
      await setImage("app:2");
      expect(await kctl.out("rollout", "history", target)).to.equal(
        `${target} \nREVISION  CHANGE-CAUSE\n1         <none>\n2         second image\n\n`,
      );
      const shown = await kctl.out("rollout", "history", target, "--revision=2");
      expect(shown).to.contain(`${target} with revision #2\nPod Template:\n  Labels:\tapp=`);
      expect(shown).to.contain("\n    Image:\tapp:2\n").and.not.contain("second image");
      expect((await kctl.run("rollout", "history", target, "--revision=9")).stderr).to.equal(
        "error: unable to find the specified revision\n",
      );
    });

    it("goes back to the revision before, or to one by number", async () => {
      expect((await kctl.run("rollout", "undo", target)).stderr).to.equal("error: no last revision to roll back to\n");
      const first = await template();
      await setImage("app:2");
      await setImage("app:3");
      expect(await kctl.out("rollout", "undo", target)).to.equal(`${target} rolled back\n`);
      expect(await imageOf()).to.equal("app:2");
      await parts.cluster.settle();
      await kctl.out("rollout", "undo", target, "--to-revision=1");
      expect(await template()).to.deep.equal(first);
      await parts.cluster.settle();
      expect(await kctl.out("rollout", "undo", target, "--to-revision=5")).to.equal(
        `${target} skipped rollback (current template already matches revision 5)\n`,
      );
      expect((await kctl.run("rollout", "undo", target, "--to-revision=9")).stderr).to.equal(
        "error: unable to find specified revision 9 in history\n",
      );
    });

    it("restarts its pods", async () => {
      expect(await kctl.out("rollout", "restart", target)).to.equal(`${target} restarted\n`);
      await parts.cluster.settle();
      const shown = await kctl.out("rollout", "history", target);
      expect(shown).to.equal(`${target} \nREVISION  CHANGE-CAUSE\n1         <none>\n2         <none>\n\n`);
    });

    it("is described", async () => {
      const described = await kctl.out("describe", target);
      const wanted: Readonly<Record<string, readonly string[]>> = {
        web: [
          "Replicas:           2 desired | 2 total\nUpdate Strategy:    RollingUpdate\n  Partition:        0\n",
          "Pods Status:        2 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n",
          "Volume Claims:\n  Name:          data\n  StorageClass:  \n  Labels:        <none>\n  Annotations:   <none>\n" +
            "  Capacity:      1Gi\n  Access Modes:  [ReadWriteOnce]\n",
        ],
        agent: [
          "Node-Selector:  <none>\n",
          "Desired Number of Nodes Scheduled: 1\nCurrent Number of Nodes Scheduled: 1\n" +
            "Number of Nodes Scheduled with Up-to-date Pods: 1\nNumber of Nodes Scheduled with Available Pods: 1\n" +
            "Number of Nodes Misscheduled: 0\n",
          "Pods Status:  1 Running / 0 Waiting / 0 Succeeded / 0 Failed\nPod Template:\n",
        ],
      };
      for (const text of wanted[name] ?? []) expect(described).to.contain(text);
    });
  });
}
