// What a node does when its Docker Engine hangs, is killed, or is restarted under it: it says so, loses no pod that Docker does not
// lose, and needs nobody's hand afterwards.

import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { DockerNode } from "../../testing/docker-node.ts";
import { describeWith, findProgram } from "../../testing/machine-parts.ts";
import { PrivateDocker } from "../../testing/private-docker.ts";
import { eventually } from "../waiting.ts";

/** How soon the cluster has to know. */
const KNOWN_WITHIN_MS = 60_000;

const container = (more: object = {}) => ({
  name: "main",
  image: "busybox:local",
  command: ["sleep", "100000"],
  resources: {},
  ...more,
});
/** So impatient that one command without an answer costs the container its life. */
const livenessProbe = { exec: { command: ["true"] }, periodSeconds: 2, timeoutSeconds: 1, failureThreshold: 1 };
const mainOf = ({ status }: Pod) => status.containerStatuses?.[0];
const life = (pod: Pod) => [mainOf(pod)?.containerID, mainOf(pod)?.restartCount, mainOf(pod)?.ready];

for (const liveRestore of [true, false]) {
  const title = `a node whose Docker ${liveRestore ? "keeps" : "ends"} containers when it is restarted`;
  describeWith(["docker", "root", "linux"], title, () => {
    let docker: PrivateDocker;
    let node: DockerNode;

    before(async () => {
      expect(findProgram("dockerd")).not.to.equal(undefined);
      docker = await PrivateDocker.prepare({ liveRestore });
      await docker.start();
      node = await DockerNode.prepare({ socketPath: docker.socketPath, subnet: "10.212.1.0/24" });
      await node.startKubelet();
      await node.create("web", { containers: [container()] });
      await node.create("probed", { containers: [container({ livenessProbe })] });
      await node.untilReady("web");
      await node.untilReady("probed");
    });
    after(async () => {
      docker?.resume();
      await docker?.start();
      await node?.remove();
      await docker?.remove();
    });

    const lives = async () => [life(await node.pod("web")), life(await node.pod("probed"))];
    const untilNodeIs = (status: string) =>
      eventually(
        `the node's condition Ready is ${status}`,
        async () => {
          const ready = await node.ready();
          return ready.status === status && ready;
        },
        KNOWN_WITHIN_MS,
      );
    /** Where Docker ended the containers, they are started anew, once. */
    const untilBack = async (before: readonly unknown[]) => {
      await untilNodeIs("True");
      for (const name of ["web", "probed"]) await node.untilReady(name);
      if (liveRestore) return expect(await lives()).to.deep.equal(before);
      const counts = (all: readonly unknown[]) => all.map((each) => (each as readonly unknown[])[1] as number);
      await eventually("the containers have been started anew", async () =>
        counts(await lives()).every((count, index) => count > (counts(before)[index] ?? 0)),
      );
      expect(counts(await lives())).to.deep.equal(counts(before).map((count) => count + 1));
    };

    it("goes on where it was after the daemon hung, and blames no pod", async () => {
      const before = await lives();
      docker.halt();
      await node.create("late", { containers: [container()] });
      const { message } = await untilNodeIs("False");
      expect(message).to.match(/^container runtime is down: /);
      await node.delete("late");
      await node.create("later", { containers: [container()] });
      expect(await lives()).to.deep.equal(before);
      docker.resume();
      await node.untilReady("later");
      await node.untilGone("late");
      await untilNodeIs("True");
      expect(await lives()).to.deep.equal(before);
      await node.delete("later");
      await node.untilGone("later");
    });

    it("finds its pods again, or starts them anew, after the daemon was killed", async () => {
      const before = await lives();
      await docker.crash();
      expect((await untilNodeIs("False")).message).to.contain("is dockerd running?");
      expect(await lives()).to.deep.equal(before);
      await docker.start();
      await untilBack(before);
    });

    it("does so after the daemon was stopped and started, too", async () => {
      const before = await lives();
      await docker.stop();
      await docker.start();
      await untilBack(before);
    });

    it("leaves nothing once the pods are gone", async () => {
      for (const name of ["web", "probed"]) await node.delete(name);
      for (const name of ["web", "probed"]) await node.untilGone(name);
      await node.untilNothingIsLeft();
    });
  });
}
