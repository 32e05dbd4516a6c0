import { expect } from "chai";
import { slowStart } from "./slow-start.ts";

describe("a slow start", () => {
  /** Counts the calls, and fails from the given one on. */
  async function run(count: number, failFrom = Infinity) {
    let calls = 0;
    let active = 0;
    const batches: number[] = [];
    const result = await slowStart(count, async () => {
      const call = ++calls;
      active++;
      await Promise.resolve();
      if (active > 0) batches.push(active);
      active = 0;
      if (call >= failFrom) throw new Error(`call ${call}`);
    });
    return { calls, batches, succeeded: result.succeeded, errors: result.errors.length };
  }

  it("doubles its batches", async () => {
    expect(await run(10)).to.deep.equal({ calls: 10, batches: [1, 2, 4, 3], succeeded: 10, errors: 0 });
  });

  it("does nothing for nothing", async () => {
    expect(await run(0)).to.deep.equal({ calls: 0, batches: [], succeeded: 0, errors: 0 });
  });

  it("makes one attempt only when the first one fails", async () => {
    expect(await run(500, 1)).to.deep.equal({ calls: 1, batches: [1], succeeded: 0, errors: 1 });
  });

  it("finishes the batch in which a call fails, and stops", async () => {
    expect(await run(500, 5)).to.deep.equal({ calls: 7, batches: [1, 2, 4], succeeded: 4, errors: 3 });
  });
});
