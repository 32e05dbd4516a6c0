import { expect } from "chai";
import type { Toleration } from "../api/core/affinity.ts";
import type { Taint } from "../api/core/node.ts";
import { toleratedSeconds } from "./taint-eviction.ts";

const taint = (key: string, value?: string): Taint => ({ key, effect: "NoExecute", ...(value && { value }) });
const exists = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: "Exists",
  tolerationSeconds,
});

describe("how long a pod may stay on a tainted node", () => {
  const table: [string, Taint[], Toleration[], number | undefined][] = [
    ["not at all without a toleration", [taint("a")], [], 0],
    ["not at all when one of the taints is not tolerated", [taint("a"), taint("b")], [exists("a")], 0],
    ["for ever", [taint("a")], [exists("a")], undefined],
    ["for a while", [taint("a")], [exists("a", 300)], 300],
    ["for the shortest of several", [taint("a"), taint("b")], [exists("a", 300), exists("b", 20)], 20],
    ["for a while when only one of the tolerations ends", [taint("a"), taint("b")], [exists("a"), exists("b", 20)], 20],
    ["as the first toleration of a taint says", [taint("a")], [exists("a"), exists("a", 20)], undefined],
    ["not at all when the time is over before it begins", [taint("a")], [exists("a", -5)], 0],
    ["not at all for another value", [taint("a", "x")], [{ key: "a", operator: "Equal", value: "y" }], 0],
    ["for ever where everything is tolerated", [taint("a"), taint("b")], [{ operator: "Exists" }], undefined],
  ];
  for (const [what, taints, tolerations, expected] of table) {
    it(`is ${what}`, () => {
      expect(toleratedSeconds(taints, tolerations)).to.equal(expected);
    });
  }
});
