import { expect } from "chai";
import fc from "fast-check";
import type { Pod } from "../api/core/pod.ts";
import { seededRandom } from "../lib/random.ts";
import { plainNamedNodes, plainNodePoints, plainNodeRejection } from "../testing/plain-node-rules.ts";
import {
  plainAffinityRejection,
  plainAffinityScores,
  plainSpreadRejection,
  plainSpreadScores,
  type PlainView,
} from "../testing/plain-topology-rules.ts";
import {
  nodeFrom,
  podFrom,
  RandomCluster,
  randomArgs,
  randomNode,
  randomPod,
  randomStep,
} from "../testing/random-cluster.ts";
import { PodInfo } from "./pod-info.ts";
import { buildPlugins } from "./plugins/index.ts";
import { PodScheduler } from "./schedule.ts";

/** The best nodes for the pod by a plain reading of the rules, or why it goes nowhere. */
function schedulePlainly(pod: Pod, view: PlainView): readonly string[] | string {
  const { cluster } = view;
  const { nodes } = cluster;
  const named = plainNamedNodes(pod);
  if (named === "conflict") return `0/${nodes.length} nodes are available: pod affinity terms conflict.`;
  const reasons = new Map<string, number>();
  const fitting = nodes.filter((node) => {
    const isNamed = named === undefined || named.includes(node.metadata.name);
    const rejection = isNamed ? rejectionOf(pod, node, view) : ["node(s) didn't satisfy plugin(s) [NodeAffinity]"];
    for (const reason of rejection ?? []) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return !rejection;
  });
  if (fitting.length === 0) {
    const counted = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
    return `0/${nodes.length} nodes are available: ${counted.join(", ")}.`;
  }
  const near = plainAffinityScores(pod, fitting, view);
  const spread = plainSpreadScores(pod, fitting, view);
  const totals = plainNodePoints(pod, fitting, view).map(
    (points, index) => points + 2 * (near[index] ?? 0) + 2 * (spread?.[index] ?? 0),
  );
  return fitting.filter((_, index) => totals[index] === Math.max(...totals)).map(({ metadata }) => metadata.name);
}

function rejectionOf(pod: Pod, node: PlainView["cluster"]["nodes"][number], view: PlainView) {
  const local = plainNodeRejection(pod, node, view);
  if (local) return local;
  const near = plainSpreadRejection(pod, node, view) ?? plainAffinityRejection(pod, node, view.cluster);
  return near === undefined ? undefined : [near];
}

describe("PodClass", () => {
  it("decides in random clusters as a plain reading of the rules does", () => {
    fc.assert(
      fc.property(
        fc.record({
          shapes: fc.array(randomNode, { minLength: 2, maxLength: 6 }),
          // Many equal nodes are decided about as groups.
          copies: fc.constantFrom(1, 6),
          kinds: fc.array(randomPod, { minLength: 1, maxLength: 4 }),
          steps: fc.array(randomStep, { minLength: 10, maxLength: 30 }),
          args: randomArgs,
        }),
        ({ shapes, copies, kinds, steps, args }) => {
          const cluster = new RandomCluster();
          const nodes = Array.from({ length: copies }, () => shapes).flat();
          nodes.forEach((each, index) => cluster.setNode(nodeFrom(`n${index}`, each, each.unschedulable && index > 0)));
          const scheduler = new PodScheduler(cluster.snapshot, buildPlugins(args), seededRandom(7));
          steps.forEach(({ pod: kind, leaves, ends, nodeChanges, nodeLeaves, team }, index) => {
            const pod = podFrom(`p${index}`, kinds[kind % kinds.length] ?? expect.fail());
            const expected = schedulePlainly(pod, { cluster: cluster.plain(), args });
            const decision = scheduler.schedule(new PodInfo(pod));
            if (decision.node === undefined) expect(decision.message).to.equal(expected);
            else expect(expected).to.be.an("array").that.includes(decision.node);
            if (decision.node !== undefined) cluster.place(pod, decision.node);
            cluster.removePod(leaves);
            if (ends !== null) cluster.endPod(ends);
            if (team) cluster.labelNamespace("other", { team });
            if (nodeLeaves !== undefined && nodes.length > 1)
              cluster.removeNode(`n${1 + (nodeLeaves % (nodes.length - 1))}`);
            if (nodeChanges) {
              const { index: which, to } = nodeChanges;
              cluster.setNode(nodeFrom(`n${which % nodes.length}`, to, to.unschedulable));
            }
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});
