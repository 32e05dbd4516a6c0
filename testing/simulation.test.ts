import { expect } from "chai";
import { simulate } from "./simulation/simulation.ts";

const STEPS = 15;

describe("a simulated cluster", () => {
  it("comes to the desired state after chaos, and repeats its history for the same seed", async () => {
    const [first, again] = [await simulate({ seed: 3, steps: STEPS }), await simulate({ seed: 3, steps: STEPS })];
    expect(first.violations).to.deep.equal([]);
    expect(first.revision).to.be.above(100);
    expect(again).to.deep.equal(first);
  });

  it("lives another life for another seed", async () => {
    const [one, other] = [await simulate({ seed: 1, steps: 5 }), await simulate({ seed: 2, steps: 5 })];
    expect(one.violations).to.deep.equal([]);
    expect(other.violations).to.deep.equal([]);
    expect(one.digest).not.to.equal(other.digest);
  });
});
