import { expect } from "chai";
import type { ServedResource } from "../served-resource.ts";
import { CachedEntry, type Entry } from "../storage/cache-entry.ts";
import { listKept } from "./kept-lists.ts";

class FakeCache {
  changes = 1;
  lists = 0;
  readonly keys = ["/registry/limitranges/a/x", "/registry/limitranges/a/y", "/registry/limitranges/b/x"];

  list(prefix: string): readonly Entry[] {
    this.lists += 1;
    return this.keys.filter((key) => key.startsWith(prefix)).map((key) => new CachedEntry(key, {} as never, 1));
  }
}

describe("a kept list", () => {
  let cache: FakeCache;
  let served: ServedResource;
  beforeEach(() => {
    cache = new FakeCache();
    served = { cache, prefix: "/registry/limitranges/" } as unknown as ServedResource;
  });
  const keysOf = (namespace?: string) => listKept(served, namespace).map(({ key }) => key.slice(served.prefix.length));

  it("is that of its namespace, or of all", () => {
    expect([keysOf("a"), keysOf("b"), keysOf("c"), keysOf()]).to.deep.equal([
      ["a/x", "a/y"],
      ["b/x"],
      [],
      ["a/x", "a/y", "b/x"],
    ]);
  });

  it("is made once until something changes", () => {
    expect(listKept(served, "a")).to.equal(listKept(served, "a"));
    expect(cache.lists).to.equal(1);
    cache.keys.push("/registry/limitranges/a/z");
    cache.changes += 1;
    expect(keysOf("a")).to.deep.equal(["a/x", "a/y", "a/z"]);
  });
});
