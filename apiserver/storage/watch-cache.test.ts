import { expect } from "chai";
import { silentLog } from "../../lib/log.ts";
import type { KubeObject } from "../../api/meta/object.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import type { CacheBatch } from "./cache-entry.ts";
import { MemoryStore } from "./memory-store.ts";
import { Compacted, Unavailable, type Revision } from "./store.ts";
import { SlowWatcher, WatchCache, type EncodedVersion, type WatchCacheOptions } from "./watch-cache.ts";

const PREFIX = "/registry/pods/";

const encode = (name: string, extra: object = {}) =>
  Buffer.from(JSON.stringify({ apiVersion: "v1", kind: "Pod", metadata: { name, uid: `uid-${name}`, ...extra } }));

function decode({ value, revision }: EncodedVersion): KubeObject {
  const object = JSON.parse(Buffer.from(value).toString()) as KubeObject;
  const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(revision) });
  return Object.freeze({ ...object, metadata });
}

/** What a watcher sees, one line per event; `-` and a revision for progress. */
function describeBatch({ revision, events }: CacheBatch): string[] {
  if (events.length === 0) return [`- ${revision}`];
  return events.map(
    ({ type, entry }) => `${type} ${entry.object.metadata.name} ${entry.object.metadata.resourceVersion}`,
  );
}

