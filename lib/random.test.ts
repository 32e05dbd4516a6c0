import { expect } from "chai";
import { nameSuffix, seededRandom, systemRandom, uuid } from "./random.ts";

describe("randomness", () => {
  it("repeats itself from the same seed, and only then", () => {
    const draw = (seed: number) => Array.from({ length: 5 }, seededRandom(seed).float);
    expect(draw(7)).to.deep.equal(draw(7));
    expect(draw(7)).to.not.deep.equal(draw(8));
  });

  it("stays within [0, 1) and fills it", () => {
    const random = seededRandom(1);
    const values = Array.from({ length: 10_000 }, random.float);
    expect(Math.min(...values)).to.be.within(0, 0.01);
    expect(Math.max(...values))
      .to.be.within(0.99, 1)
      .and.below(1);
  });

  it("makes version 4 UUIDs", () => {
    for (const random of [systemRandom(), seededRandom(3)]) {
      expect(uuid(random)).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it("makes name suffixes of Kubernetes' letters", () => {
    expect(nameSuffix(seededRandom(5), 8)).to.match(/^[bcdfghjklmnpqrstvwxz2456789]{8}$/);
  });
});
