import { expect } from "chai";
import { leases } from "../api/coordination/lease.ts";
import { StatusError } from "../api/meta/status.ts";
import type { Handler } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createClient } from "./api-client.ts";
import { runWithLeaderElection } from "./leader-election.ts";

const lease = { namespace: "kube-system", name: "kube-scheduler" };

describe("runWithLeaderElection", () => {
  let clock: FakeClock;
  let server: FakeApiServer;
  let leading: Map<string, string>;
  let history: string[];
  let candidates: { stop(): void; ended: Promise<void> }[];

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeApiServer();
    leading = new Map();
    history = [];
    candidates = [];
  });
  afterEach(async () => {
    for (const { stop } of candidates) stop();
    await clock.advance(10_000);
    await Promise.all(candidates.map(({ ended }) => ended));
  });

  /** Starts a candidate. `leading` holds those who believe that they lead, with their fence. */
  async function candidate(identity: string, transport: Handler = server.handle) {
    const stop = new AbortController();
    const random = seededRandom(identity.length);
    const options = { client: createClient(transport), lease, identity, clock, random, log: silentLog };
    const ended = runWithLeaderElection(
      options,
      async ({ fence, signal }) => {
        leading.set(identity, fence);
        history.push(fence);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        leading.delete(identity);
      },
      stop.signal,
    );
    candidates.push({ stop: () => stop.abort(), ended });
    await clock.advance(0);
    return { stop: () => stop.abort(), ended };
  }

  const stored = () => createClient(server.handle).get(leases, lease);

  it("makes the first candidate the leader, and the second wait while the first renews", async () => {
    await candidate("a");
    await candidate("b");
    await clock.advance(120_000);
    expect([...leading]).to.deep.equal([["a", "kube-system/kube-scheduler;a;0"]]);
    expect((await stored()).spec).to.include({ holderIdentity: "a", leaseDurationSeconds: 15, leaseTransitions: 0 });
  });

  it("hands over at once when the leader stops, under a new fence", async () => {
    const first = await candidate("a");
    await candidate("b");
    first.stop();
    await clock.advance(4500);
    await first.ended;
    expect([...leading.values()]).to.deep.equal(["kube-system/kube-scheduler;b;1"]);
  });

  it("ends the term of a leader that cannot renew before anybody else can lead", async () => {
    let reachable = true;
    await candidate("cut", (request) =>
      reachable ? server.handle(request) : Promise.reject(new StatusError("ServiceUnavailable", "unreachable")),
    );
    await candidate("b");
    reachable = false;
    let both = false;
    const events: string[] = [];
    for (let second = 0; second < 60; second++) {
      await clock.advance(1000);
      both ||= leading.size > 1;
      if (leading.size === 0 && events.length === 0) events.push(`none after ${second + 1} s`);
      if (leading.has("b") && events.length === 1) events.push(`b after ${second + 1} s`);
    }
    expect(both).to.equal(false);
    expect(events[0]).to.match(/none after (9|10|11) s/);
    expect(events[1]).to.match(/b after (1[5-9]|20) s/);
    expect(leading.get("b")).to.equal("kube-system/kube-scheduler;b;1");
  });

  it("ends a term whose renewal hangs, at the renewal deadline", async () => {
    let hanging = false;
    const hang: Handler = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));
    await candidate("a", (request) => (hanging ? hang(request) : server.handle(request)));
    await clock.advance(4000);
    hanging = true;
    await clock.advance(11_000);
    expect(leading.size).to.equal(0);
  });

  it("ends the term of a leader whose lease was taken from it", async () => {
    await candidate("a");
    const held = await stored();
    await createClient(server.handle).update(leases, { ...held, spec: { ...held.spec, holderIdentity: "thief" } });
    await clock.advance(2000);
    expect(leading.size).to.equal(0);
  });

  it("judges the lease by its own monotonic time, whatever the wall clocks say", async () => {
    await candidate("a");
    await candidate("b");
    clock.jumpWallClock(3_600_000);
    await clock.advance(60_000);
    clock.jumpWallClock(-7_200_000);
    await clock.advance(60_000);
    expect(history).to.deep.equal(["kube-system/kube-scheduler;a;0"]);
  });

  it("rejects with what the leader's work rejects with, having released the lease", async () => {
    const client = createClient(server.handle);
    const options = { client, lease, identity: "a", clock, random: seededRandom(1), log: silentLog };
    const lead = () => Promise.reject(new Error("broken"));
    const ended = runWithLeaderElection(options, lead, new AbortController().signal).catch(String);
    await clock.advance(0);
    expect(await ended).to.equal("Error: broken");
    expect((await stored()).spec.holderIdentity).to.equal("");
  });
});
