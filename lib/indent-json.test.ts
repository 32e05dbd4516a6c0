import { expect } from "chai";
import fc from "fast-check";
import { indentJson } from "./indent-json.ts";

const indent = (...pieces: readonly (string | Uint8Array)[]) =>
  Buffer.concat([...indentJson(pieces.map((piece) => Buffer.from(piece as string)))]).toString();

describe("JSON in lines", () => {
  it("is what JSON.stringify would make of it, however it is cut", () => {
    const sample = fc.tuple(fc.jsonValue(), fc.array(fc.nat(), { maxLength: 4 }));
    fc.assert(
      fc.property(sample, ([value, cuts]) => {
        const bytes = Buffer.from(JSON.stringify(value));
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(indent(...pieces)).to.equal(`${JSON.stringify(value, undefined, 2)}\n`);
      }),
    );
  });

  it("keeps the digits of numbers", () => {
    expect(indent('{"a":9007199254740993}')).to.equal('{\n  "a": 9007199254740993\n}\n');
  });

  it("leaves what is empty on its line", () => {
    expect(indent('{"a":{},"b":[],"c":[{}]}')).to.equal('{\n  "a": {},\n  "b": [],\n  "c": [\n    {}\n  ]\n}\n');
  });
});
