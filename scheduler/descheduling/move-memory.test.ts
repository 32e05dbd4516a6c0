import { expect } from "chai";
import { MoveMemory } from "./move-memory.ts";

describe("the memory of moves", () => {
  const memory = () => new MoveMemory({ initialMs: 60, maxMs: 240 });

  it("leaves an owner alone for a while, and others not", () => {
    const moves = memory();
    moves.moved("a", 3, 0);
    expect([0, 59, 60].map((nowMs) => moves.mayMove("a", nowMs))).to.deep.equal([false, false, true]);
    expect(moves.mayMove("b", 0)).to.equal(true);
    expect(moves.nextMs(["a", "b"], 10)).to.equal(60);
    expect(moves.nextMs(["b"], 10)).to.equal(undefined);
  });

  it("waits longer each time that moving has not helped, up to a limit", () => {
    const moves = memory();
    let nowMs = 0;
    const waits = Array.from({ length: 4 }, () => {
      moves.moved("a", 2, nowMs);
      const startMs = nowMs;
      nowMs = moves.nextMs(["a"], nowMs) ?? 0;
      return nowMs - startMs;
    });
    expect(waits).to.deep.equal([60, 120, 240, 240]);
  });

  it("does not wait longer as long as fewer pods are out of place each time", () => {
    const moves = memory();
    moves.moved("a", 9, 0);
    moves.moved("a", 4, 60);
    expect(moves.nextMs(["a"], 60)).to.equal(120);
  });

  it("takes what happens long afterwards for something else", () => {
    const moves = memory();
    moves.moved("a", 2, 0);
    moves.moved("a", 2, 1_000);
    expect(moves.nextMs(["a"], 1_000)).to.equal(1_060);
  });
});
