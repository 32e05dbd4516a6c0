import { expect } from "chai";
import type { Transaction } from "./store.ts";
import { chooseTogether } from "./together.ts";

const transaction = (checks: string, writes: string, value = "x"): Transaction => ({
  checks: [...checks].map((key) => ({ key, revision: 1 })),
  writes: [...writes].map((key) => ({ key, value: Buffer.from(value) })),
});
const many = (count: number, what: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => what(index)).join("");
const letter = (index: number): string => String.fromCharCode(0x4e00 + index);
const MEGABYTE = "x".repeat(2 ** 20);

const cases: readonly (readonly [title: string, waiting: readonly Transaction[], chosen: readonly number[]])[] = [
  ["nobody, where nobody waits", [], []],
  ["all that have nothing in common", [transaction("a", "a"), transaction("b", "b"), transaction("", "c")], [0, 1, 2]],
  ["those that look at the same, which none of them changes", [transaction("n", "a"), transaction("n", "b")], [0, 1]],
  ["not who looks at what another writes", [transaction("", "a"), transaction("a", "b"), transaction("", "c")], [0, 2]],
  ["not who writes what another looks at", [transaction("a", "b"), transaction("", "a")], [0]],
  ["not who writes what another writes", [transaction("", "a"), transaction("", "a"), transaction("", "a")], [0]],
  ["who goes behind one that has to wait", [transaction("", "a"), transaction("", "ab"), transaction("", "b")], [0, 2]],
  ["a large one alone, when it is its turn", [transaction("", many(65, letter)), transaction("", "a")], [0]],
  [
    "not a large one with others",
    [transaction("", "a"), transaction(many(65, letter), ""), transaction("", "b")],
    [0, 2],
  ],
  ["as many bytes as etcd takes", [transaction("", "a"), transaction("", "b", MEGABYTE), transaction("", "c")], [0, 2]],
  ["even what is more than etcd takes, alone", [transaction("", "ab", MEGABYTE), transaction("", "c")], [0]],
];

describe("transactions that go together", () => {
  for (const [title, waiting, chosen] of cases) {
    it(`are ${title}`, () => {
      expect([...chooseTogether(waiting)]).to.deep.equal(chosen);
    });
  }

  it("are no more than etcd takes", () => {
    const waiting = Array.from({ length: 100 }, (_, index) => transaction("", letter(index)));
    expect(chooseTogether(waiting).size).to.equal(64);
  });
});
