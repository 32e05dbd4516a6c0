import { expect } from "chai";
import { deepFreeze } from "../../lib/deep-freeze.ts";
import { applyMergePatch } from "./merge-patch.ts";

describe("a JSON merge patch", () => {
  // The examples of RFC 7386, appendix A.
  const examples: readonly [string, string, string][] = [
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', "{}"],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', "null", "null"],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
    ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
    ["{}", '{"__proto__":{"polluted":1}}', '{"__proto__":{"polluted":1}}'],
    ['{"__proto__":{"a":1}}', '{"__proto__":{"b":2}}', '{"__proto__":{"a":1,"b":2}}'],
  ];
  for (const [current, patch, result] of examples) {
    it(`makes ${result} of ${current} by ${patch}`, () => {
      const before: unknown = deepFreeze(JSON.parse(current));
      expect(JSON.stringify(applyMergePatch(before, JSON.parse(patch)))).to.equal(result);
      expect(({} as Record<string, unknown>)["polluted"]).to.equal(undefined);
    });
  }
});
