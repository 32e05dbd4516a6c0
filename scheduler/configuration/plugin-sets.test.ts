import { expect } from "chai";
import { parseConfiguration } from "./parse-configuration.ts";
import { effectivePlugins } from "./plugin-sets.ts";

function effective(plugins: object) {
  const profiles = [{ schedulerName: "s", plugins }];
  const text = JSON.stringify({
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    profiles,
  });
  const [profile = expect.fail()] = parseConfiguration(text).configuration.profiles;
  return effectivePlugins(profile.plugins, "s");
}
const named = (...names: string[]) => names.map((name) => ({ name }));

const FILTERS = [
  "NodeUnschedulable",
  "NodeName",
  "TaintToleration",
  "NodeAffinity",
  "NodePorts",
  "NodeResourcesFit",
  "VolumeRestrictions",
  "NodeVolumeLimits",
  "VolumeBinding",
  "VolumeZone",
  "PodTopologySpread",
  "InterPodAffinity",
  "DynamicResources",
];

describe("effectivePlugins", () => {
  it("are Kubernetes' plugins, in its order and with its weights, where nothing is said", () => {
    const { byPoint, weights } = effective({});
    expect(byPoint.filter).to.deep.equal(FILTERS);
    expect(Object.fromEntries(weights)).to.deep.equal({
      TaintToleration: 3,
      NodeAffinity: 2,
      NodeResourcesFit: 1,
      VolumeBinding: 1,
      PodTopologySpread: 2,
      InterPodAffinity: 2,
      NodeResourcesBalancedAllocation: 1,
      ImageLocality: 1,
    });
    expect(byPoint.bind).to.deep.equal(["DefaultBinder"]);
    expect(byPoint.queueSort).to.deep.equal(["PrioritySort"]);
    expect(byPoint.preEnqueue).to.deep.equal(["SchedulingGates", "DynamicResources", "DefaultPreemption"]);
  });

  it("lack what is disabled at a point, and there only", () => {
    const { byPoint } = effective({ filter: { disabled: named("NodePorts", "TaintToleration") } });
    expect(byPoint.filter).to.deep.equal(FILTERS.filter((name) => name !== "NodePorts" && name !== "TaintToleration"));
    expect(byPoint.score).to.include("TaintToleration");
  });

  it("lack what is disabled everywhere", () => {
    const { byPoint, weights } = effective({ multiPoint: { disabled: named("TaintToleration") } });
    expect(byPoint.filter).not.to.include("TaintToleration");
    expect(weights.has("TaintToleration")).to.equal(false);
  });

  it("are those that a point enables where it disables all others", () => {
    const { byPoint, weights } = effective({
      score: { disabled: named("*"), enabled: [{ name: "ImageLocality", weight: 7 }] },
    });
    expect(byPoint.score).to.deep.equal(["ImageLocality"]);
    expect(weights.get("ImageLocality")).to.equal(7);
    expect(byPoint.filter).to.deep.equal(FILTERS);
  });

  it("have the order in which they are enabled where all default ones are disabled", () => {
    const enabled = named("NodePorts", "NodeName", "PrioritySort", "DefaultBinder");
    expect(effective({ multiPoint: { disabled: named("*"), enabled } }).byPoint.filter).to.deep.equal([
      "NodePorts",
      "NodeName",
    ]);
  });

  it("come first at a point that names them", () => {
    const { byPoint } = effective({ filter: { enabled: named("InterPodAffinity", "NodeName") } });
    expect(byPoint.filter.slice(0, 3)).to.deep.equal(["InterPodAffinity", "NodeName", "NodeUnschedulable"]);
    expect(byPoint.filter).to.have.members(FILTERS);
  });

  it("weigh what the score point says, then what all points say, else 1", () => {
    const { weights } = effective({
      multiPoint: { enabled: [{ name: "NodeAffinity", weight: 5 }, { name: "TaintToleration" }] },
      score: { enabled: [{ name: "NodeAffinity", weight: 9 }] },
    });
    expect(weights.get("NodeAffinity")).to.equal(9);
    expect(weights.get("TaintToleration")).to.equal(1);
  });
});
