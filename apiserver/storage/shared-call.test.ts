import { expect } from "chai";
import { SharedCall } from "./shared-call.ts";

describe("SharedCall", () => {
  it("starts one call for all who ask while another runs, and none that began before they asked", async () => {
    const finish: ((answer: string) => void)[] = [];
    const shared = new SharedCall(() => new Promise<string>((resolve) => finish.push(resolve)));
    const first = shared.run();
    const others = [shared.run(), shared.run(), shared.run()];
    expect(finish).to.have.length(1);
    finish[0]?.("one");
    expect(await first).to.equal("one");
    await Promise.resolve();
    finish[1]?.("two");
    expect(await Promise.all(others)).to.deep.equal(["two", "two", "two"]);
    expect(finish).to.have.length(2);
  });

  it("calls again after a failure", async () => {
    const answers = [Promise.reject(new Error("lost")), Promise.resolve("found")];
    const shared = new SharedCall(() => answers.shift() ?? Promise.resolve("late"));
    const [failed, next] = await Promise.allSettled([shared.run(), shared.run()]);
    expect([failed.status, next.status]).to.deep.equal(["rejected", "fulfilled"]);
    expect(await shared.run()).to.equal("late");
  });
});
