import { expect } from "chai";
import fc from "fast-check";
import {
  everything,
  matchesFieldSelector,
  matchesSelector,
  nothing,
  parseFieldSelector,
  parseSelector,
  renderFieldSelector,
  renderSelector,
  requiredFieldValue,
  type Selector,
  selectorOf,
  selectorOfLabels,
  SelectorError,
} from "./selector.ts";

describe("a label selector", () => {
  const read: readonly [string, Selector][] = [
    ["", []],
    ["a", [{ key: "a", operator: "Exists", values: [] }]],
    ["!a", [{ key: "a", operator: "DoesNotExist", values: [] }]],
    ["a=1", [{ key: "a", operator: "In", values: ["1"] }]],
    [" a == 1 ", [{ key: "a", operator: "In", values: ["1"] }]],
    ["a=", [{ key: "a", operator: "In", values: [""] }]],
    ["a!=1", [{ key: "a", operator: "NotIn", values: ["1"] }]],
    ["a in (1, 2)", [{ key: "a", operator: "In", values: ["1", "2"] }]],
    ["a notin (1)", [{ key: "a", operator: "NotIn", values: ["1"] }]],
    ["a in (,1)", [{ key: "a", operator: "In", values: ["", "1"] }]],
    ["a in ()", [{ key: "a", operator: "In", values: [""] }]],
    ["a>5", [{ key: "a", operator: "Gt", values: ["5"] }]],
    ["a < 5", [{ key: "a", operator: "Lt", values: ["5"] }]],
    [
      "x.io/a=1,!b",
      [
        { key: "x.io/a", operator: "In", values: ["1"] },
        { key: "b", operator: "DoesNotExist", values: [] },
      ],
    ],
    ["in in (in)", [{ key: "in", operator: "In", values: ["in"] }]],
  ];
  for (const [text, expected] of read) {
    it(`reads ${JSON.stringify(text)}`, () => expect(parseSelector(text)).to.deep.equal(expected));
  }

  const refused: readonly [string, string][] = [
    [",a", "found ',', expected: !, identifier, or 'end of string'"],
    ["a,", "found '', expected: identifier after ','"],
    ["a=1=2", "found '=', expected: ',' or 'end of string'"],
    ["a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ["!", "unable to parse requirement: found '', expected: identifier"],
    ["a==!b", "unable to parse requirement: found '!', expected: identifier"],
    ["a in 1", "unable to parse requirement: found '1' expected: '('"],
    ["a in (1", "unable to parse requirement: found '', expected: ',' or ')'"],
    [
      "a>x",
      "unable to parse requirement: values[0][a]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      "-a=1",
      'unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of alphanumeric characters',
    ],
    [
      "a=-1-",
      'unable to parse requirement: values[0][a]: Invalid value: "-1-": a valid label must be an empty string or',
    ],
    [`a=${"x".repeat(64)}`, "must be no more than 63 characters"],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      expect(() => parseSelector(text)).to.throw(SelectorError, message);
    });
  }

  const labels = { a: "1", size: "7", empty: "" };
  const matches: readonly [string, boolean][] = [
    ["", true],
    ["a", true],
    ["b", false],
    ["!b", true],
    ["!a", false],
    ["a=1", true],
    ["a=2", false],
    ["a!=2", true],
    ["b!=2", true],
    ["b=", false],
    ["empty=", true],
    ["a in (0,1)", true],
    ["a notin (0,1)", false],
    ["b notin (0,1)", true],
    ["size>6", true],
    ["size>7", false],
    ["size<10", true],
    ["empty<10", false],
    ["b>1", false],
    ["a=1,size=7", true],
    ["a=1,size=8", false],
    ["constructor", false],
  ];
  for (const [text, expected] of matches) {
    it(`${expected ? "matches" : "does not match"} by ${JSON.stringify(text)}`, () => {
      expect(matchesSelector(parseSelector(text), labels)).to.equal(expected);
    });
  }

  it("treats absent labels as none", () => {
    expect(matchesSelector(parseSelector("!a"), undefined)).to.equal(true);
    expect(matchesSelector(parseSelector("a"), undefined)).to.equal(false);
  });

  it("selects nothing where the object is absent and everything where it is empty", () => {
    expect(selectorOf(null)).to.equal(nothing);
    expect(matchesSelector(selectorOf(undefined), labels)).to.equal(false);
    expect(matchesSelector(selectorOf({}), labels)).to.equal(true);
    expect(matchesSelector(everything, undefined)).to.equal(true);
  });

  it("is made from a LabelSelector object or from labels", () => {
    const selector = selectorOf({
      matchLabels: { a: "1" },
      matchExpressions: [
        { key: "b", operator: "NotIn", values: ["2", "1"] },
        { key: "c", operator: "DoesNotExist" },
      ],
    });
    expect(renderSelector(selector)).to.equal("a=1,b notin (1,2),!c");
    expect(renderSelector(selectorOfLabels({ b: "2", a: "1" }))).to.equal("a=1,b=2");
  });

  it("reads what it wrote", () => {
    const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
    const requirement = fc.oneof(
      fc.record({
        key: word,
        operator: fc.constantFrom("Exists" as const, "DoesNotExist" as const),
        values: fc.constant([]),
      }),
      fc.record({
        key: word,
        operator: fc.constantFrom("In" as const, "NotIn" as const),
        values: fc.uniqueArray(word, { minLength: 1 }).map((values) => values.sort()),
      }),
    );
    fc.assert(
      fc.property(fc.uniqueArray(requirement, { selector: (r) => r.key }), (selector) => {
        const sorted = [...selector].sort((a, b) => (a.key < b.key ? -1 : 1));
        expect(parseSelector(renderSelector(selector))).to.deep.equal(sorted);
      }),
    );
  });

  it("never fails otherwise than with its own error", () => {
    const piece = fc.constantFrom(
      "a",
      "1",
      "=",
      "==",
      "!",
      "!=",
      "(",
      ")",
      ",",
      " ",
      "in",
      "notin",
      "<",
      ">",
      "\n",
      "é",
    );
    fc.assert(
      fc.property(
        fc.array(piece).map((pieces) => pieces.join("")),
        (text) => {
          try {
            parseSelector(text);
          } catch (error) {
            expect(error).to.be.instanceOf(SelectorError);
          }
        },
      ),
    );
  });
});

