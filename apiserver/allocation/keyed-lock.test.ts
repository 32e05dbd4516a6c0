import { expect } from "chai";
import { KeyedLock } from "./keyed-lock.ts";

const turn = () => new Promise<void>((resolve) => queueMicrotask(resolve));

describe("the lock of keys", () => {
  it("lets holders of a common key run one after the other, in the order they came", async () => {
    const lock = new KeyedLock();
    const log: string[] = [];
    const run = (name: string, keys: string[]) =>
      lock.hold(keys, async () => {
        log.push(`${name} begins`);
        await turn();
        log.push(`${name} ends`);
      });
    await Promise.all([run("a", ["x", "y"]), run("b", ["y", "z"]), run("c", ["z", "x"])]);
    for (let index = 0; index < log.length; index += 2)
      expect(log[index + 1]).to.equal(log[index]?.replace("begins", "ends"));
  });

  it("lets holders of different keys run together", async () => {
    const lock = new KeyedLock();
    let running = 0;
    let most = 0;
    const run = (key: string) =>
      lock.hold([key], async () => {
        most = Math.max(most, (running += 1));
        await turn();
        running -= 1;
      });
    await Promise.all([run("a"), run("b")]);
    expect(most).to.equal(2);
  });

  it("goes on after a holder has failed", async () => {
    const lock = new KeyedLock();
    const failed = lock.hold(["a"], () => Promise.reject(new Error("no"))).catch((error: Error) => error.message);
    const next = lock.hold(["a"], () => Promise.resolve("yes"));
    expect(await Promise.all([failed, next])).to.deep.equal(["no", "yes"]);
  });
});
