import { expect } from "chai";
import type { Draft } from "../registry/draft.ts";
import { takeBatch } from "./take-batch.ts";

interface Item extends Draft {
  readonly name: string;
}

const NAMESPACE = { key: "/registry/namespaces/default", revision: 5 };
const item = (name: string, parts: Partial<Draft> = {}): Item => ({
  name,
  checks: [NAMESPACE, { key: `/${name}`, revision: 0 }],
  writes: [{ key: `/${name}`, value: Buffer.from(name) }],
  allocations: [],
  charges: [],
  ...parts,
});
const batchesOf = (items: readonly Item[]) => {
  const queue = [...items];
  const batches: string[][] = [];
  while (queue.length > 0) batches.push(takeBatch(queue, (each) => each).map(({ name }) => name));
  return batches;
};
const many = Array.from({ length: 150 }, (_, index) => item(`i${index}`));
const large = (name: string) => item(name, { writes: [{ key: `/${name}`, value: new Uint8Array(700_000) }] });

const cases: [title: string, items: readonly Item[], batches: readonly string[][]][] = [
  ["takes what waits together", [item("a"), item("b")], [["a", "b"]]],
  [
    "leaves to the next what has seen another version of an object",
    [item("a"), item("b", { checks: [{ ...NAMESPACE, revision: 4 }] }), item("c")],
    [["a"], ["b"], ["c"]],
  ],
  ["leaves to the next what writes the same object", [item("a"), item("a"), item("b")], [["a"], ["a", "b"]]],
  [
    "commits what is placed on a node by itself",
    [item("a"), item("b", { allocations: [{ node: "n" }] }), item("c")],
    [["a"], ["b"], ["c"]],
  ],
  ["stays below what a store takes at once", [large("a"), large("b"), item("c")], [["a"], ["b", "c"]]],
  ["takes what is too large by itself", [item("a", { writes: [{ key: "/a", value: new Uint8Array(2e6) }] })], [["a"]]],
];

describe("a batch of transactions", () => {
  for (const [title, items, batches] of cases) {
    it(title, () => {
      expect(batchesOf(items)).to.deep.equal(batches);
    });
  }

  it("has as many operations as etcd takes", () => {
    const sizes = batchesOf(many).map((batch) => batch.length);
    expect(Math.max(...sizes)).to.be.lessThan(101);
    expect(sizes.reduce((a, b) => a + b)).to.equal(150);
  });
});
