import { expect } from "chai";
import fc from "fast-check";
import { nodeFrom, podFrom, randomNode, randomPod } from "../../testing/random-cluster.ts";
import type { NodeJudge } from "../framework.ts";
import { PodInfo } from "../pod-info.ts";
import { Snapshot } from "../snapshot.ts";
import { schedulerPlugins } from "./index.ts";

function expectAgreement(name: string, judge: NodeJudge, { nodes }: Snapshot): void {
  const marks = new Uint8Array(nodes.length);
  const scores = new Float64Array(nodes.length);
  judge.markRefusals?.(marks);
  judge.scoreRows?.(scores);
  for (const node of nodes) {
    if (judge.markRefusals && judge.filter?.(node)) expect(marks[node.row], name).to.equal(1);
    if (judge.scoreRows) expect(scores[node.row], name).to.equal(judge.score?.(node));
  }
}

describe("rules that answer for all rows at once", () => {
  it("say of each what they say when asked about it", () => {
    const scoring = new Set<string>();
    const some = { minLength: 1, maxLength: 5 };
    fc.assert(
      fc.property(fc.array(randomNode, some), randomPod, fc.array(randomPod), (nodes, wanted, pods) => {
        const snapshot = new Snapshot();
        nodes.forEach((node, index) => snapshot.setNode(nodeFrom(`n${index}`, node, false)));
        pods.forEach((pod, index) => {
          snapshot.addPod(new PodInfo(podFrom(`p${index}`, pod)), `n${index % nodes.length}`);
        });
        const pod = new PodInfo(podFrom("wanted", wanted));
        for (const { name, prepare } of schedulerPlugins) {
          const judge = prepare(pod, snapshot);
          if (judge) expectAgreement(name, judge, snapshot);
          if (judge?.scoreRows) scoring.add(name);
        }
      }),
    );
    expect([...scoring].sort()).to.deep.equal(["NodeResourcesBalancedAllocation", "NodeResourcesFit"]);
  });
});
