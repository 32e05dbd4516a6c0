import { expect } from "chai";
import { parseYaml, parseYamlInSteps, YamlError } from "./yaml.ts";

const only = (text: string): unknown => {
  const [document, ...others] = parseYaml(text);
  expect(others).to.deep.equal([]);
  return document?.value;
};

describe("parseYaml", () => {
  const values: readonly [string, unknown][] = [
    [
      "a: yes\nb: 0644\nc: 22:22\nd: 2001-01-01\ne: ~\nf:\n",
      { a: true, b: 420, c: "22:22", d: "2001-01-01", e: null, f: null },
    ],
    ["base: &b {q: 1, r: 2}\nm:\n  <<: *b\n  r: 3\n", { base: { q: 1, r: 2 }, m: { q: 1, r: 3 } }],
    ["1: a\ntrue: b\n1.5: c\n", { "1": "a", true: "b", "1.5": "c" }],
    ["big: 9007199254740993\n", { big: 9007199254740993n }],
    ["a: !!str 1\nb: !!int '2'\nc: !!float 3\n", { a: "1", b: 2, c: 3 }],
    ["- a\n- - b\n- c: |\n    x\n    y\n", ["a", ["b"], { c: "x\ny\n" }]],
    ['{"json": "\\u00e9", "n": 1e3}', { json: "é", n: 1000 }],
    ["{flow: [a, b]}", { flow: ["a", "b"] }],
    ["\uFEFFa: 1\r\nb: 2\r\n", { a: 1, b: 2 }],
    ["%YAML 1.1\n---\na: 1\n...\n", { a: 1 }],
    ["x", "x"],
  ];
  for (const [text, expected] of values) {
    it(`reads ${JSON.stringify(text)}`, () => expect(only(text)).to.deep.equal(expected));
  }

  it("reads bytes", () => {
    expect(parseYaml(Buffer.from("a: é"))).to.deep.equal([{ value: { a: "é" }, line: 1, repeatedKeys: [] }]);
  });

  it("splits documents and tells the line on which each starts", () => {
    const text = "# comment\n\na: 1\n---\n\n# none\n---\n--- # two\nb: 2\n--- {c: 3}\n---\n";
    expect(parseYaml(text).map(({ value, line }) => ({ value, line }))).to.deep.equal([
      { value: { a: 1 }, line: 3 },
      { value: { b: 2 }, line: 9 },
      { value: { c: 3 }, line: 10 },
    ]);
    expect(parseYaml("")).to.deep.equal([]);
    expect(parseYaml("---\n---\n")).to.deep.equal([]);
  });

  it("keeps __proto__ as plain data, through merges too", () => {
    const value = only("__proto__: {polluted: 1}\nb: &b {__proto__: {polluted: 2}}\nc: {<<: *b}\n") as Record<
      string,
      unknown
    >;
    expect(JSON.stringify(value)).to.equal(
      '{"__proto__":{"polluted":1},"b":{"__proto__":{"polluted":2}},"c":{"__proto__":{"polluted":2}}}',
    );
    expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
  });

  const wrong: readonly [string, number, number, string][] = [
    ["a: 1\nb: [1, 2\n", 3, 1, "deficient indentation"],
    ["a: b: c\n", 1, 5, "bad indentation of a mapping entry"],
    ["a:\n\tb: c\n", 2, 1, "a tab cannot be used for indentation"],
    ["a: 1\nb: 3\na: 2\n", 3, 1, "duplicated mapping key"],
    ["x: 1\n---\ny:\n  - *nobody\n", 4, 6, 'unidentified alias "nobody"'],
    ["a: !!js/function 'x'\n", 1, 4, "unknown scalar tag"],
    ["[a, b]: c\n", 1, 1, "unsupported map key"],
    ["a: .inf\n", 1, 1, "unsupported value: Infinity"],
    ["\n\na: &a [*a]\n", 3, 1, "an anchor's value contains itself"],
    ["- ".repeat(600), 1, 1001, "nesting exceeded maxDepth"],
  ];
  for (const [text, line, column, reason] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 30))}`, () => {
      expect(() => parseYaml(text)).to.throw(YamlError, `line ${line}, column ${column}: ${reason}`);
    });
  }

  it("tells of repeated keys where they may be repeated, and lets the last one count", () => {
    const text = [
      "base: &base {x: 1, z: 1}",
      "a: 1",
      "list:",
      "- {k: 1, 'k': 2}",
      "- k: 3",
      "map:",
      "  <<: *base",
      "  <<: *base",
      "  x: 2",
      "  b: a",
      '  "b": {a: b}',
      "a: 2",
    ].join("\n");
    const [document] = parseYaml(`---\n${text}`, { mayRepeatKeys: true });
    expect(document?.value).to.deep.include({ a: 2, list: [{ k: 2 }, { k: 3 }], map: { x: 2, z: 1, b: { a: "b" } } });
    expect(document?.repeatedKeys).to.deep.equal([
      { key: "k", line: 5 },
      { key: "b", line: 12 },
      { key: "a", line: 13 },
    ]);
    const [json] = parseYaml('{"a": 1,\n"a": 2}', { mayRepeatKeys: true });
    expect(json).to.deep.include({ value: { a: 2 }, repeatedKeys: [{ key: "a", line: 2 }] });
  });

  it("refuses alias bombs in time linear in their length", () => {
    const levels = Array.from(
      { length: 30 },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? "x" : `*a${i - 1}`)
          .join(", ")}]`,
    );
    expect(() => parseYaml(levels.join("\n"))).to.throw(YamlError, "document contains excessive aliasing");
  });

  it("refuses texts beyond the size given", () => {
    expect(() => parseYaml("a: 1234567890", { bytesMax: 10 })).to.throw(YamlError, "longer than 10 bytes");
  });

  it("can be done in steps", () => {
    const text = "a: &x 1\nb: *x\nb: 2\n---\nc: 3";
    const steps = parseYamlInSteps(text, { mayRepeatKeys: true });
    let count = 0;
    let step = steps.next();
    for (; !step.done; step = steps.next()) count += 1;
    expect(count).to.equal(8);
    expect(step.value).to.deep.equal(parseYaml(text, { mayRepeatKeys: true }));
    expect(step.value.map(({ value }) => value)).to.deep.equal([{ a: 1, b: 2 }, { c: 3 }]);
    expect(step.value[0]?.repeatedKeys).to.deep.equal([{ key: "b", line: 3 }]);
  });

  it("refuses a document with another one behind its end", () => {
    expect(() => parseYaml("a: 1\n...\nb: 2")).to.throw(YamlError, "expected a single document, but found 2");
  });
});
