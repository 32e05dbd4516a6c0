import { expect } from "chai";
import { nextTurn } from "./next-turn.ts";
import { atOnce, inTurns, type Steps } from "./steps.ts";

function* count(log: string[]): Steps<number> {
  for (let step = 1; step <= 3; step += 1) {
    log.push(`step ${step}`);
    yield;
  }
  return 3;
}

describe("work in steps", () => {
  it("can be done at once", () => {
    const log: string[] = [];
    expect(atOnce(count(log))).to.equal(3);
    expect(log).to.have.length(3);
  });

  it("can give way between its steps", async () => {
    const log: string[] = [];
    const work = inTurns(count(log));
    await nextTurn();
    log.push("other work");
    expect(await work).to.equal(3);
    expect(log.indexOf("other work")).to.be.within(1, 2);
  });
});
