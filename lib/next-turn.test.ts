import { expect } from "chai";
import { nextTurn } from "./next-turn.ts";

describe("nextTurn", () => {
  it("lets what waits already go first", async () => {
    const order: string[] = [];
    const waiting = new Promise<void>((resolve) =>
      setImmediate(() => {
        order.push("waiting");
        resolve();
      }),
    );
    const promised = Promise.resolve().then(() => order.push("promised"));
    await nextTurn();
    order.push("next");
    await Promise.all([waiting, promised]);
    expect(order).to.deep.equal(["promised", "waiting", "next"]);
  });

  /** Holds the event loop. */
  function work(durationMs: number): void {
    const endMs = performance.now() + durationMs;
    while (performance.now() < endMs);
  }

  /** In which turn of the event loop each of several workers is, who begin at the same time. */
  async function turnsOf(workers: number, durationMs: number): Promise<readonly number[]> {
    let turn = 0;
    let isCounting = true;
    const count = () => {
      turn += 1;
      if (isCounting) setImmediate(count);
    };
    setImmediate(count);
    const turns = await Promise.all(
      Array.from({ length: workers }, async () => {
        await nextTurn();
        // What follows from being resumed is part of the same work.
        await Promise.resolve();
        work(durationMs);
        return turn;
      }),
    );
    isCounting = false;
    return turns;
  }

  it("gives those with much to do a turn each, in order", async () => {
    const turns = await turnsOf(4, 6);
    expect(new Set(turns).size).to.equal(4);
    expect([...turns].sort((a, b) => a - b)).to.deep.equal(turns);
  });

  it("lets many with little to do share their turns", async () => {
    expect(new Set(await turnsOf(1000, 0)).size).to.be.lessThan(100);
  });
});
