import { expect } from "chai";
import { events } from "../api/core/event.ts";
import { nodes, type Node } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { podCondition } from "../api/core/pod-state.ts";
import { podRequests } from "../api/core/pod-resources.ts";
import { parseQuantity, milliValue } from "../api/meta/quantity.ts";
import { StatusError } from "../api/meta/status.ts";
import type { Handler } from "../lib/http.ts";
import { seededRandom } from "../lib/random.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { TestCluster, type Component } from "../testing/cluster.ts";
import { runScheduler } from "./run-scheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);

const NO_HELP = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";

describe("the scheduler in a cluster", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  const start = async () => (cluster = await TestCluster.start({ components: [scheduler] }));
  const nodeOf = async (name: string) => (await cluster.get(pods, name)).spec.nodeName;
  const placed = async () => {
    const found = await cluster.list(pods);
    return Object.fromEntries(found.map(({ metadata, spec }) => [metadata.name, spec.nodeName]));
  };
  const eventsAbout = async (name: string) =>
    (await cluster.list(events))
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ type, reason, message, count }) => `${type} ${reason} x${count}: ${message}`);

  it("binds a pod, says so, and leaves the node's name in the pod", async () => {
    await start();
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(newPod("a"));
    await cluster.settle();
    const pod = await cluster.get(pods, "a");
    expect(pod.spec.nodeName).to.equal("n1");
    expect(podCondition(pod, "PodScheduled")?.status).to.equal("True");
    expect(await eventsAbout("a")).to.deep.equal(["Normal Scheduled x1: Successfully assigned default/a to n1"]);
  });

  it("says why a pod waits, and binds it as soon as a change lets it", async () => {
    await start();
    await cluster.addNodes(newNode("n1", { cpu: "1" }));
    await cluster.apply(newPod("big", { cpu: "2" }));
    await cluster.settle();
    const message = `0/1 nodes are available: 1 Insufficient cpu. ${NO_HELP}`;
    const waiting = podCondition(await cluster.get(pods, "big"), "PodScheduled");
    expect(waiting).to.include({ status: "False", reason: "Unschedulable", message });
    expect(await eventsAbout("big")).to.deep.equal([`Warning FailedScheduling x1: ${message}`]);
    await cluster.addNodes(newNode("n2", { cpu: "4" }));
    await cluster.step(1000);
    expect(await nodeOf("big")).to.equal("n2");
    expect(podCondition(await cluster.get(pods, "big"), "PodScheduled")?.status).to.equal("True");
  });

  const unblocking: [string, (cluster: TestCluster) => Promise<unknown>][] = [
    ["a pod leaves", (it) => it.client.delete(pods, { namespace: "default", name: "old" }, { gracePeriodSeconds: 0 })],
    ["a pod has ended", (it) => it.setStatus(pods, "old", { phase: "Succeeded" })],
    [
      "a pod is resized to less",
      ({ client }) => {
        const key = { namespace: "default", name: "old" };
        const patch = { spec: { containers: [{ name: "main", resources: { requests: { cpu: "100m" } } }] } };
        return client.patch(pods, key, { type: "strategic", patch }, { subresource: "resize" });
      },
    ],
    ["the node grows", (it) => it.setStatus(nodes, "n1", { allocatable: { cpu: "4", memory: "8Gi", pods: "110" } })],
  ];
  for (const [title, change] of unblocking) {
    it(`schedules a waiting pod when ${title}`, async () => {
      await start();
      await cluster.addNodes(newNode("n1", { cpu: "1" }));
      await cluster.apply(newPod("old", { cpu: "1" }));
      await cluster.settle();
      await cluster.apply(newPod("next", { cpu: "900m" }));
      await cluster.step(2000);
      expect(await placed()).to.include({ old: "n1", next: undefined });
      await change(cluster);
      await cluster.step(2000);
      expect(await nodeOf("next")).to.equal("n1");
    });
  }

  it("schedules a waiting pod when a node loses its taint", async () => {
    await start();
    const taints = [{ key: "team", value: "a", effect: "NoSchedule" as const }];
    await cluster.addNodes(newNode("n1", { spec: { taints } }));
    await cluster.apply(newPod("a"));
    await cluster.settle();
    expect(await eventsAbout("a")).to.deep.equal([
      `Warning FailedScheduling x1: 0/1 nodes are available: 1 node(s) had untolerated taint {team: a}. ${NO_HELP}`,
    ]);
    const node = await cluster.get(nodes, "n1");
    await cluster.client.update(nodes, { ...node, spec: {} });
    await cluster.step(2000);
    expect(await nodeOf("a")).to.equal("n1");
  });

  it("keeps the message of a waiting pod up to date when the reason changes", async () => {
    await start();
    const taints = [{ key: "team", value: "a", effect: "NoSchedule" as const }];
    await cluster.addNodes(newNode("n1", { cpu: "1", spec: { taints } }));
    await cluster.apply(newPod("a", { cpu: "2" }));
    await cluster.settle();
    const node = await cluster.get(nodes, "n1");
    await cluster.client.update(nodes, { ...node, spec: {} });
    await cluster.step(2000);
    const condition = podCondition(await cluster.get(pods, "a"), "PodScheduled");
    expect(condition?.message).to.equal(`0/1 nodes are available: 1 Insufficient cpu. ${NO_HELP}`);
  });

  it("leaves pods alone that have gates, another scheduler, or a node", async () => {
    await start();
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(
      newPod("gated", { spec: { schedulingGates: [{ name: "wait" }] } }),
      newPod("foreign", { spec: { schedulerName: "other" } }),
      newPod("fixed", { spec: { nodeName: "n1" } }),
    );
    await cluster.settle();
    expect(await placed()).to.deep.equal({ gated: undefined, foreign: undefined, fixed: "n1" });
    const gated = await cluster.get(pods, "gated");
    await cluster.client.update(pods, { ...gated, spec: { ...gated.spec, schedulingGates: [] } });
    await cluster.settle();
    expect(await nodeOf("gated")).to.equal("n1");
  });

  it("schedules a waiting pod when it gets the toleration that it lacks", async () => {
    await start();
    await cluster.addNodes(newNode("n1", { spec: { taints: [{ key: "team", effect: "NoSchedule" }] } }));
    await cluster.apply(newPod("a"));
    await cluster.step(2000);
    const pod = await cluster.get(pods, "a");
    const tolerations = [...(pod.spec.tolerations ?? []), { key: "team", operator: "Exists" as const }];
    await cluster.client.update(pods, { ...pod, spec: { ...pod.spec, tolerations } });
    await cluster.settle();
    expect(await nodeOf("a")).to.equal("n1");
  });

  it("schedules urgent pods first when there is not room for all", async () => {
    cluster = await TestCluster.start();
    for (const [name, priority] of Object.entries({ low: 0, high: 2_000_000_000, middle: 0 })) {
      const priorityClassName = priority > 0 ? "system-cluster-critical" : undefined;
      await cluster.apply(newPod(name, { cpu: "1", namespace: "kube-system", spec: { priorityClassName } }));
    }
    await cluster.addNodes(newNode("n1", { cpu: "1" }));
    cluster.run(scheduler);
    await cluster.settle();
    expect(await placed()).to.deep.equal({ high: "n1", low: undefined, middle: undefined });
  });

  it("spreads the pods of one group over the nodes", async () => {
    await start();
    await cluster.addNodes(...[1, 2, 3].map((index) => newNode(`n${index}`)));
    await cluster.apply(...Array.from({ length: 9 }, (_, index) => newPod(`web-${index}`, { labels: { app: "web" } })));
    await cluster.settle();
    const counts: Record<string, number> = {};
    for (const name of Object.values(await placed())) counts[name ?? "none"] = (counts[name ?? "none"] ?? 0) + 1;
    expect(counts).to.deep.equal({ n1: 3, n2: 3, n3: 3 });
  });

  it("tries again, on what the cluster then looks like, when the server refuses a binding", async () => {
    cluster = await TestCluster.start();
    let refusals = 1;
    const refusing: Component = (parts, signal) => {
      const transport: Handler = (request) => {
        if (request.method === "POST" && request.path.endsWith("/placements") && refusals-- > 0) {
          return Promise.reject(new StatusError("ServiceUnavailable", "the connection was lost"));
        }
        return parts.transport(request);
      };
      return runScheduler({ ...parts, transport }, signal);
    };
    cluster.run(refusing);
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(newPod("a"));
    await cluster.settle();
    expect(await nodeOf("a")).to.equal(undefined);
    await cluster.step(1000);
    expect(await nodeOf("a")).to.equal("n1");
  });

  it("hands over to another replica when its leader stops, and every write of the leader is fenced", async () => {
    cluster = await TestCluster.start();
    const fences = new Set<string>();
    const replica =
      (name: string): Component =>
      (parts, signal) => {
        const transport: Handler = (request) => {
          const fence = request.headers["gantry-fence"];
          if (request.path.endsWith("/placements")) fences.add(fence ?? "none");
          return parts.transport(request);
        };
        return runScheduler({ ...parts, transport, replica: name }, signal);
      };
    const stopFirst = cluster.run(replica("first"));
    await cluster.settle();
    cluster.run(replica("second"));
    await cluster.addNodes(newNode("n1"));
    await cluster.apply(newPod("a"));
    await cluster.step(5000);
    stopFirst();
    await cluster.step(5000);
    await cluster.apply(newPod("b"));
    await cluster.step(1000);
    expect(await placed()).to.deep.equal({ a: "n1", b: "n1" });
    expect([...fences]).to.deep.equal(["kube-system/kube-scheduler;first;0", "kube-system/kube-scheduler;second;1"]);
  });

  it("writes nothing in a cluster where nothing happens", async () => {
    await start();
    await cluster.addNodes(newNode("n1", { cpu: "1" }));
    await cluster.apply(newPod("a", { cpu: "2" }), newPod("b"));
    await cluster.step(5000);
    const before = await cluster.store.revision();
    await cluster.step(250_000);
    expect(await cluster.store.revision()).to.equal(before);
  });

  it("never lets requests exceed a node, with two schedulers that race for the same pods", async () => {
    cluster = await TestCluster.start();
    for (let index = 0; index < 4; index++) await cluster.addNodes(newNode(`n${index}`, { cpu: "2", pods: "12" }));
    for (const seed of [1, 2]) {
      cluster.run((parts, signal) => runScheduler({ ...parts, random: seededRandom(seed) }, signal));
    }
    const random = seededRandom(3);
    for (let round = 0; round < 12; round++) {
      const batch = Array.from({ length: 6 }, (_, index) => {
        const cpu = `${100 + Math.floor(random.float() * 6) * 100}m`;
        return newPod(`p${round}-${index}`, { cpu, spec: { terminationGracePeriodSeconds: 0 } });
      });
      await cluster.apply(...batch);
      await cluster.step(500);
      expectNoOverload(await cluster.list(nodes), await cluster.list(pods));
      const gone = `p${Math.floor(random.float() * (round + 1))}-${Math.floor(random.float() * 6)}`;
      await cluster.delete(pods, gone).catch(() => undefined);
    }
    await cluster.step(20_000);
    const all = await cluster.list(pods);
    expectNoOverload(await cluster.list(nodes), all);
    const used = all.filter(({ spec }) => spec.nodeName).reduce((sum, pod) => sum + (podRequests(pod).cpu ?? 0), 0);
    expect(used).to.be.within(7400, 8000);
  });
});

function expectNoOverload(allNodes: readonly Node[], allPods: readonly Pod[]): void {
  for (const { metadata, status } of allNodes) {
    const here = allPods.filter(({ spec }) => spec.nodeName === metadata.name);
    const cpu = here.reduce((sum, pod) => sum + (podRequests(pod).cpu ?? 0), 0);
    expect(cpu, metadata.name).to.be.at.most(milliValue(parseQuantity(status.allocatable?.cpu ?? "0")));
    expect(here.length, metadata.name).to.be.at.most(Number(status.allocatable?.pods));
  }
}
