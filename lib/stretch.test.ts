import { expect } from "chai";
import { Stretch } from "./stretch.ts";

describe("a stretch of work", () => {
  it("is over after a few milliseconds, and begins anew after a pause", async () => {
    let nowMs = 100;
    const stretch = new Stretch({ monotonic: () => nowMs });
    expect(stretch.isOver).to.equal(false);
    let others = 0;
    setImmediate(() => (others += 1));
    await stretch.giveWay();
    expect(others).to.equal(0);
    nowMs += 20;
    expect(stretch.isOver).to.equal(true);
    await stretch.giveWay();
    expect([stretch.isOver, others]).to.deep.equal([false, 1]);
  });
});
