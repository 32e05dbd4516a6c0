import { expect } from "chai";
import type { Node, Taint } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { seededRandom } from "../lib/random.ts";
import { asStored, newNode, newPod } from "../testing/builders.ts";
import type { SchedulerPlugin } from "./framework.ts";
import { PodInfo } from "./pod-info.ts";
import { schedulerPlugins } from "./plugins/index.ts";
import { PodScheduler, type Decision } from "./schedule.ts";
import { Snapshot } from "./snapshot.ts";

type NodeOptions = Parameters<typeof newNode>[1];
type PodOptions = Parameters<typeof newPod>[1];
const node = (name: string, options: NodeOptions = {}) => asStored<Node>(newNode(name, options));
const pod = (name: string, options: PodOptions = {}) => new PodInfo(asStored<Pod>(newPod(name, options)));

function clusterOf(nodes: Record<string, NodeOptions>) {
  const snapshot = new Snapshot();
  for (const [name, options] of Object.entries(nodes)) snapshot.setNode(node(name, options));
  return { snapshot, scheduler: new PodScheduler(snapshot, schedulerPlugins, seededRandom(1)) };
}

const messageOf = (decision: Decision) => (decision.node === undefined ? decision.message : `on ${decision.node}`);

describe("PodScheduler", () => {
  it("takes the node with the most room", () => {
    const { scheduler, snapshot } = clusterOf({ n1: {}, n2: {}, n3: {} });
    snapshot.addPod(pod("x", { cpu: "1", memory: "1Gi" }), "n1");
    snapshot.addPod(pod("y", { cpu: "2", memory: "2Gi" }), "n3");
    expect(scheduler.schedule(pod("new", { cpu: "1", memory: "1Gi" }))).to.deep.equal({ node: "n2" });
  });

  it("spreads equal pods over equal nodes evenly", () => {
    const { scheduler, snapshot } = clusterOf({ n1: {}, n2: {}, n3: {}, n4: {} });
    const counts: Record<string, number> = {};
    for (let index = 0; index < 40; index++) {
      const next = pod(`web-${index}`, { cpu: "100m", labels: { app: "web" } });
      const { node: name = "none" } = scheduler.schedule(next);
      counts[name] = (counts[name] ?? 0) + 1;
      snapshot.addPod(next, name);
    }
    expect(counts).to.deep.equal({ n1: 10, n2: 10, n3: 10, n4: 10 });
  });

  const taints: Taint[] = [{ key: "team", value: "a", effect: "NoSchedule" }];
  const messages: [string, Record<string, NodeOptions>, PodOptions, string][] = [
    ["without nodes", {}, {}, "no nodes available to schedule pods"],
    [
      "by reason, in order",
      { n1: {}, n2: { spec: { taints } }, n3: { spec: { taints } } },
      { cpu: "5" },
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {team: a}.",
    ],
    [
      "with a node counted for each of its reasons",
      { n1: {}, n2: {} },
      { cpu: "5", memory: "9Gi" },
      "0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory.",
    ],
    [
      "by the first rule that says no",
      { n1: { spec: { unschedulable: true, taints } } },
      { cpu: "5" },
      "0/1 nodes are available: 1 node(s) were unschedulable.",
    ],
  ];
  for (const [title, nodes, options, message] of messages) {
    it(`says why no node takes a pod, ${title}`, () => {
      expect(messageOf(clusterOf(nodes).scheduler.schedule(pod("new", options)))).to.equal(message);
    });
  }

  it("names the rules that said no", () => {
    const decision = clusterOf({ n1: {}, n2: { spec: { taints } } }).scheduler.schedule(pod("new", { cpu: "5" }));
    const names = decision.node === undefined ? [...decision.rejectedBy].map(({ name }) => name) : [];
    expect(names).to.deep.equal(["NodeResourcesFit", "TaintToleration"]);
  });

  it("sees what changed since it last looked at an equal pod", () => {
    const { scheduler, snapshot } = clusterOf({ n1: { cpu: "1" } });
    expect(scheduler.schedule(pod("a", { cpu: "1" }))).to.deep.equal({ node: "n1" });
    snapshot.addPod(pod("a", { cpu: "1" }), "n1");
    expect(messageOf(scheduler.schedule(pod("b", { cpu: "1" })))).to.include("1 Insufficient cpu");
    snapshot.setNode(node("n2", { cpu: "1" }));
    expect(scheduler.schedule(pod("b", { cpu: "1" }))).to.deep.equal({ node: "n2" });
    snapshot.removeNode("n1");
    snapshot.addPod(pod("b", { cpu: "1" }), "n2");
    expect(messageOf(scheduler.schedule(pod("c", { cpu: "1" })))).to.equal(
      "0/1 nodes are available: 1 Insufficient cpu.",
    );
  });

  it("asks the rules about the nodes that changed only, for an equal pod", () => {
    let asked = 0;
    const counting: SchedulerPlugin = {
      name: "Counting",
      prepare: () => ({ filter: () => (asked++, undefined) }),
    };
    const { snapshot } = clusterOf(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`n${index}`, {}])));
    const scheduler = new PodScheduler(snapshot, [counting], seededRandom(1));
    for (let index = 0; index < 10; index++) {
      const next = pod(`web-${index}`, { cpu: "100m" });
      snapshot.addPod(next, scheduler.schedule(next).node ?? "");
    }
    expect(asked).to.equal(100 + 9);
  });
});
