import { expect } from "chai";
import { isTaintChange, parseTaintChanges, planTaints } from "./taint-changes.ts";

const node = (...taints: { key: string; value?: string; effect: string }[]) => ({ name: "n1", taints });
const old = { key: "a", value: "1", effect: "NoSchedule" };

describe("changes of taints", () => {
  it("are told from the nodes' names", () => {
    expect(["node", "n-1", "a=b:NoSchedule", "a:NoExecute", "a-", "a:NoSchedule-"].filter(isTaintChange)).to.deep.equal(
      ["a=b:NoSchedule", "a:NoExecute", "a-", "a:NoSchedule-"],
    );
  });

  it("have a key, perhaps a value, and an effect", () => {
    expect(parseTaintChanges(["a=1:NoSchedule", "b:NoExecute", "c-", "d:NoSchedule-"])).to.deep.equal({
      add: [
        { key: "a", value: "1", effect: "NoSchedule" },
        { key: "b", effect: "NoExecute" },
      ],
      remove: [{ key: "c" }, { key: "d", effect: "NoSchedule" }],
    });
  });

  for (const [words, message] of [
    [["a=b:Foo"], "invalid taint effect: Foo, unsupported taint effect"],
    [["a=b"], "it needs an effect"],
    [["a b=c:NoSchedule"], "invalid taint spec: a b=c:NoSchedule, name part must consist of"],
    [["a:NoSchedule", "a=2:NoSchedule"], "duplicated taints"],
    [["a:NoSchedule", "a-"], "can not both modify and remove the following taint(s) in the same command: a:NoSchedule"],
  ] as const) {
    it(`are refused: ${words.join(" ")}`, () => {
      expect(() => parseTaintChanges(words)).to.throw(message);
    });
  }

  for (const { words, overwrite = false, verb, taints } of [
    { words: ["b:NoExecute"], verb: "tainted", taints: ["b:NoExecute", "a=1:NoSchedule"] },
    { words: ["a=2:NoSchedule"], overwrite: true, verb: "modified", taints: ["a=2:NoSchedule"] },
    { words: ["a-"], verb: "untainted", taints: [] },
    { words: ["a:NoSchedule-"], verb: "untainted", taints: [] },
    { words: ["b:NoExecute", "a-"], verb: "modified", taints: ["b:NoExecute"] },
  ]) {
    it(`leave a node ${verb} after ${words.join(" ")}`, () => {
      const plan = planTaints(node(old), parseTaintChanges(words), overwrite);
      expect(plan.verb).to.equal(verb);
      const texts = plan.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ""}:${effect}`);
      expect(texts).to.deep.equal(taints);
    });
  }

  it("replace a taint only where that is asked for", () => {
    expect(() => planTaints(node(old), parseTaintChanges(["a=2:NoSchedule"]), false)).to.throw(
      "node n1 already has a taint(s) with same effect(s) and --overwrite is false",
    );
  });

  it("remove only what is there", () => {
    expect(() => planTaints(node(), parseTaintChanges(["a:NoSchedule-"]), false)).to.throw(
      'taint "a:NoSchedule" not found',
    );
  });
});
