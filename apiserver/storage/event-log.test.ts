import { expect } from "chai";
import { EventLog, type LogBatch } from "./event-log.ts";

interface Event {
  readonly revision: number;
  readonly key: string;
}

describe("EventLog", () => {
  let log: EventLog<Event>;
  let stop: AbortController;
  const build = (eventsMax?: number) => new EventLog<Event>({ after: 0, eventsMax, keyOf: (event) => event.key });
  const append = (revision: number, ...keys: string[]) =>
    log.append({ revision, events: keys.map((key) => ({ revision, key })) });
  const follow = (prefix: string, after = 0) => log.follow({ prefix, after, signal: stop.signal });
  const show = ({ revision, events }: LogBatch<Event>) =>
    `${revision}: ${events.map((event) => `${event.key}${event.revision}`).join(" ")}`;
  const next = async (followed: AsyncGenerator<LogBatch<Event>, void>) => {
    const { value } = await followed.next();
    return value ? show(value) : "end";
  };

  beforeEach(() => {
    log = build();
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  it("gives each follower what is under its prefix, merged into few batches", async () => {
    append(2, "a/1", "b/1");
    append(3, "b/2");
    append(4, "a/2");
    expect(await next(follow("a/"))).to.equal("4: a/12 a/24");
    expect(await next(follow("", 2))).to.equal("4: b/23 a/24");
  });

  it("wakes those who wait for what concerns them only", async () => {
    const waiting = next(follow("a/"));
    append(2, "b/1");
    append(3, "a/1");
    expect(await waiting).to.equal("3: a/13");
  });

  it("reports progress when asked, at once or when it is there", async () => {
    const followed = follow("a/");
    const first = next(followed);
    append(2, "b/1");
    log.request(2);
    expect(await first).to.equal("2: ");
    const second = next(followed);
    log.request(4);
    append(3, "b/1");
    expect(await second).to.equal("3: ");
    const third = next(followed);
    append(4, "b/1");
    expect(await third).to.equal("4: ");
  });

  it("reports progress that was asked for while the follower was busy", async () => {
    const followed = follow("a/");
    append(2, "a/1");
    expect(await next(followed)).to.equal("2: a/12");
    append(3, "b/1");
    log.request(3);
    expect(await next(followed)).to.equal("3: ");
  });

  it("does not count against a follower what is not for it", async () => {
    log = build(3);
    const followed = follow("quiet/");
    const first = next(followed);
    for (let revision = 2; revision < 20; revision += 1) append(revision, "busy/1");
    append(20, "quiet/1");
    expect(await first).to.equal("20: quiet/120");
  });

  it("ends a follower that has fallen behind, and refuses to start one there", async () => {
    log = build(3);
    const followed = follow("");
    append(2, "a");
    expect(await next(followed)).to.equal("2: a2");
    for (const revision of [3, 4, 5, 6]) append(revision, "a");
    expect(await next(followed)).to.equal("end");
    expect([log.oldest, log.covers(2), log.covers(3)]).to.deep.equal([3, false, true]);
    expect(await next(follow("", 2))).to.equal("end");
    expect(await next(follow("", 3))).to.equal("6: a4 a5 a6");
  });

  it("keeps a transaction together when it splits a long past into steps", async () => {
    for (let revision = 2; revision < 900; revision += 1) append(revision, "a", "b");
    const followed = follow("");
    const sizes: number[] = [];
    for (let reached = 0; reached < 899;) {
      const { value } = await followed.next();
      if (!value) break;
      expect(value.events.at(-1)?.revision).to.equal(value.revision);
      expect(value.events.length % 2).to.equal(0);
      reached = value.revision;
      sizes.push(value.events.length);
    }
    expect(sizes).to.deep.equal([1000, 796]);
  });

  it("finds an event by key and revision", () => {
    append(2, "a", "b");
    append(4, "b", "a");
    expect(log.find("a", 4)).to.deep.equal({ revision: 4, key: "a" });
    for (const [key, revision] of [
      ["a", 3],
      ["c", 4],
      ["a", 5],
    ] as const) {
      expect(log.find(key, revision)).to.equal(undefined);
    }
    log.forget(2);
    expect(log.find("a", 2)).to.equal(undefined);
  });

  it("ends its followers when it is closed, and each when it is aborted", async () => {
    const waiting = next(follow(""));
    stop.abort();
    expect(await waiting).to.equal("end");
    stop = new AbortController();
    const other = next(follow(""));
    log.close();
    expect(await other).to.equal("end");
  });
});
