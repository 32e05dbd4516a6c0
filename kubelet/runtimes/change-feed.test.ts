import { expect } from "chai";
import { ChangeFeed } from "./change-feed.ts";
import type { RuntimeChange } from "./runtime.ts";

describe("ChangeFeed", () => {
  const take = async (from: AsyncGenerator<RuntimeChange, void>, count: number) => {
    const uids: (string | undefined)[] = [];
    while (uids.length < count) {
      const { value } = await from.next();
      uids.push(value?.podUid);
    }
    return uids;
  };

  it("begins with everything, and merges the changes of a pod while nobody reads", async () => {
    const feed = new ChangeFeed();
    const reading = feed.watch(new AbortController().signal);
    expect(await take(reading, 1)).to.deep.equal([undefined]);
    for (const uid of ["a", "b", "a", "a"]) feed.publish(uid);
    expect(await take(reading, 2)).to.deep.equal(["a", "b"]);
    feed.publish("c");
    feed.publish();
    expect(await take(reading, 1), "everything includes what is known").to.deep.equal([undefined]);
  });

  it("tells a reader who waits, and every reader", async () => {
    const feed = new ChangeFeed();
    const { signal } = new AbortController();
    const readers = [feed.changes(signal), feed.changes(signal)].map((reader) => take(reader, 1));
    feed.publish("a");
    expect(await Promise.all(readers)).to.deep.equal([["a"], ["a"]]);
  });

  it("ends when aborted, and calls listeners until they leave", async () => {
    const feed = new ChangeFeed();
    const controller = new AbortController();
    const waiting = feed.changes(controller.signal).next();
    let calls = 0;
    const leave = feed.listen(() => calls++);
    feed.publish("a");
    leave();
    feed.publish("b");
    expect(calls).to.equal(1);
    await waiting;
    const ending = feed.changes(controller.signal).next();
    controller.abort();
    expect((await ending).done).to.equal(true);
  });
});