describe("a field selector", () => {
  it("reads terms and their escapes", () => {
    expect(parseFieldSelector("metadata.name=web,status.phase!=Running,a==b\\,c\\=\\\\")).to.deep.equal([
      { field: "metadata.name", operator: "=", value: "web" },
      { field: "status.phase", operator: "!=", value: "Running" },
      { field: "a", operator: "=", value: "b,c=\\" },
    ]);
    expect(parseFieldSelector("")).to.deep.equal([]);
    expect(parseFieldSelector("spec.nodeName=")).to.deep.equal([{ field: "spec.nodeName", operator: "=", value: "" }]);
  });

  const refused: readonly [string, string][] = [
    ["a", "invalid selector: 'a'; can't understand 'a'"],
    ["a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'"],
    ["a=b=c", "invalid field selector: unescaped character in value: ="],
    ["a=b\\x", "invalid field selector: invalid escape sequence: b\\x"],
    ["a=b\\", "invalid field selector: invalid escape sequence: b\\"],
  ];
  for (const [text, message] of refused) {
    it(`refuses ${text}`, () => expect(() => parseFieldSelector(text)).to.throw(SelectorError, message));
  }

  it("matches equal and unequal values, an absent field as empty", () => {
    const match = (text: string) => matchesFieldSelector(parseFieldSelector(text), { a: "1" });
    expect(["a=1", "a=2", "a!=2", "b=", "b!=1", "a=1,b=2"].map(match)).to.deep.equal([
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("tells the value it demands of a field", () => {
    const selector = parseFieldSelector("metadata.name=web,a!=1");
    expect(requiredFieldValue(selector, "metadata.name")).to.equal("web");
    expect(requiredFieldValue(selector, "a")).to.equal(undefined);
  });

  it("reads what it wrote", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        const selector = [{ field: "a.b", operator: "=" as const, value }];
        expect(parseFieldSelector(renderFieldSelector(selector))).to.deep.equal(selector);
      }),
    );
  });
});
