import { expect } from "chai";
import fc from "fast-check";
import { renderYaml, renderYamlDocuments } from "./render-yaml.ts";
import { parseYaml } from "./yaml.ts";

describe("renderYaml", () => {
  it("writes objects as kubectl does", () => {
    const value = {
      kind: "Pod",
      apiVersion: "v1",
      spec: {
        containers: [{ name: "a", args: ["-c", "x"], env: [], resources: {} }],
        none: undefined,
        nodes: [["a"], []],
      },
      n10: 1,
      n9: 2n ** 60n,
      n9b: null,
    };
    expect(renderYaml(value)).to.equal(
      [
        "apiVersion: v1",
        "kind: Pod",
        "n9: 1152921504606846976",
        "n9b: null",
        "n10: 1",
        "spec:",
        "  containers:",
        "  - args:",
        "    - -c",
        "    - x",
        "    env: []",
        "    name: a",
        "    resources: {}",
        "  nodes:",
        "  - - a",
        "  - []",
        "",
      ].join("\n"),
    );
  });

  const scalars: readonly [string, string][] = [
    ["plain text", "plain text"],
    ["true", '"true"'],
    ["y", '"y"'],
    ["0644", '"0644"'],
    ["22:22", '"22:22"'],
    ["2001-01-01", '"2001-01-01"'],
    ["", '""'],
    ["null", '"null"'],
    [" lead", "' lead'"],
    ["a: b", "'a: b'"],
    ["a:", "'a:'"],
    [":a", ":a"],
    ["a #b", "'a #b'"],
    ["- a", "'- a'"],
    ["-a", "-a"],
    ["it's", "it's"],
    ["a'b: c", "'a''b: c'"],
    ['say "hi"', 'say "hi"'],
    ["@a", "'@a'"],
    ["---", "'---'"],
    ["a\\b", "a\\b"],
    ["tab\tx", '"tab\\tx"'],
    ["é", "é"],
    ["é😀", '"é\\U0001F600"'],
    ["\u0001", '"\\x01"'],
    ["a\r\nb", '"a\\r\\nb"'],
    ["a\nb", "|-\n  a\n  b"],
    ["a\nb\n", "|\n  a\n  b"],
    ["a\n\n", "|+\n  a\n"],
    [" a\nb", "|2-\n   a\n  b"],
    ["a \nb", '"a \\nb"'],
    ["a\n ", '"a\\n "'],
    ["a\n\n\nb\n  c\n", "|\n  a\n\n\n  b\n    c"],
  ];
  for (const [text, expected] of scalars) {
    it(`writes ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
      expect(renderYaml({ k: text })).to.equal(`k: ${expected}\n`);
    });
  }

  it("folds long lines behind column 80", () => {
    const text = Array(20).fill("text").join(" ");
    expect(renderYaml({ key: text })).to.equal(
      `key: ${Array(16).fill("text").join(" ")}\n  ${Array(4).fill("text").join(" ")}\n`,
    );
    expect(renderYaml({ key: `# ${text}` }).split("\n")).to.have.length(3);
    expect(renderYaml({ key: `\t${text}` }).split("\n")).to.have.length(3);
  });

  it("writes long and multi-line keys in the long form", () => {
    const key = "k".repeat(129);
    expect(renderYaml({ [key]: "x", ["a\nb"]: ["y"], [`${key}l`]: { c: 1 } })).to.equal(
      `? |-\n  a\n  b\n: - "y"\n? ${key}\n: x\n? ${key}l\n: c: 1\n`,
    );
  });

  it("separates documents", () => {
    expect(renderYamlDocuments([{ a: 1 }, "x", []])).to.equal("a: 1\n---\nx\n---\n[]\n");
  });

  it("writes text that reads as the same value", () => {
    const piece = fc.constantFrom(
      ..."ab01 :#-'\"\\\n\t{}[],?!*&|>%@`~é=.\u2028\u0085".split(""),
      "  ",
      "word ",
      "yes",
      "😀",
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(""));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, text, fc.constantFrom(1, -0.5, true, null), tie("list"), tie("mapping")),
      list: fc.array(tie("value"), { maxLength: 4 }),
      mapping: fc.dictionary(text, tie("value"), { maxKeys: 4, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(value, (each) => {
        expect(parseYaml(renderYaml({ v: each }))[0]?.value).to.deep.equal({ v: each });
      }),
      { numRuns: 500 },
    );
  });
});
