import fc from "fast-check";
import { expect } from "chai";
import { deepFreeze } from "./deep-freeze.ts";
import { shareParts } from "./share-parts.ts";

const parse = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

describe("sharing parts", () => {
  it("gives the same object where all is equal, whatever the order", () => {
    const like = deepFreeze(parse('{"a":[1,{"b":2}],"c":null}'));
    expect(shareParts(parse('{"c":null,"a":[1,{"b":2}]}'), like)).to.equal(like);
  });

  it("shares what is equal below what is not", () => {
    const like = deepFreeze(parse('{"spec":{"containers":[{"name":"c"}],"nodeName":"n"},"labels":{"a":"b"}}'));
    const shared = shareParts(parse('{"spec":{"containers":[{"name":"c"}]},"labels":{"a":"b"}}'), like);
    expect(shared).to.deep.equal({ spec: { containers: [{ name: "c" }] }, labels: { a: "b" } });
    expect(shared.labels).to.equal(like.labels);
    expect((shared.spec as { containers: unknown }).containers).to.equal(
      (like.spec as { containers: unknown }).containers,
    );
  });

  const others: readonly (readonly [value: string, like: string])[] = [
    ['{"a":1}', '{"a":1,"b":2}'],
    ['{"a":1,"b":2}', '{"a":1}'],
    ["[1,2]", "[1]"],
    ["[1]", "[1,2]"],
    ["[]", "{}"],
    ["{}", "[]"],
    ['{"0":1}', "[1]"],
    ['{"__proto__":{}}', "{}"],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"a":1}}'],
    ['{"constructor":{}}', "{}"],
    ['{"length":1}', "[1]"],
    ["null", "{}"],
    ['""', "0"],
  ];
  for (const [value, like] of others) {
    it(`leaves ${value} as it is beside ${like}`, () => {
      expect(JSON.stringify(shareParts(parse(value), deepFreeze(parse(like))))).to.equal(value);
    });
  }

  it("takes what is undefined for absent", () => {
    const like = deepFreeze({ b: 1 });
    expect(shareParts<object>({ a: undefined }, like)).to.deep.equal({ a: undefined });
    expect(shareParts<object>({ a: undefined, b: 1 }, like)).to.equal(like);
  });

  it("leaves frozen data alone", () => {
    const frozen = deepFreeze({ a: { b: 1 } });
    expect(shareParts(frozen, deepFreeze({ a: { b: 1 } }))).to.equal(frozen);
  });

  it("neither changes what data says nor leaves anything of it unfrozen", () => {
    const isFrozen = (value: unknown): boolean =>
      typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));
    // Few different keys and values, so that much is equal.
    const leaf = fc.constantFrom("a", "b", 1, null, true);
    const json = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("any"), { maxLength: 3 }), tie("object")),
      object: fc.dictionary(fc.constantFrom("x", "y", "__proto__"), tie("any"), { noNullPrototype: true }),
    })).object;
    fc.assert(
      fc.property(json, json, (value, like) => {
        const text = JSON.stringify(value);
        const kept = JSON.stringify(like);
        const frozen = deepFreeze(parse(kept));
        const shared = shareParts(parse(text), frozen);
        expect(shared).to.deep.equal(parse(text));
        expect(JSON.stringify(frozen)).to.equal(kept);
        expect(isFrozen(shared)).to.equal(true);
      }),
    );
  });
});
