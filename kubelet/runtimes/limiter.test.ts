import { expect } from "chai";
import { Limiter } from "./limiter.ts";

describe("Limiter", () => {
  it("runs no more than the given number at a time, and all in the end", async () => {
    const limiter = new Limiter(2);
    const { signal } = new AbortController();
    let running = 0;
    let most = 0;
    const work = async (result: number) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      return result;
    };
    const results = await Promise.all([1, 2, 3, 4, 5].map((each) => limiter.run(signal, () => work(each))));
    expect(results).to.deep.equal([1, 2, 3, 4, 5]);
    expect(most).to.equal(2);
  });

  it("lets a waiting call be aborted without losing its place for others", async () => {
    const limiter = new Limiter(1);
    const { signal } = new AbortController();
    const aborted = new AbortController();
    let finish: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    const first = limiter.run(signal, () => held);
    const second = limiter.run(aborted.signal, () => Promise.resolve("ran")).catch((error: Error) => error.name);
    const third = limiter.run(signal, () => Promise.resolve("ran"));
    aborted.abort();
    finish();
    await first;
    expect(await second).to.equal("AbortError");
    expect(await third).to.equal("ran");
    expect(await limiter.run(signal, () => Promise.resolve("again"))).to.equal("again");
  });

  it("goes on after a failure", async () => {
    const limiter = new Limiter(1);
    const { signal } = new AbortController();
    const error = await limiter.run(signal, () => Promise.reject(new Error("no"))).catch((reason: Error) => reason);
    expect(error).to.have.property("message", "no");
    expect(await limiter.run(signal, () => Promise.resolve(1))).to.equal(1);
  });
});