describe("WatchCache", () => {
  let store: MemoryStore;
  let clock: FakeClock;
  let stop: AbortController;

  beforeEach(() => {
    store = new MemoryStore();
    clock = new FakeClock();
    stop = new AbortController();
  });
  afterEach(() => stop.abort(new Error("the test is over")));

  const put = (key: string, value = encode(key.split("/").at(-1) ?? "")) =>
    store.commit({ checks: [], writes: [{ key: PREFIX + key, value }] });
  const remove = (key: string) => store.commit({ checks: [], writes: [{ key: PREFIX + key, value: undefined }] });
  const elsewhere = () => store.commit({ checks: [], writes: [{ key: "/registry/nodes/n1", value: encode("n1") }] });

  function build(options: Partial<WatchCacheOptions> = {}): WatchCache {
    return new WatchCache({ store, prefix: PREFIX, decode, log: silentLog, clock, ...options });
  }

  async function started(options: Partial<WatchCacheOptions> = {}): Promise<WatchCache> {
    const cache = build(options);
    await cache.start(stop.signal);
    return cache;
  }

  const namesIn = (cache: WatchCache, prefix = PREFIX) =>
    cache.list(prefix).map((entry) => `${entry.object.metadata.name}@${entry.revision}`);

  /** Reads batches until this many lines have been seen. */
  async function collect(
    cache: WatchCache,
    after: Revision,
    options: { lines: number; prefix?: string; again?: boolean },
  ) {
    const lines: string[] = [];
    const { prefix = PREFIX, again } = options;
    for await (const batch of cache.watch({ prefix, after, signal: stop.signal, again })) {
      lines.push(...describeBatch(batch));
      if (lines.length >= options.lines) break;
    }
    return lines;
  }

  it("shows what was stored before it started, and what is committed later", async () => {
    await put("a/one");
    const cache = await started();
    await put("b/two");
    await put("a/zero");
    await remove("a/one");
    await cache.fresh();
    expect(namesIn(cache)).to.deep.equal(["zero@4", "two@3"]);
    expect(namesIn(cache, `${PREFIX}a/`)).to.deep.equal(["zero@4"]);
    expect(cache.get(`${PREFIX}b/two`)?.object.metadata.resourceVersion).to.equal("3");
    expect(cache.get(`${PREFIX}a/one`)).to.equal(undefined);
    expect(cache.revision).to.equal(5);
  });

  it("is fresh although the newest change is under another prefix", async () => {
    const cache = await started();
    for (let round = 0; round < 3; round += 1) {
      const revision = await elsewhere();
      await Promise.all([cache.fresh(), cache.fresh()]);
      expect(cache.revision).to.equal(revision);
    }
  });

  it("waits for a revision, up to a limit", async () => {
    const cache = await started();
    expect(await cache.reached(1, 0)).to.equal(true);
    expect(await cache.reached(await elsewhere(), 1000)).to.equal(true);
    const future = cache.reached(cache.revision + 1, 1000);
    await clock.advance(1000);
    expect(await future).to.equal(false);
    const soon = cache.reached(cache.revision + 1, 1000);
    await put("a/one");
    expect(await soon).to.equal(true);
  });

  it("gives up a wait for freshness with the caller's reason", async () => {
    const lagging = Object.assign(new MemoryStore(), { revision: () => Promise.resolve(99) });
    const cache = await started({ store: lagging });
    const caller = new AbortController();
    const wait = cache.fresh(caller);
    caller.abort(new Error("request ended"));
    expect(await wait.catch((error: Error) => error.message)).to.equal("request ended");
  });

  it("tells watchers of additions, changes and deletions, with the states before", async () => {
    const cache = await started();
    const watch = cache.watch({ prefix: PREFIX, after: 1, signal: stop.signal })[Symbol.asyncIterator]();
    await put("a/one");
    await put("a/one");
    await remove("a/one");
    await cache.fresh();
    const batch = (await watch.next()).value as CacheBatch;
    expect(describeBatch(batch)).to.deep.equal(["ADDED one 2", "MODIFIED one 3", "DELETED one 4"]);
    expect(batch.events.map((event) => event.previous?.revision)).to.deep.equal([undefined, 2, 3]);
    expect(batch.events.map((event) => event.revision)).to.deep.equal([2, 3, 4]);
    expect(batch.revision).to.equal(4);
  });

  it("starts late watchers anywhere in its window, and earlier as long as the store knows what happened", async () => {
    const cache = await started({ windowMax: 3 });
    for (const name of ["one", "two", "three", "four", "five"]) await put(`a/${name}`);
    await cache.fresh();
    expect(await collect(cache, 3, { lines: 3 })).to.deep.equal(["ADDED three 4", "ADDED four 5", "ADDED five 6"]);
    expect(await collect(cache, 5, { lines: 1 })).to.deep.equal(["ADDED five 6"]);
    const older = collect(cache, 2, { lines: 5 });
    await put("a/six");
    expect(await older).to.deep.equal(["ADDED two 3", "ADDED three 4", "ADDED four 5", "ADDED five 6", "ADDED six 7"]);
    await store.compact(4);
    const tooOld = await collect(cache, 2, { lines: 1 }).catch((error: unknown) => error);
    expect(tooOld).to.be.instanceOf(Compacted);
  });

  it("serves a watch from before its first list, deletions and all, and goes on with what is new", async () => {
    await put("a/one");
    await put("b/two");
    await put("a/one");
    await remove("a/one");
    const cache = await started();
    const watch = collect(cache, 1, { lines: 4, prefix: `${PREFIX}a/` });
    await put("a/three");
    expect(await watch).to.deep.equal(["ADDED one 2", "MODIFIED one 4", "DELETED one 5", "ADDED three 6"]);
  });

  describe("for a watcher that may know a revision in part", () => {
    const putTogether = (...keys: string[]) =>
      store.commit({ checks: [], writes: keys.map((key) => ({ key: PREFIX + key, value: encode(key.slice(2)) })) });
    const again = (cache: WatchCache, after: Revision, lines: number) => collect(cache, after, { lines, again: true });

    it("tells the changes of that revision again", async () => {
      const cache = await started();
      const revision = await putTogether("a/one", "a/two");
      await put("a/three");
      await cache.fresh();
      expect(await again(cache, revision, 3)).to.deep.equal(["ADDED one 2", "ADDED two 2", "ADDED three 3"]);
      expect(await collect(cache, revision, { lines: 1 })).to.deep.equal(["ADDED three 3"]);
    });

    it("knows them also where they are those of its own first list, with what was deleted by them", async () => {
      await putTogether("a/one", "a/two");
      const writes = ["a/one", "a/two", "a/three"].map((key, at) => ({
        key: PREFIX + key,
        value: at === 1 ? undefined : encode(key.slice(2)),
      }));
      await store.commit({ checks: [], writes });
      const cache = await started();
      expect(await again(cache, 3, 3)).to.deep.equal(["MODIFIED one 3", "DELETED two 3", "ADDED three 3"]);
    });

    it("reads them from the store where its window begins among them", async () => {
      const cache = await started({ windowMax: 3 });
      const revision = await putTogether("a/one", "a/two");
      await putTogether("a/six", "a/ten");
      await cache.fresh();
      const lines = ["ADDED one 2", "ADDED two 2", "ADDED six 3", "ADDED ten 3"];
      expect(await again(cache, revision, 4)).to.deep.equal(lines);
      await store.compact(revision);
      expect(await again(cache, revision, 1).catch((error: unknown) => error)).to.be.instanceOf(Compacted);
    });

    it("begins after it where nobody can tell them any more, and nothing has happened since", async () => {
      await put("a/one");
      const revision = await putTogether("a/two", "a/three");
      await store.compact(revision);
      const cache = await started();
      const watch = again(cache, revision, 1);
      await put("a/four");
      expect(await watch).to.deep.equal(["ADDED four 4"]);
      const tooOld = await collect(cache, revision - 1, { lines: 1 }).catch((error: unknown) => error);
      expect(tooOld).to.be.instanceOf(Compacted);
    });
  });

  it("reads no history that is too long for one watcher", async () => {
    for (let write = 0; write <= 10_001; write += 1) await put("a/one");
    const cache = await started();
    expect(await collect(cache, 1, { lines: 1 }).catch((error: unknown) => error)).to.be.instanceOf(Compacted);
  });

  it("cuts a watcher that falls out of the window, and no other", async () => {
    const cache = await started({ windowMax: 4 });
    const slow = cache.watch({ prefix: PREFIX, after: 1, signal: stop.signal });
    await put("a/first");
    expect(describeBatch((await slow.next()).value as CacheBatch)).to.deep.equal(["ADDED first 2"]);
    const quick = collect(cache, 1, { lines: 7 });
    for (let index = 0; index < 6; index += 1) {
      await put(`a/p${index}`);
      await cache.fresh();
    }
    expect(await slow.next().catch((error: unknown) => error)).to.be.instanceOf(SlowWatcher);
    expect(await quick).to.have.length(7);
  });

  it("shares events and their bytes among watchers", async () => {
    const cache = await started();
    const watches = [1, 2, 3].map(() => cache.watch({ prefix: PREFIX, after: 1, signal: stop.signal }));
    await put("a/one");
    await cache.fresh();
    const batches = await Promise.all(watches.map(async (watch) => (await watch.next()).value as CacheBatch));
    const [first, ...others] = batches.map((batch) => batch.events[0]);
    for (const other of others) expect(other).to.equal(first);
    expect(first?.entry.bytes()).to.equal(cache.get(`${PREFIX}a/one`)?.bytes());
    expect(JSON.parse(Buffer.from(first?.entry.bytes() ?? []).toString())).to.deep.equal(first?.entry.object);
  });

  it("reports progress to watchers whose objects do not change", async () => {
    const cache = await started();
    const other = collect(cache, 1, { lines: 1, prefix: `${PREFIX}quiet/` });
    await put("busy/one");
    await elsewhere();
    await cache.fresh();
    await clock.advance(1000);
    expect(await other).to.deep.equal(["- 3"]);
  });

  it("does not decode what this server has just written", async () => {
    const decoded: string[] = [];
    const cache = await started({
      decode: (stored) => {
        decoded.push(stored.key);
        return decode(stored);
      },
    });
    const bytes = encode("one");
    const object = Object.freeze(JSON.parse(bytes.toString()) as KubeObject);
    cache.expect(`${PREFIX}a/one`, { bytes, object });
    // Over a network the same bytes come back as others.
    await put("a/one", Buffer.from(bytes));
    await put("a/two");
    cache.expect(`${PREFIX}a/two`, { bytes, object });
    await put("a/two", encode("another"));
    await cache.fresh();
    expect(decoded).to.deep.equal([`${PREFIX}a/two`, `${PREFIX}a/two`]);
    const held = cache.get(`${PREFIX}a/one`)?.object;
    expect(held).to.deep.equal({ ...object, metadata: { ...object.metadata, resourceVersion: "2" } });
    expect(Object.isFrozen(held)).to.equal(true);
    expect(Object.isFrozen(held?.metadata)).to.equal(true);
  });

  it("leaves out what it cannot read, and keeps the rest", async () => {
    await put("a/broken", Buffer.from("{"));
    const cache = await started();
    await put("a/good");
    await cache.fresh();
    expect(namesIn(cache)).to.deep.equal(["good@3"]);
    const watch = collect(cache, 3, { lines: 2 });
    await put("a/good", Buffer.from("{"));
    await put("a/broken");
    expect(await watch).to.deep.equal(["DELETED good 4", "ADDED broken 5"]);
  });

  it("loads large kinds page by page and gives others a turn in between", async () => {
    const names = Array.from({ length: 1234 }, (_, index) => `p${String(index).padStart(4, "0")}`);
    for (const name of names) await put(`a/${name}`);
    const cache = build();
    const starting = cache.start(stop.signal);
    await Promise.resolve();
    expect(cache.revision).to.equal(0);
    await clock.advance(0);
    await starting;
    expect(cache.list(PREFIX).map((entry) => entry.object.metadata.name)).to.deep.equal(names);
  });

  describe("when the store has lost the history it needs", () => {
    /** A store whose watches can be cut with an error, as a compaction that overtakes a slow reader does. */
    class CuttableStore extends MemoryStore {
      cut: (error: Error) => void = () => undefined;
      listFailures = 0;

      override async *watch(prefix: string, after: Revision, signal: AbortSignal) {
        const inner = new AbortController();
        let failure: Error | undefined;
        this.cut = (error) => {
          failure = error;
          inner.abort();
        };
        yield* super.watch(prefix, after, AbortSignal.any([signal, inner.signal]));
        if (failure) throw failure;
      }

      override async list(...parameters: Parameters<MemoryStore["list"]>) {
        if (this.listFailures-- > 0) throw new Unavailable("no store");
        return super.list(...parameters);
      }
    }

    let cuttable: CuttableStore;
    beforeEach(() => {
      cuttable = new CuttableStore();
      store = cuttable;
    });

    async function missHistory(missed: () => Promise<unknown>, failure: Error = new Compacted(99)) {
      cuttable.cut(failure);
      await missed();
      await clock.advance(10_000);
    }

    it("lists again, and sends its watchers away to do the same: nobody can tell them all that has happened", async () => {
      for (const name of ["kept", "changed", "gone", "replaced"]) await put(`a/${name}`);
      const cache = await started();
      const changes = cache.changes;
      const watch = collect(cache, 5, { lines: 1 }).catch((error: unknown) => error);
      await missHistory(async () => {
        await put("a/changed");
        await remove("a/gone");
        await put("a/replaced", encode("replaced", { uid: "another" }));
        await put("a/new");
        await put("a/brief");
        await remove("a/brief");
      });
      expect(await watch).to.be.instanceOf(Compacted);
      expect(namesIn(cache)).to.deep.equal(["changed@6", "kept@2", "new@9", "replaced@8"]);
      expect(cache.revision).to.equal(11);
      expect(cache.changes).to.be.greaterThan(changes);
    });

    it("refuses new watchers from the time that it has not seen", async () => {
      const cache = await started();
      await put("a/one");
      await cache.fresh();
      await missHistory(() => put("a/two"));
      await store.compact(await store.revision());
      const tooOld = await collect(cache, 1, { lines: 1 }).catch((error: unknown) => error);
      expect(tooOld).to.be.instanceOf(Compacted);
      const watch = collect(cache, 3, { lines: 1 });
      await put("a/three");
      expect(await watch).to.deep.equal(["ADDED three 4"]);
    });

    it("goes on where it was when the store was only away", async () => {
      const cache = await started();
      const watch = collect(cache, 1, { lines: 2 });
      await missHistory(() => put("a/one").then(() => put("a/one")), new Unavailable("cut"));
      expect(await watch).to.deep.equal(["ADDED one 2", "MODIFIED one 3"]);
    });

    it("keeps trying until the store answers", async () => {
      await put("a/one");
      cuttable.listFailures = 3;
      const cache = build();
      const starting = cache.start(stop.signal);
      await clock.advance(60_000);
      await starting;
      expect(namesIn(cache)).to.deep.equal(["one@2"]);
    });
  });

  it("ends its watches and waits when it is stopped", async () => {
    const cache = await started();
    const watch = collect(cache, 1, { lines: 1 });
    const wait = cache.reached(50, 1_000_000).catch((error: unknown) => error);
    stop.abort(new Error("stopped"));
    expect(await watch).to.deep.equal([]);
    await clock.advance(0);
    expect(await wait).to.be.instanceOf(Unavailable);
  });

  it("fails to start when it is stopped first", async () => {
    stop.abort(new Error("stopped"));
    expect(
      await build()
        .start(stop.signal)
        .catch((error: Error) => error.message),
    ).to.equal("stopped");
  });
});
