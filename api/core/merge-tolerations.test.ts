import { expect } from "chai";
import type { Toleration } from "./affinity.ts";
import { mergeTolerations } from "./merge-tolerations.ts";

const all: Toleration = { operator: "Exists" };
const key: Toleration = { key: "k", operator: "Exists" };
const value: Toleration = { key: "k", operator: "Equal", value: "v", effect: "NoSchedule" };
const other: Toleration = { key: "o", operator: "Equal", value: "v" };
const minute: Toleration = { key: "k", operator: "Exists", effect: "NoExecute", tolerationSeconds: 60 };
const hour: Toleration = { ...minute, tolerationSeconds: 3600 };
const ever: Toleration = { key: "k", operator: "Exists", effect: "NoExecute" };

const cases: [
  title: string,
  first: readonly Toleration[],
  second: readonly Toleration[],
  merged: readonly Toleration[],
][] = [
  ["nothing", [], [], []],
  ["what is different", [value], [other], [value, other]],
  ["what is the same", [value, other], [other, value], [value, other]],
  ["what a later one includes", [value, minute], [key], [key]],
  ["what an earlier one includes", [all], [value, hour, other], [all]],
  ["several times to stay", [minute], [hour], [hour]],
  ["a time to stay, and staying for ever", [ever], [hour], [ever]],
];

describe("tolerations together", () => {
  for (const [title, first, second, merged] of cases) {
    it(`of ${title}`, () => {
      expect(mergeTolerations(first, second)).to.deep.equal(merged);
    });
  }
});
