import { expect } from "chai";
import type { KubeObject } from "../api/meta/object.ts";
import { CachingInformer } from "./caching-informer.ts";
import type { Change } from "./informer.ts";

interface Thing extends KubeObject {
  readonly tags?: readonly string[];
}

const thing = (name: string, resourceVersion: string, more: { uid?: string; tags?: string[]; labels?: object } = {}) =>
  ({
    apiVersion: "v1",
    kind: "Thing",
    metadata: {
      name,
      namespace: "default",
      uid: more.uid ?? name,
      resourceVersion,
      creationTimestamp: "",
      labels: more.labels,
    },
    tags: more.tags,
  }) as Thing;

describe("CachingInformer", () => {
  let errors: unknown[];
  let cache: CachingInformer<Thing>;
  let changes: string[];
  const show = (change: Change<Thing>) =>
    `${change.type} ${change.object.metadata.name}@${change.object.metadata.resourceVersion}`;
  const names = (found: readonly Thing[]) => found.map(({ metadata }) => metadata.name).sort();

  beforeEach(() => {
    errors = [];
    changes = [];
    cache = new CachingInformer((error) => errors.push(error));
    cache.onChange((change) => changes.push(show(change)));
  });

  it("tells listeners after the cache has changed", () => {
    cache.onChange(({ object }) => changes.push(`cached ${cache.get(object.metadata)?.metadata.resourceVersion}`));
    cache.put(thing("a", "1"));
    cache.put(thing("a", "2"));
    cache.remove(thing("a", "3"));
    expect(changes).to.deep.equal([
      "added a@1",
      "cached 1",
      "updated a@2",
      "cached 2",
      "deleted a@3",
      "cached undefined",
    ]);
  });

  it("says nothing about a version that it has, nor about the deletion of what it does not have", () => {
    cache.put(thing("a", "1"));
    cache.put(thing("a", "1"));
    cache.remove(thing("b", "2"));
    expect(changes).to.deep.equal(["added a@1"]);
  });

  it("reports an object that was deleted and created again unseen as exactly that", () => {
    cache.put(thing("a", "1", { uid: "first" }));
    cache.put(thing("a", "5", { uid: "second" }));
    expect(changes).to.deep.equal(["added a@1", "deleted a@1", "added a@5"]);
  });

  it("shows late listeners what is there, and stops telling those who left", () => {
    cache.put(thing("a", "1"));
    const late: string[] = [];
    const leave = cache.onChange((change) => late.push(show(change)));
    leave();
    cache.put(thing("b", "2"));
    expect(late).to.deep.equal(["added a@1"]);
  });

  it("freezes what it holds", () => {
    cache.put(thing("a", "1", { tags: ["x"] }));
    expect(() => (cache.list()[0]?.tags as string[]).push("y")).to.throw(TypeError);
  });

  it("keeps what is equal in objects of one kin only once", () => {
    const labels = (name: string) => cache.get({ namespace: "default", name })?.metadata.labels;
    cache.put(thing("a", "1", { labels: { app: "web" } }));
    cache.put(thing("b", "2", { labels: { app: "web" } }));
    cache.put(thing("a", "3", { labels: { app: "web" } }));
    expect(labels("b")).to.equal(labels("a")).and.to.deep.equal({ app: "web" });
    cache.remove(thing("a", "4"));
    cache.put(thing("c", "5", { labels: { app: "web" } }));
    expect(labels("c")).to.deep.equal({ app: "web" });
  });

  it("finds objects by every value of an index, before and after changes", () => {
    cache.put(thing("a", "1", { tags: ["x", "y"] }));
    cache.addIndexers({ tag: ({ tags }) => tags ?? [] });
    cache.put(thing("b", "2", { tags: ["y"] }));
    expect(names(cache.byIndex("tag", "y"))).to.deep.equal(["a", "b"]);
    cache.put(thing("a", "3", { tags: ["x"] }));
    cache.remove(thing("b", "4"));
    expect([names(cache.byIndex("tag", "x")), names(cache.byIndex("tag", "y"))]).to.deep.equal([["a"], []]);
    expect(cache.byIndex("tag", "x")[0]?.metadata.resourceVersion).to.equal("3");
    expect(() => cache.byIndex("unknown", "x")).to.throw("no index named unknown");
  });

  it("lists by label selector", () => {
    cache.put(thing("a", "1", { labels: { app: "web" } }));
    cache.put(thing("b", "2"));
    expect(names(cache.list())).to.deep.equal(["a", "b"]);
    expect(names(cache.list([{ key: "app", operator: "In", values: ["web"] }]))).to.deep.equal(["a"]);
  });

  it("removes what a new list does not have", () => {
    for (const name of ["a", "b", "c"]) cache.put(thing(name, "1"));
    cache.removeAllBut(new Set(["default/b"]));
    expect(changes.slice(3)).to.deep.equal(["deleted a@1", "deleted c@1"]);
  });

  it("goes on when a listener throws, and reports it", () => {
    cache = new CachingInformer((error) => errors.push(error));
    cache.onChange(() => {
      throw new Error("broken listener");
    });
    cache.onChange((change) => changes.push(show(change)));
    cache.put(thing("a", "1"));
    expect(changes).to.deep.equal(["added a@1"]);
    expect(String(errors[0])).to.include("broken listener");
  });
});
