import { expect } from "chai";
import { seededRandom } from "../../lib/random.ts";
import { IndexSet } from "./index-set.ts";

const texts: [given: string, completions: number, written: string][] = [
  ["", 5, ""],
  ["0,1,2", 5, "0-2"],
  ["0,1", 5, "0,1"],
  ["0-1,3", 5, "0,1,3"],
  ["1-9", 5, "1-4"],
  ["1,7-9", 5, "1"],
  ["x,2,-1", 5, "2"],
];

describe("a set of indexes", () => {
  for (const [given, completions, written] of texts) {
    it(`is read from "${given}" of ${completions} and written as "${written}"`, () => {
      expect(String(IndexSet.parse(given, completions))).to.equal(written);
    });
  }

  it("is as a plain set, whatever is in it", () => {
    const random = seededRandom(7);
    for (let round = 0; round < 200; round++) {
      const draw = () => Array.from({ length: Math.floor(random.float() * 12) }, () => Math.floor(random.float() * 20));
      const [a, b] = [new Set(draw()), new Set(draw())];
      const [left, right] = [IndexSet.of(a), IndexSet.of(b)];
      const all = new Set([...a, ...b]);
      const union = left.union(right);
      expect(union.size).to.equal(all.size);
      expect(String(IndexSet.parse(String(union), 20))).to.equal(String(union));
      expect(left.countShared(right)).to.equal([...a].filter((each) => b.has(each)).length);
      const missing = Array.from({ length: 20 }, (_, index) => index).filter((index) => !all.has(index));
      expect(union.firstMissing(4, 20)).to.deep.equal(missing.slice(0, 4));
      for (let index = 0; index < 20; index++) expect(union.has(index)).to.equal(all.has(index));
    }
  });
});
