import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { PodInfo } from "../pod-info.ts";
import { schedulerPlugins } from "../plugins/index.ts";
import { Snapshot } from "../snapshot.ts";
import { buildProfile } from "./build-profile.ts";
import { defaultConfiguration, parseConfiguration } from "./parse-configuration.ts";

const profileOf = (plugins: object) => {
  const text = JSON.stringify({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    profiles: [{ plugins }],
  });
  return buildProfile(parseConfiguration(text).configuration.profiles[0] ?? expect.fail());
};
const names = (...all: string[]) => all.map((name) => ({ name }));

describe("buildProfile", () => {
  it("gives all rules by default, each with its weight", () => {
    const { plugins } = buildProfile(defaultConfiguration().profiles[0] ?? expect.fail());
    const described = (all: typeof plugins) => all.map(({ name, weight = 1 }) => `${name} ${weight}`);
    expect(described(plugins)).to.have.members(described(schedulerPlugins));
  });

  it("asks filters in the order of the configuration", () => {
    const { plugins } = profileOf({ filter: { enabled: names("InterPodAffinity", "NodeResourcesFit") } });
    expect(plugins.slice(0, 2).map(({ name }) => name)).to.deep.equal(["InterPodAffinity", "NodeResourcesFit"]);
  });

  it("keeps our own rules where all of Kubernetes' are off", () => {
    const { plugins } = profileOf({
      multiPoint: { disabled: names("*"), enabled: names("PrioritySort", "DefaultBinder") },
    });
    expect(plugins.map(({ name }) => name))
      .to.include("NodePool")
      .and.not.include("NodeResourcesFit");
  });

  const tolerant = asStored<Pod>(newPod("p"));
  const tainted = asStored<Node>(newNode("n", { spec: { taints: [{ key: "k", effect: "NoSchedule" }] } }));
  const judged = (plugins: object) => {
    const snapshot = new Snapshot();
    snapshot.setNode(tainted);
    const plugin = profileOf(plugins).plugins.find(({ name }) => name === "TaintToleration");
    const judge = plugin?.prepare(new PodInfo(tolerant), snapshot);
    return { filters: judge?.filter !== undefined, scores: judge?.score !== undefined, weight: plugin?.weight };
  };
  const off = { disabled: names("TaintToleration") };
  const limits: readonly (readonly [string, object, object])[] = [
    ["filters and scores", {}, { filters: true, scores: true, weight: 3 }],
    ["filters only", { score: off }, { filters: true, scores: false, weight: 3 }],
    ["scores only", { filter: off }, { filters: false, scores: true, weight: 3 }],
    ["does neither", { filter: off, score: off }, { filters: false, scores: false, weight: undefined }],
  ];
  for (const [title, plugins, expected] of limits) {
    it(`gives a rule that ${title}, as the configuration has it`, () => {
      expect(judged(plugins)).to.deep.equal(expected);
    });
  }

  it("gives the same topology answers as long as nothing has changed", () => {
    const snapshot = new Snapshot();
    snapshot.setNode(tainted);
    const plugin = profileOf({ score: { disabled: names("InterPodAffinity") } }).plugins.find(
      ({ name }) => name === "InterPodAffinity",
    );
    const topology = plugin?.prepare(new PodInfo(tolerant), snapshot)?.topology ?? expect.fail();
    expect(topology.answers()).to.equal(topology.answers());
  });
});
