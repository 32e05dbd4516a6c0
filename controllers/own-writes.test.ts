import { expect } from "chai";
import { pods, type Pod } from "../api/core/pod.ts";
import { CachingInformer } from "../client/caching-informer.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { storedObject } from "../testing/stored-object.ts";
import { OwnWrites } from "./own-writes.ts";

let version = 1;
const pod = (name: string, more: object = {}): Pod => {
  const ownerReferences = [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: "x", uid: "owner", controller: true }];
  return storedObject(pods, {
    metadata: { name, uid: name, resourceVersion: String(version++), ownerReferences, ...more },
  });
};

describe("a controller's own writes", () => {
  let clock: FakeClock;
  let cache: CachingInformer<Pod>;
  let writes: OwnWrites<Pod>;
  beforeEach(() => {
    clock = new FakeClock();
    cache = new CachingInformer<Pod>((error) => {
      throw error;
    });
    writes = new OwnWrites(cache, clock);
  });

  const create = (object: Pod) => writes.create("owner", () => Promise.resolve(object));
  const effective = (owner = "owner") =>
    writes.effective(owner, owner === "owner" ? cache.list() : []).map(({ metadata }) => metadata.name);

  it("count an object that was created before the cache shows it, once", async () => {
    const made = pod("a");
    await create(made);
    expect(effective()).to.deep.equal(["a"]);
    expect(effective("other")).to.deep.equal([]);
    cache.put(made);
    expect(effective()).to.deep.equal(["a"]);
  });

  it("show what was just deleted as on its way out to who has to wait for it", async () => {
    const [old, made] = [pod("old"), pod("made")];
    cache.put(old);
    await create(made);
    writes.deleted(old);
    const ending = writes.withEnding("owner", cache.list());
    expect(ending.map(({ metadata }) => [metadata.name, Boolean(metadata.deletionTimestamp)])).to.deep.equal([
      ["old", true],
      ["made", false],
    ]);
    expect(effective()).to.deep.equal(["made"]);
  });

  it("do not count an object again that has come and gone in the cache since", async () => {
    const made = pod("a");
    await create(made);
    cache.put(made);
    cache.remove(made);
    expect(effective()).to.deep.equal([]);
  });

  it("do not count an object whose coming and going was seen before the server's answer", async () => {
    const made = pod("a");
    await writes.create("owner", () => {
      cache.put(made);
      cache.remove(made);
      return Promise.resolve(made);
    });
    expect(effective()).to.deep.equal([]);
  });

  it("count nothing that could not be created", async () => {
    const refused = await writes.create("owner", () => Promise.reject(new Error("no"))).catch((error: Error) => error);
    expect(refused).to.have.property("message", "no");
    expect(effective()).to.deep.equal([]);
  });

  it("leave out an object that was deleted before the cache shows it", () => {
    const old = pod("a");
    cache.put(old);
    writes.deleted(old);
    expect(effective()).to.deep.equal([]);
  });

  it("leave it to the cache once that shows the deletion", () => {
    const old = pod("a");
    cache.put(old);
    writes.deleted(old);
    cache.put(pod("a", { deletionTimestamp: "2026-01-01T00:00:00Z" }));
    expect(effective()).to.deep.equal(["a"]);
  });

  it("tell an object from a later one of the same name", () => {
    const old = pod("a");
    writes.deleted(old);
    cache.put(pod("a", { uid: "later" }));
    expect(effective()).to.deep.equal(["a"]);
  });

  it("are given up after five minutes: the event was swallowed by a re-list", async () => {
    const old = pod("a");
    cache.put(old);
    writes.deleted(old);
    await create(pod("b"));
    await clock.advance(299_000);
    expect(effective()).to.deep.equal(["b"]);
    await clock.advance(1_000);
    expect(effective()).to.deep.equal(["a"]);
  });
});
