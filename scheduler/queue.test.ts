import { expect } from "chai";
import type { Pod } from "../api/core/pod.ts";
import { asStored, newPod } from "../testing/builders.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { PodInfo } from "./pod-info.ts";
import { nodeAffinity } from "./plugins/node-affinity.ts";
import { resourcesFit } from "./plugins/resources-fit.ts";
import { SchedulingQueue } from "./queue.ts";

const pod = (name: string, spec: Partial<Pod["spec"]> = {}, status: Partial<Pod["status"]> = {}) =>
  new PodInfo(asStored<Pod>(newPod(name, { spec, status })));

describe("SchedulingQueue", () => {
  let clock: FakeClock;
  let queue: SchedulingQueue;
  const fits = () => true;

  beforeEach(() => {
    clock = new FakeClock();
    queue = new SchedulingQueue(clock);
  });
  afterEach(() => queue.clear());

  /** Takes the next pod if there is one now. */
  async function take() {
    const now = new AbortController();
    const taking = queue.take(now.signal);
    now.abort();
    return taking;
  }
  const takeName = async () => (await take())?.pod.pod.metadata.name;

  /** Takes the pod and parks it. */
  async function park(name: string, ...rejectedBy: (typeof resourcesFit)[]) {
    queue.put(pod(name));
    const taken = (await take()) ?? expect.fail("nothing to take");
    queue.park(taken, new Set(rejectedBy));
    return taken;
  }

  it("gives pods by priority, then in the order in which they came", async () => {
    for (const [name, priority] of Object.entries({ low: -1, first: 0, urgent: 1000, second: 0 }))
      queue.put(pod(name, { priority }));
    expect([await takeName(), await takeName(), await takeName(), await takeName()]).to.deep.equal([
      "urgent",
      "first",
      "second",
      "low",
    ]);
    expect(await takeName()).to.equal(undefined);
  });

  it("hands a pod to whoever waits for one", async () => {
    const taking = queue.take(new AbortController().signal);
    queue.put(pod("a"));
    expect((await taking)?.pod.key).to.equal("default/a");
  });

  it("keeps one entry for each pod, with its newest version", async () => {
    queue.put(pod("a"));
    queue.put(pod("a", { priority: 5 }));
    expect(queue.counts.active).to.equal(1);
    expect((await take())?.pod.priority).to.equal(5);
    expect(await take()).to.equal(undefined);
  });

  it("does not give out a pod that was removed, wherever it was", async () => {
    queue.put(pod("active"));
    queue.remove(pod("active").uid);
    const parked = await park("parked", resourcesFit);
    queue.remove(parked.pod.uid);
    queue.wake(["PodRemoved"], fits);
    await clock.advance(600_000);
    expect(await take()).to.equal(undefined);
    expect(queue.counts).to.deep.equal({ active: 0, backoff: 0, unschedulable: 0, gated: 0 });
  });

  it("wakes a pod for changes that its rules wait for, after its back-off", async () => {
    await park("a", resourcesFit);
    queue.wake(["NodeLabels"], fits);
    expect(queue.counts.unschedulable).to.equal(1);
    queue.wake(["PodRemoved"], fits);
    expect(queue.counts.backoff).to.equal(1);
    await clock.advance(999);
    expect(await takeName()).to.equal(undefined);
    await clock.advance(1);
    expect(await takeName()).to.equal("a");
  });

  it("does not wake a pod that the same rule would turn away even now, but one that would meet a new rule", async () => {
    await park("a", resourcesFit);
    queue.wake(["PodRemoved"], (_, rejectedBy) => !rejectedBy.has(resourcesFit));
    expect(queue.counts.unschedulable).to.equal(1);
    queue.wake(["NodeAdded"], (_, rejectedBy) => !rejectedBy.has(nodeAffinity));
    expect(queue.counts.unschedulable).to.equal(0);
  });

  it("wakes a pod at once when its back-off has passed already", async () => {
    await park("a", nodeAffinity);
    await clock.advance(1500);
    queue.wake(["NodeLabels"], fits);
    expect(await takeName()).to.equal("a");
  });

  it("wakes pods that found no node at all when one is added", async () => {
    await park("a");
    await clock.advance(1500);
    queue.wake(["NodeAdded"], fits);
    expect(await takeName()).to.equal("a");
  });

  it("waits 1, 2, 4, 8, 10, 10 seconds after failed attempts", async () => {
    queue.put(pod("a"));
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      const taken = (await take()) ?? expect.fail("nothing to take");
      queue.retry(taken);
      waits.push(clock.nextTimerMs() ?? NaN);
      await clock.advance(clock.nextTimerMs() ?? 0);
    }
    expect(waits).to.deep.equal([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it("tries an unschedulable pod again after five minutes without any change", async () => {
    await park("a", resourcesFit);
    await clock.advance(299_999);
    expect(await takeName()).to.equal(undefined);
    await clock.advance(1);
    expect(await takeName()).to.equal("a");
  });

  it("tries an unschedulable pod again when its spec changes, not when its status does", async () => {
    await park("a", resourcesFit);
    await clock.advance(2000);
    queue.put(pod("a", {}, { phase: "Pending" }));
    expect(await takeName()).to.equal(undefined);
    queue.put(pod("a", { tolerations: [{ operator: "Exists" }] }));
    expect(await takeName()).to.equal("a");
  });

  it("holds a pod until it is resumed, whatever changes and however long it takes, without counting it as tried", async () => {
    queue.put(pod("a"));
    const taken = (await take()) ?? expect.fail("nothing to take");
    queue.hold(taken);
    queue.wake(["PodRemoved", "NodeAdded"], fits);
    await clock.advance(600_000);
    expect(await takeName()).to.equal(undefined);
    queue.resume("uid-default-a");
    expect(await take()).to.include({ attempts: 1 });
  });

  it("resumes only what is held", async () => {
    await park("a", resourcesFit);
    await clock.advance(5000);
    queue.resume("uid-default-a");
    queue.resume("unknown");
    expect(await takeName()).to.equal(undefined);
  });

  it("gives a pod together with another, wherever it waits, and only once", async () => {
    await park("parked", resourcesFit);
    queue.put(pod("active"));
    for (const name of ["parked", "active"]) {
      expect(queue.takeAlso(`uid-default-${name}`)?.pod.key).to.equal(`default/${name}`);
      expect(queue.takeAlso(`uid-default-${name}`)).to.equal(undefined);
    }
    expect(await takeName()).to.equal(undefined);
    expect(queue.counts).to.deep.equal({ active: 0, backoff: 0, unschedulable: 0, gated: 0 });
  });

  it("counts pods that may not be tried yet, and tries them when they may", async () => {
    queue.gate(pod("a").uid);
    queue.gate(pod("b").uid);
    expect(queue.counts).to.include({ gated: 2, active: 0 });
    expect(await take()).to.equal(undefined);
    queue.put(pod("a"));
    queue.remove(pod("b").uid);
    expect(queue.counts).to.include({ gated: 0, active: 1 });
    expect(await takeName()).to.equal("a");
  });

  it("leaves no timer behind when cleared", async () => {
    await park("a", resourcesFit);
    queue.clear();
    expect(clock.nextTimerMs()).to.equal(undefined);
  });
});
