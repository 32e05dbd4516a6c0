import { expect } from "chai";
import fc from "fast-check";
import { JsonError, readJson } from "./json-reader.ts";

describe("the careful JSON reader", () => {
  const wrong: readonly [string, string][] = [
    ["", "unexpected end of JSON input (line 1, column 1)"],
    ["x", "invalid character 'x' looking for beginning of value (line 1, column 1)"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string (line 1, column 8)"],
    ['{"a" 1}', "invalid character '1' after object key (line 1, column 6)"],
    ['{"a":1 "b":2}', `invalid character '"' after object key:value pair (line 1, column 8)`],
    ["[1 2]", "invalid character '2' after array element (line 1, column 4)"],
    ["[1,]", "invalid character ']' looking for beginning of value (line 1, column 4)"],
    ["{}{}", "invalid character '{' after top-level value (line 1, column 3)"],
    ["{\n  'a': 1}", "invalid character ''' looking for beginning of object key string (line 2, column 3)"],
    ["[01]", "invalid character '1' after array element (line 1, column 3)"],
    ["[+1]", "invalid character '+' looking for beginning of value (line 1, column 2)"],
    ["[NaN]", "invalid character 'N' looking for beginning of value"],
    ["nul", "invalid character 'n' in literal"],
    ['["a\nb"]', "in string literal"],
    ['["\\x"]', "invalid escape code in string (line 1, column 2)"],
    ['"abc', "in string literal"],
    ["1e9999", "the number is out of range (line 1, column 1)"],
    [`[${"9".repeat(101)}]`, "the number is out of range (line 1, column 2)"],
    ["\uFEFF{}", "looking for beginning of value"],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () =>
      expect(() => readJson(text, 1000)).to.throw(JsonError, message));
  }

  it("accepts and refuses the texts that JSON.parse does, but for numbers out of range", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      '"',
      ":",
      ",",
      "a",
      "\\",
      "1",
      "-",
      ".",
      "e",
      "0",
      "true",
      " ",
      "\n",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join("");
        expect(accepts(() => readJson(text, 1000))).to.equal(accepts(() => JSON.parse(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it("reports each duplicate key once per repetition", () => {
    expect(readJson('{"a":[{"b":1,"b":2,"b":3}]}', 10).duplicates).to.deep.equal(["a[0].b", "a[0].b"]);
  });

  it("takes time linear in the length of the text", () => {
    const text = `[${'"\\\\",'.repeat(200_000)}{"a`;
    expect(() => readJson(text, 10)).to.throw(JsonError, "in string literal");
  });
});

function accepts(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
