import { expect } from "chai";
import fc from "fast-check";
import type { Node, Taint } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { seededRandom, type Random } from "../lib/random.ts";
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

/** Reads the rules plainly, for one pod, without remembering anything. */
function schedulePlainly(info: PodInfo, snapshot: Snapshot, random: Random): string | undefined {
  const judges = schedulerPlugins
    .map((plugin) => ({ weight: plugin.weight ?? 1, ...plugin.prepare(info, snapshot) }))
    .filter((judge) => judge.filter ?? judge.score);
  const fitting = snapshot.nodes.filter((each) => judges.every(({ filter }) => !filter?.(each)));
  const totals = new Map(fitting.map((each) => [each, 0]));
  for (const { weight, score, scale } of judges) {
    if (!score) continue;
    const highest = Math.max(...fitting.map(score), 0) || 1;
    for (const each of fitting) {
      const share = Math.floor((score(each) * 100) / highest);
      const points = scale === undefined ? score(each) : scale === "most is best" ? share : 100 - share;
      totals.set(each, (totals.get(each) ?? 0) + weight * points);
    }
  }
  const best = Math.max(...totals.values());
  const equals = fitting.filter((each) => totals.get(each) === best);
  return equals.length > 1 ? equals[Math.floor(random.float() * equals.length)]?.name : equals[0]?.name;
}

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

  it("decides in random clusters as a plain reading of the rules does", () => {
    const zones = ["a", "b", "c"];
    const effects: Taint["effect"][] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    const nodeOf = fc.record({
      cpu: fc.constantFrom("1", "2", "4"),
      memory: fc.constantFrom("1Gi", "4Gi"),
      zone: fc.constantFrom(...zones),
      taint: fc.option(fc.constantFrom(...effects), { freq: 3 }),
      unschedulable: fc.boolean(),
      imageBytes: fc.constantFrom(0, 100e6, 900e6),
    });
    const podOf = fc.record({
      cpu: fc.constantFrom("100m", "500m", "1"),
      memory: fc.constantFrom("64Mi", "512Mi"),
      app: fc.constantFrom("x", "y"),
      zone: fc.option(fc.constantFrom(...zones)),
      prefers: fc.option(fc.constantFrom(...zones)),
      tolerates: fc.boolean(),
      hostPort: fc.option(fc.constantFrom(80, 81), { freq: 4 }),
    });
    const step = fc.record({ pod: podOf, leaves: fc.nat(), nodeChanges: fc.option(fc.nat(), { freq: 5 }) });
    fc.assert(
      fc.property(
        fc.array(nodeOf, { minLength: 1, maxLength: 6 }),
        fc.array(step, { maxLength: 30 }),
        (nodes, steps) => {
          const build = (index: number, cordoned: boolean) => {
            const each = nodes[index % nodes.length] ?? expect.fail();
            return node(`n${index % nodes.length}`, {
              cpu: each.cpu,
              memory: each.memory,
              labels: { zone: each.zone },
              spec: {
                unschedulable: cordoned,
                ...(each.taint && { taints: [{ key: "k", effect: each.taint }] }),
              },
              status: {
                images: each.imageBytes ? [{ names: ["registry.test/app:1"], sizeBytes: each.imageBytes }] : [],
              },
            });
          };
          const snapshot = new Snapshot();
          nodes.forEach(({ unschedulable }, index) => snapshot.setNode(build(index, unschedulable && index > 0)));
          const scheduler = new PodScheduler(snapshot, schedulerPlugins, seededRandom(7));
          const plainRandom = seededRandom(7);
          const placed: PodInfo[] = [];
          steps.forEach(({ pod: wanted, leaves, nodeChanges }, index) => {
            const ports = wanted.hostPort
              ? [{ containerPort: 1, hostPort: wanted.hostPort, protocol: "TCP" as const }]
              : [];
            const next = pod(`p${index}`, {
              labels: { app: wanted.app },
              spec: {
                containers: [
                  {
                    name: "main",
                    image: "registry.test/app:1",
                    ports,
                    resources: { requests: { cpu: wanted.cpu, memory: wanted.memory } },
                  },
                ],
                ...(wanted.zone && { nodeSelector: { zone: wanted.zone } }),
                ...(wanted.tolerates && { tolerations: [{ operator: "Exists" as const }] }),
                ...(wanted.prefers && {
                  affinity: {
                    nodeAffinity: {
                      preferredDuringSchedulingIgnoredDuringExecution: [
                        {
                          weight: 10,
                          preference: {
                            matchExpressions: [{ key: "zone", operator: "In" as const, values: [wanted.prefers] }],
                          },
                        },
                      ],
                    },
                  },
                }),
              },
            });
            const expected = schedulePlainly(next, snapshot, plainRandom);
            expect(scheduler.schedule(next).node).to.equal(expected);
            if (expected !== undefined) {
              snapshot.addPod(next, expected);
              placed.push(next);
            }
            const gone = placed[leaves];
            if (gone) snapshot.removePod(gone.uid);
            if (nodeChanges !== null) snapshot.setNode(build(nodeChanges, nodeChanges % 2 === 0));
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});
