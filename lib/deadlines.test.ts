import { expect } from "chai";
import { FakeClock } from "../testing/fake-clock.ts";
import { Deadlines } from "./deadlines.ts";

const never = () => new Promise<string>(() => undefined);
const late = () => "late";

describe("a limit of time", () => {
  it("changes nothing for work that ends before it", async () => {
    const deadlines = new Deadlines(new FakeClock(), 1000);
    expect(await deadlines.limit(Promise.resolve("done"), late)).to.equal("done");
    const failure = await deadlines.limit(Promise.reject(new Error("no")), late).catch((error: Error) => error.message);
    expect(failure).to.equal("no");
  });

  it("ends each piece of work at its own time", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock, 1000);
    const ended: string[] = [];
    const start = (name: string) => void deadlines.limit(never(), () => name).then((each) => ended.push(each));
    start("a");
    await clock.advance(400);
    start("b");
    await clock.advance(599);
    expect(ended).to.deep.equal([]);
    await clock.advance(1);
    expect(ended).to.deep.equal(["a"]);
    await clock.advance(400);
    expect(ended).to.deep.equal(["a", "b"]);
  });

  it("needs no timer while nothing waits", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock, 1000);
    await deadlines.limit(Promise.resolve(), () => undefined);
    await clock.advance(5000);
    const lateAgain = deadlines.limit(never(), late);
    await clock.advance(1000);
    expect(await lateAgain).to.equal("late");
  });

  it("leaves no timer behind when it is closed", async () => {
    const clock = new FakeClock();
    const deadlines = new Deadlines(clock, 1000);
    let isLate = false;
    void deadlines.limit(never(), () => ((isLate = true), "late"));
    deadlines.close();
    await clock.advance(5000);
    expect(isLate).to.equal(false);
  });
});
