import { expect } from "chai";
import type { NodeSelectorRequirement } from "./affinity.ts";
import { matchesNodeAffinity, nodeMatchesSelector, nodeMatchesTerm } from "./node-affinity.ts";

const node = { metadata: { name: "n1", labels: { zone: "a", cores: "16" } } };

describe("nodeMatchesTerm", () => {
  const cases: readonly (readonly [NodeSelectorRequirement, boolean])[] = [
    [{ key: "zone", operator: "In", values: ["a", "b"] }, true],
    [{ key: "zone", operator: "In", values: ["b"] }, false],
    [{ key: "none", operator: "In", values: ["a"] }, false],
    [{ key: "zone", operator: "NotIn", values: ["a"] }, false],
    [{ key: "none", operator: "NotIn", values: ["a"] }, true],
    [{ key: "zone", operator: "Exists" }, true],
    [{ key: "none", operator: "Exists" }, false],
    [{ key: "zone", operator: "DoesNotExist" }, false],
    [{ key: "none", operator: "DoesNotExist" }, true],
    [{ key: "cores", operator: "Gt", values: ["8"] }, true],
    [{ key: "cores", operator: "Gt", values: ["16"] }, false],
    [{ key: "cores", operator: "Lt", values: ["32"] }, true],
    [{ key: "zone", operator: "Gt", values: ["1"] }, false],
    [{ key: "none", operator: "Lt", values: ["1"] }, false],
  ];
  for (const [requirement, expected] of cases) {
    const { key, operator, values = [] } = requirement;
    it(`is ${expected} for ${key} ${operator} ${values.join(",")}`, () => {
      expect(nodeMatchesTerm({ matchExpressions: [requirement] }, node)).to.equal(expected);
    });
  }

  it("matches fields by the node's name", () => {
    const term = (name: string) => ({
      matchFields: [{ key: "metadata.name", operator: "In" as const, values: [name] }],
    });
    expect(nodeMatchesTerm(term("n1"), node)).to.equal(true);
    expect(nodeMatchesTerm(term("n2"), node)).to.equal(false);
  });

  it("matches nothing where it is empty", () => {
    expect(nodeMatchesTerm({}, node)).to.equal(false);
    expect(nodeMatchesSelector({ nodeSelectorTerms: [] }, node)).to.equal(false);
  });
});

describe("matchesNodeAffinity", () => {
  const terms = [{ matchExpressions: [{ key: "zone", operator: "In" as const, values: ["a"] }] }];
  const required = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } };
  it("wants both the selector and the affinity to match", () => {
    expect(matchesNodeAffinity({ spec: { containers: [] } }, node)).to.equal(true);
    expect(matchesNodeAffinity({ spec: { containers: [], affinity: required } }, node)).to.equal(true);
    const spec = { containers: [], affinity: required, nodeSelector: { cores: "8" } };
    expect(matchesNodeAffinity({ spec }, node)).to.equal(false);
  });
});
