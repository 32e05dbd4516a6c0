import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { failure, put, Recorder } from "../../testing/store-fixture.ts";
import { describeDurableStore } from "../../testing/store-conformance.ts";
import { EmbeddedStore } from "./embedded-store.ts";
import { Unavailable } from "./store.ts";

const temporary = () => mkdtempSync(join(tmpdir(), "gantry-embedded-"));

describeDurableStore("EmbeddedStore", () => {
  const directory = temporary();
  let store = EmbeddedStore.open(directory);
  return Promise.resolve({
    store,
    async reopen() {
      await store.close();
      store = EmbeddedStore.open(directory);
      return store;
    },
    async cleanup() {
      await store.close();
      rmSync(directory, { recursive: true });
    },
  });
});

describe("EmbeddedStore", () => {
  let directory: string;
  let store: EmbeddedStore;

  beforeEach(() => {
    directory = temporary();
    store = EmbeddedStore.open(join(directory, "data/store"));
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true });
  });

  const write = (key: string, value: string) => store.commit({ checks: [], writes: [put(key, value)] });

  it("hands back the very bytes that were put", async () => {
    const value = Buffer.from("x");
    const watch = store.watch("/", 1, new AbortController().signal)[Symbol.asyncIterator]();
    await store.commit({ checks: [], writes: [{ key: "/a", value }] });
    expect((await watch.next()).value?.events[0]?.value).to.equal(value);
    expect((await store.get("/a"))?.value).to.equal(value);
    await watch.return();
  });

  it("serves watches from disk where memory does not reach back, and hands over to memory without a gap", async () => {
    const total = 5000;
    for (let start = 0; start < total; start += 1000) {
      await Promise.all(
        Array.from({ length: 1000 }, (_, index) => write(`/${(start + index) % 10}`, `${start + index}`)),
      );
    }
    const all = new Recorder(store, "/", 1);
    const some = new Recorder(store, "/3", 1);
    await all.until(total);
    await some.until(total / 10);
    expect(all.revisions).to.deep.equal(Array.from({ length: total }, (_, index) => index + 2));
    expect(some.lines.slice(0, 2)).to.deep.equal(["/3: - → 3", "/3: 3 → 13"]);
    await write("/3", "live");
    expect((await some.until(total / 10 + 1)).at(-1)).to.equal("/3: 4993 → live");
    await Promise.all([all.stop(), some.stop()]);
  });

  it("never goes back to an earlier revision, though the newest record is compacted away", async () => {
    await write("/a", "1");
    const newest = await store.commit({ checks: [], writes: [{ key: "/a", value: undefined }] });
    await store.compact(newest);
    await store.close();
    store = EmbeddedStore.open(join(directory, "data/store"));
    expect(await store.revision()).to.equal(newest);
  });

  it("finishes what was committed before it is closed", async () => {
    const commits = Array.from({ length: 20 }, (_, index) => write(`/${index}`, "x"));
    await store.close();
    await Promise.all(commits);
    store = EmbeddedStore.open(join(directory, "data/store"));
    expect((await store.list("/")).items).to.have.length(20);
  });

  it("refuses more waiting writes than its bound, and says so", async () => {
    const commits = Array.from({ length: 10_001 }, () => write("/a", "x"));
    expect(await failure(commits.at(-1) ?? Promise.resolve())).to.be.instanceOf(Unavailable);
    await Promise.all(commits.slice(0, -1));
  });

  it("says which directory it cannot use, and why", () => {
    const file = join(directory, "file");
    writeFileSync(file, "");
    expect(() => EmbeddedStore.open(join(file, "store"))).to.throw(
      Unavailable,
      `cannot open the store in ${file}/store: `,
    );
  });
});
