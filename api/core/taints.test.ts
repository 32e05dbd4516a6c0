import { expect } from "chai";
import type { Toleration } from "./affinity.ts";
import { findUntoleratedTaint, tolerates } from "./taints.ts";

const taint = { key: "disk", value: "slow", effect: "NoSchedule" } as const;

describe("tolerates", () => {
  const cases: readonly (readonly [Toleration, boolean])[] = [
    [{ operator: "Exists" }, true],
    [{ key: "disk", operator: "Exists" }, true],
    [{ key: "disk", operator: "Exists", effect: "NoSchedule" }, true],
    [{ key: "disk", operator: "Exists", effect: "NoExecute" }, false],
    [{ key: "disk", operator: "Equal", value: "slow" }, true],
    [{ key: "disk", value: "slow" }, true],
    [{ key: "disk", value: "fast" }, false],
    [{ key: "disk" }, false],
    [{ key: "other", operator: "Exists" }, false],
  ];
  for (const [toleration, expected] of cases) {
    it(`is ${expected} for ${JSON.stringify(toleration)}`, () => {
      expect(tolerates(toleration, taint)).to.equal(expected);
    });
  }
});

describe("findUntoleratedTaint", () => {
  it("looks at the effects asked for only", () => {
    expect(findUntoleratedTaint([taint], [], ["NoExecute"])).to.equal(undefined);
    expect(findUntoleratedTaint([taint], [], ["NoExecute", "NoSchedule"])).to.equal(taint);
    expect(findUntoleratedTaint([taint], [{ operator: "Exists" }], ["NoSchedule"])).to.equal(undefined);
  });
});
