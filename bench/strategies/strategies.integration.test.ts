// What else is known about the strategies comes out on a small trace, too.

import { expect } from "chai";
import {
  multiPath,
  offers,
  partition,
  sharedState,
  singlePath,
  strategies,
  type Strategy,
  type Times,
} from "./index.ts";
import { runStrategy } from "./run-strategy.ts";
import { SLOW, smallTrace, timesFor } from "./small-trace.ts";

/** How long batch jobs wait: 99 of 100, in seconds. */
async function batchWait(strategy: Strategy, times: Times): Promise<number> {
  return (await runStrategy(strategy, smallTrace, times)).waits.batch.longSeconds;
}

describe("strategies on the same trace", function () {
  it("treat batch jobs alike where both schedulers are fast", async () => {
    for (const strategy of [singlePath, multiPath, offers, sharedState]) {
      expect(await batchWait(strategy, timesFor(100)), strategy.name).to.be.below(2);
    }
  });

  it("use less of a cell that is divided", async () => {
    const divided = await runStrategy(partition, smallTrace, SLOW);
    const shared = await runStrategy(sharedState, smallTrace, SLOW);
    expect(divided.waits.batch.longSeconds).to.be.above(10 * shared.waits.batch.longSeconds);
    expect(divided.use).to.be.below(shared.use);
  });

  it("meet more conflicts the coarser these are seen", async () => {
    const of = async (name: string) => {
      const strategy = strategies.find((each) => each.name === name) ?? expect.fail();
      return (await runStrategy(strategy, smallTrace, timesFor(3000))).conflicts.service ?? 0;
    };
    for (const mode of ["incremental", "all-or-nothing"]) {
      const coarse = await of(`shared state, coarse, ${mode}`);
      expect(coarse).to.be.above(0);
      expect(await of(`shared state, fine, ${mode}`)).to.be.at.most(coarse);
    }
  });

  it("serve batch jobs as well from several shards as from one scheduler", async () => {
    const sharded = strategies.find(({ name }) => name.includes("shards")) ?? expect.fail();
    const { waits, busy } = await runStrategy(sharded, smallTrace, SLOW);
    expect(waits.batch.longSeconds).to.be.below(2);
    expect(Object.keys(busy)).to.have.members(["batch-1", "batch-2", "batch-3", "service"]);
  });

  it("come to the same figures each time", async () => {
    for (const strategy of [offers, sharedState]) {
      const [first, second] = [
        await runStrategy(strategy, smallTrace, SLOW),
        await runStrategy(strategy, smallTrace, SLOW),
      ];
      expect(first).to.deep.equal(second);
    }
  });
});
