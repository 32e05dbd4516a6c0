import { expect } from "chai";
import { renderCompactJson, renderGoJson, renderGoValue } from "./go-text.ts";
import { sortByPath } from "./sort-rows.ts";
import { alignTabs, describeSpacing, tableSpacing } from "./tab-writer.ts";

describe("alignTabs", () => {
  const cases: readonly (readonly [title: string, input: string, output: string])[] = [
    ["makes each column as wide as its widest cell", "a\tb\nccc\td", "a    b\nccc  d"],
    ["ends a column where a line has no cell there", "a\tb\nplain\nlonger\tc", "a  b\nplain\nlonger  c"],
    ["pads no last cell", "a\tb\tc\naa\tbbb\t", "a   b    c\naa  bbb  "],
    ["lines nested columns up on their own", "a\tx\ty\nb\tz\nc\txxx\ty", "a  x  y\nb  z\nc  xxx  y"],
    ["keeps empty lines", "a\tb\n\nccc\td", "a  b\n\nccc  d"],
  ];
  for (const [title, input, output] of cases) {
    it(title, () => expect(alignTabs(input, describeSpacing)).to.equal(output));
  }

  it("keeps a least width in tables", () => {
    expect(alignTabs("A\tB\nlonger\tx", tableSpacing)).to.equal("A        B\nlonger   x");
    expect(alignTabs("A\tB", tableSpacing)).to.equal("A     B");
  });
});

describe("Go's forms of values", () => {
  it("sorts keys and writes what HTML minds as escapes", () => {
    expect(renderGoJson({ b: "<&>", a: [1] }, 1)).to.equal('{\n "a": [\n  1\n ],\n "b": "\\u003c\\u0026\\u003e"\n}\n');
    expect(renderCompactJson({ b: 2n ** 60n, a: {} })).to.equal('{"a":{},"b":1152921504606846976}');
  });

  const values: readonly (readonly [value: unknown, text: string])[] = [
    [{ b: 1, a: "x" }, "map[a:x b:1]"],
    [["x", true, null], "[x true <nil>]"],
    [undefined, "<nil>"],
  ];
  for (const [value, text] of values) it(`shows ${text}`, () => expect(renderGoValue(value)).to.equal(text));
});

describe("sortByPath", () => {
  const orders: readonly (readonly [title: string, values: readonly unknown[], sorted: readonly unknown[]])[] = [
    ["orders numbers by size", [10, 9, 100], [9, 10, 100]],
    ["orders quantities by amount", ["1Gi", "500Mi", "2k"], ["2k", "500Mi", "1Gi"]],
    ["counts digits in texts as numbers", ["web-10", "web-9", "db"], ["db", "web-9", "web-10"]],
    ["puts what lacks the field first", ["b", undefined, "a"], [undefined, "a", "b"]],
    [
      "orders times",
      ["2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"],
      ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"],
    ],
  ];
  for (const [title, values, sorted] of orders) {
    it(title, () => {
      const objects = values.map((value) => (value === undefined ? {} : { value }));
      const found = sortByPath<{ value?: unknown }>(objects, "{.value}", (each) => each);
      expect(found.map(({ value }) => value)).to.deep.equal(sorted);
    });
  }

  it("refuses a path that nothing has", () => {
    expect(() => sortByPath([{ a: 1 }], ".b", (each) => each)).to.throw(`couldn't find any field with path "{.b}"`);
  });
});
