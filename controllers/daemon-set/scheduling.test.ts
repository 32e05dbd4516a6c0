import { expect } from "chai";
import { pods } from "../../api/core/pod.ts";
import { runScheduler } from "../../scheduler/run-scheduler.ts";
import { newNode } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { DaemonSetProbe, newDaemonSet } from "../../testing/daemon-set.ts";
import { daemonSetController } from "./controller.ts";

describe("the pods of a DaemonSet", () => {
  it("are placed by the scheduler, each on its own node, and wait where the node has no room", async () => {
    const cluster = await TestCluster.start({ controllers: [daemonSetController], components: [runScheduler] });
    await cluster.addNodes(newNode("n1"), newNode("n2", { cpu: "1" }), newNode("n3"));
    const [container] = newDaemonSet().spec.template.spec.containers;
    const containers = [{ ...container, name: "main", resources: { requests: { cpu: "2" } } }];
    await cluster.apply(newDaemonSet({ pod: { containers } }));
    await cluster.step(1000);
    const probe = new DaemonSetProbe(cluster);
    expect(await probe.places()).to.deep.equal(["n1 agent:1", "n3 agent:1", "undefined agent:1"]);
    expect(await probe.status()).to.include({ desiredNumberScheduled: 3, currentNumberScheduled: 3 });
    const waiting = (await cluster.list(pods)).find(({ spec }) => !spec.nodeName);
    expect(waiting?.status.conditions?.[0]).to.include({ type: "PodScheduled", status: "False" });
    await cluster.stop();
  });
});
