import { expect } from "chai";
import fc from "fast-check";
import { JsonError } from "./json-reader.ts";
import { parseJson, renderJson } from "./json.ts";

/** A leading large number makes parseJson use its careful reader for the rest. */
const carefully = (text: string): unknown => (parseJson(`[12345678901234567,${text}]`).value as unknown[])[1];

describe("parseJson", () => {
  const values: readonly [string, unknown][] = [
    ['{"a":[1,-2.5,1e3,"x\\n\\u00e9",true,false,null,{}]}', { a: [1, -2.5, 1000, "x\né", true, false, null, {}] }],
    [" [ ] ", []],
    ['"\\ud83d\\ude00 \\" \\\\"', '😀 " \\'],
    ["0", 0],
    ["-1", -1],
    ["9007199254740991", 9007199254740991],
    ["9007199254740993", 9007199254740993n],
    ["-9223372036854775808", -9223372036854775808n],
    ["1.00000000000000000001", 1],
    ['{"":{"":1}}', { "": { "": 1 } }],
  ];
  for (const [text, expected] of values) {
    it(`reads ${text}`, () => {
      expect(parseJson(text).value).to.deep.equal(expected);
      expect(carefully(text)).to.deep.equal(expected);
    });
  }

  it("reads bytes", () => {
    expect(parseJson(Buffer.from('{"a":"é"}')).value).to.deep.equal({ a: "é" });
  });

  const duplicates: readonly [string, readonly string[]][] = [
    ['{"a":1,"a":2}', ["a"]],
    ['{"a":1,"b":{"a":1}}', []],
    ['{"spec":{"c":[{"x":1},{"x":1,"y":2,"x":3}],"c":[]}}', ["spec.c[1].x", "spec.c"]],
    ['{"a":"\\"b\\":1","c":": {"}', []],
    ['{"a" : 1, "\\u0061" : 2}', ["a"]],
    ['{"__proto__":1,"__proto__":2}', ["__proto__"]],
  ];
  for (const [text, expected] of duplicates) {
    it(`reports the duplicate keys of ${text}`, () => expect(parseJson(text).duplicates).to.deep.equal(expected));
  }

  it("tells on which lines the values of duplicate keys begin", () => {
    const text = '{"a": 1,\n"a": 2, "b": {"c": 1, "c": [\n1,\n2]}, "a":\n3}';
    expect(parseJson(text).duplicateLines).to.deep.equal([2, 2, 5]);
  });

  it("lets the last of two keys count", () => {
    expect(parseJson('{"a":1,"b":2,"a":3}').value).to.deep.equal({ a: 3, b: 2 });
  });

  it("keeps __proto__ as plain data", () => {
    for (const text of ['{"__proto__":{"polluted":1}}', '{"__proto__":{"polluted":1},"n":12345678901234567}']) {
      const value = parseJson(text).value as Record<string, unknown>;
      expect(Object.keys(value)).to.include("__proto__");
      expect(value["polluted"]).to.equal(undefined);
      expect(renderJson(value)).to.equal(text);
    }
    expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
  });

  it("tells where the text is wrong", () => {
    expect(() => parseJson('{"a":1,\n}')).to.throw(
      JsonError,
      "invalid character '}' looking for beginning of object key",
    );
  });

  it("tells where invalid UTF-8 is", () => {
    const bytes = Buffer.concat([Buffer.from('{"a":\n "é'), Buffer.from([0xff]), Buffer.from('"}')]);
    expect(() => parseJson(bytes)).to.throw(JsonError, "not valid UTF-8 (line 2, column 4)");
  });

  it("bounds depth and size", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(() => parseJson(nested(1000))).not.to.throw();
    expect(() => parseJson(nested(1001))).to.throw(JsonError, "the nesting is deeper than 1000");
    expect(() => parseJson('{"a":'.repeat(100_000))).to.throw(JsonError, "the nesting is deeper than 1000");
    expect(() => parseJson(nested(100_000))).to.throw(JsonError, "the nesting is deeper than 1000");
    expect(() => parseJson(`["${"[".repeat(100_000)}`)).to.throw(JsonError, "in string literal");
    const quoted = `[${"[".repeat(900)}"${'[\\"'.repeat(50_000)}"${"]".repeat(900)}]`;
    expect(() => parseJson(quoted)).not.to.throw();
    expect(() => parseJson("[1,2,3]", { bytesMax: 5 })).to.throw(JsonError, "longer than 5 bytes");
  });

  it("keeps large integers wherever they stand", () => {
    const large = "12345678901234567";
    for (const text of [
      `{"a":${large}}`,
      `[1,${large}]`,
      `[${large}]`,
      `[-${large}]`,
      `{"a":\n${large}}`,
      `{"a":1, "b": ${large}}`,
    ]) {
      expect(renderJson(parseJson(text).value)).to.equal(text.replaceAll(/\s/g, ""));
    }
  });

  it("reports no duplicates where the writer is trusted, and keeps large integers all the same", () => {
    expect(parseJson('{"a":1,"a":2}', { duplicates: "unseen" })).to.deep.include({ value: { a: 2 }, duplicates: [] });
    expect(parseJson("[9007199254740993]", { duplicates: "unseen" }).value).to.deep.equal([9007199254740993n]);
  });

  it("reads what was written, either way", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        expect(renderJson(parseJson(text).value)).to.equal(JSON.stringify(JSON.parse(text)));
        expect(renderJson(carefully(text))).to.equal(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});

describe("renderJson", () => {
  it("writes a bigint as the integer it is", () => {
    const value = { a: 2n ** 63n, b: [1n, null, "x"], c: undefined, d: { e: -1n } };
    expect(renderJson(value)).to.equal('{"a":9223372036854775808,"b":[1,null,"x"],"d":{"e":-1}}');
  });

  it("writes everything else as JSON.stringify does", () => {
    const value = { a: [1, undefined, "\u2028"], b: undefined, c: -0, d: true };
    expect(renderJson(value)).to.equal(JSON.stringify(value));
  });

  it("does not hide other failures", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    expect(() => renderJson(cycle)).to.throw(TypeError, "circular");
  });
});
