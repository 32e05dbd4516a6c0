import { expect } from "chai";
import { measureVariant, variants } from "./ablation.ts";

const SIZE = { nodes: 20, pods: 200, limitMs: Infinity };

describe("an ablation", () => {
  for (const variant of variants) {
    const outcome = variant.sample ? "places worse" : "places as well";
    it(`${outcome} with "${variant.name}"`, () => {
      const { decided, most } = measureVariant(variant, SIZE);
      expect(decided).to.equal(SIZE.pods);
      const best = measureVariant(variants[0] ?? expect.fail(), SIZE).most;
      if (variant.sample) expect(most).to.be.greaterThan(best);
      else expect(most).to.equal(best);
    });
  }
});
