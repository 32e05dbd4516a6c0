import { expect } from "chai";
import { jsonPatchProblems } from "./json-patch-problems.ts";

const add = { op: "add", path: "/a", value: { foo: 1 } };

describe("what a JSON patch says in vain", () => {
  const cases: [title: string, patch: unknown, duplicates: readonly string[], problems: readonly string[]][] = [
    ["finds nothing wrong with what is right", [add, { op: "move", from: "/a", path: "/b" }], [], []],
    [
      "names unknown members by the place of their operation",
      [add, { ...add, foo: 1 }],
      [],
      ['json patch unknown field "[1].foo"'],
    ],
    [
      "names repeated keys, in the order of the operations",
      [add, { ...add, foo: 1 }],
      ["[0].value.a", "[1].path"],
      [
        'json patch duplicate field "[0].value.a"',
        'json patch unknown field "[1].foo"',
        'json patch duplicate field "[1].path"',
      ],
    ],
    ["leaves what is no patch to whoever applies it", { a: 1 }, ["a"], []],
    ["passes over what is no operation", [1, null], [], []],
  ];
  for (const [title, patch, duplicates, problems] of cases) {
    it(title, () => expect(jsonPatchProblems(patch, duplicates)).to.deep.equal(problems));
  }
});
