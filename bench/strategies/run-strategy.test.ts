import { expect } from "chai";
import { multiPath, offers, sharedState, singlePath, type Strategy, type Times } from "./index.ts";
import { runStrategy } from "./run-strategy.ts";
import { SLOW, smallTrace } from "./small-trace.ts";

/** How long batch jobs wait: 99 of 100, in seconds. */
async function batchWait(strategy: Strategy, times: Times): Promise<number> {
  return (await runStrategy(strategy, smallTrace, times)).waits.batch.longSeconds;
}

describe("strategies on the same trace", function () {
  this.timeout(60_000);

  it("let a slow service scheduler starve batch jobs under offers and in one path, not over shared state", async () => {
    const shared = await batchWait(sharedState, SLOW);
    expect(shared).to.be.below(1);
    expect(await batchWait(offers, SLOW)).to.be.above(10 * shared);
    expect(await batchWait(multiPath, SLOW)).to.be.above(10 * shared);
    expect(await batchWait(singlePath, SLOW)).to.be.above(100 * shared);
  });
});
