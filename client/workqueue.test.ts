import { expect } from "chai";
import { createMetrics } from "../lib/metrics.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { WorkQueue } from "./workqueue.ts";

describe("WorkQueue", () => {
  const never = new AbortController().signal;
  let clock: FakeClock;
  let queue: WorkQueue;
  beforeEach(() => {
    clock = new FakeClock();
    queue = new WorkQueue({ name: "test", clock, metrics: createMetrics() });
  });

  it("hands out each key once, oldest first, however often it was added", async () => {
    for (const key of ["b", "a", "b", "c", "a"]) queue.add(key);
    expect([await queue.take(never), await queue.take(never), await queue.take(never)]).to.deep.equal(["b", "a", "c"]);
    expect(queue.length).to.equal(0);
  });

  it("never hands out a key that is being worked on, and hands it out again when it was added meanwhile", async () => {
    queue.add("a");
    await queue.take(never);
    queue.add("a");
    queue.add("a");
    let second: string | undefined;
    const taking = queue.take(never).then((key) => (second = key));
    await clock.advance(0);
    expect(second).to.equal(undefined);
    queue.done("a");
    await taking;
    expect(second).to.equal("a");
    queue.done("a");
    expect(queue.idle).to.equal(true);
  });

  it("wakes one waiting worker for each key, in the order in which they came", async () => {
    const taken: string[] = [];
    for (const worker of ["first", "second", "third"]) {
      void queue.take(never).then((key) => taken.push(`${worker}:${key}`));
    }
    queue.add("a");
    queue.add("b");
    await clock.advance(0);
    expect(taken).to.deep.equal(["first:a", "second:b"]);
  });

  it("resolves waiting workers with nothing when aborted, and keeps the keys that come later", async () => {
    const stop = new AbortController();
    const taking = queue.take(stop.signal);
    stop.abort();
    expect(await taking).to.equal(undefined);
    queue.add("a");
    expect(await queue.take(stop.signal)).to.equal(undefined);
    expect(await queue.take(never)).to.equal("a");
  });

  it("adds a delayed key at the earliest of its times", async () => {
    queue.addAfter("a", 100);
    queue.addAfter("a", 30);
    queue.addAfter("a", 60);
    await clock.advance(29);
    expect(queue.length).to.equal(0);
    await clock.advance(1);
    expect(queue.length).to.equal(1);
    await clock.advance(100);
    expect(queue.length).to.equal(1);
  });

  it("drops a key's delay when it is taken for another reason", async () => {
    queue.addAfter("a", 100);
    queue.add("a");
    queue.done((await queue.take(never)) ?? "");
    expect(queue.idle).to.equal(true);
    await clock.advance(100);
    expect(queue.length).to.equal(0);
  });

  it("retries after 5 ms, twice as long each time, up to 1,000 s, and from the start once forgotten", async () => {
    const waits: number[] = [];
    for (let failure = 0; failure < 20; failure++) {
      queue.retry("a");
      waits.push(clock.nextTimerMs() ?? NaN);
      await clock.advance(1_000_000);
      queue.done((await queue.take(never)) ?? "");
    }
    expect(waits.slice(0, 4)).to.deep.equal([5, 10, 20, 40]);
    expect(waits.slice(-2)).to.deep.equal([1_000_000, 1_000_000]);
    queue.forget("a");
    expect(queue.retry("a")).to.equal(1);
    expect(clock.nextTimerMs()).to.equal(5);
  });

  it("cancels everything that waits when cleared", () => {
    queue.add("a");
    queue.addAfter("b", 10);
    queue.clear();
    expect([queue.idle, clock.nextTimerMs()]).to.deep.equal([true, undefined]);
  });

  it("reports depth, adds and retries under client-go's names", async () => {
    const metrics = createMetrics();
    const measured = new WorkQueue({ name: "deployments", clock, metrics });
    measured.add("a");
    measured.add("b");
    measured.retry("c");
    await measured.take(never);
    const { text } = await metrics.render();
    expect(text).to.include('workqueue_depth{name="deployments"} 1');
    expect(text).to.include('workqueue_adds_total{name="deployments"} 2');
    expect(text).to.include('workqueue_retries_total{name="deployments"} 1');
  });
});
