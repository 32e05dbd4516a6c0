import { expect } from "chai";
import { simulateCrash, type CrashPoint } from "./simulation/crash-points.ts";
import { simulate } from "./simulation/simulation.ts";

const STEPS = 10;

describe("a simulated cluster", function () {
  // Seconds of computing become many on a machine that does other work.
  this.timeout(60_000);

  it("comes to the desired state after chaos, and repeats its history for the same seed", async () => {
    const [first, again] = [await simulate({ seed: 1, steps: STEPS }), await simulate({ seed: 1, steps: STEPS })];
    expect(first.violations).to.deep.equal([]);
    expect(first.revision).to.be.above(100);
    expect(again).to.deep.equal(first);
  });

  it("lives another life for another seed", async () => {
    const [one, other] = [await simulate({ seed: 2, steps: 5 }), await simulate({ seed: 3, steps: 5 })];
    expect(one.violations).to.deep.equal([]);
    expect(other.violations).to.deep.equal([]);
    expect(one.digest).not.to.equal(other.digest);
  });

  // A few of the points that `npm run simulate -- --crash-points` tries one by one.
  const points: readonly CrashPoint[] = [
    { component: "controllers", write: 20 },
    { component: "controllers", write: 70 },
    { component: "scheduler", write: 2 },
    { component: "kubelet", write: 40 },
  ];
  for (const { component, write } of points) {
    it(`comes to the desired state despite a crash after write ${write} of the ${component}`, async () => {
      expect(await simulateCrash({ component, write })).to.deep.equal({ crashed: true, violations: [] });
    });
  }
});
