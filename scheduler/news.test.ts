import { expect } from "chai";
import { seededRandom } from "../lib/random.ts";
import { nodeOf, podOf } from "../testing/preemption-state.ts";
import { News } from "./news.ts";
import { schedulerPlugins } from "./plugins/index.ts";
import { resourcesFit } from "./plugins/resources-fit.ts";
import { PodScheduler } from "./schedule.ts";
import { Snapshot } from "./snapshot.ts";

describe("News", () => {
  const waiting = [
    podOf({ name: "a", priority: 5 }),
    podOf({ name: "b", priority: 5 }),
    podOf({ name: "low", priority: 1 }),
    podOf({ name: "high", priority: 9 }),
    podOf({ name: "big", priority: 9, cpu: "3" }),
  ];

  function newsFor(promised: Readonly<Record<string, string>>): readonly string[] {
    const snapshot = new Snapshot();
    snapshot.setNode(nodeOf("n1", { cpu: "1" }));
    snapshot.setNode(nodeOf("n2", { cpu: "500m" }));
    for (const pod of waiting) {
      const nodeName = promised[pod.pod.metadata.name];
      if (nodeName) snapshot.nominations.set(pod, nodeName);
    }
    const decider = new PodScheduler(snapshot, schedulerPlugins, seededRandom(1));
    const [fits] = schedulerPlugins.filter(({ name }) => name === resourcesFit.name);
    const blockers = new Set(fits ? [fits] : []);
    const news = new News(snapshot, snapshot.node("n1"));
    return waiting.filter((pod) => news.isFor(pod, blockers, decider)).map(({ pod }) => pod.metadata.name);
  }

  const cases: [string, Readonly<Record<string, string>>, readonly string[]][] = [
    ["all that fit, where nothing is promised", {}, ["a", "b", "low", "high"]],
    ["only the pod that the node is promised to and more urgent ones", { a: "n1" }, ["a", "high"]],
    ["all that fit, where another node is promised", { a: "n2" }, ["a", "b", "low", "high"]],
  ];
  for (const [title, promised, expected] of cases) {
    it(`a node with room is news for ${title}`, () => {
      expect(newsFor(promised)).to.deep.equal(expected);
    });
  }
});
