import { expect } from "chai";
import { VersionIndex } from "./version-index.ts";

describe("VersionIndex", () => {
  let index: VersionIndex<string>;
  let created: Map<string, number>;

  beforeEach(() => {
    index = new VersionIndex();
    created = new Map();
  });

  function put(key: string, revision: number): void {
    if (!created.has(key)) created.set(key, revision);
    index.add(key, { revision, createRevision: created.get(key) ?? 0, value: `${key}${revision}` });
  }

  function remove(key: string, revision: number): void {
    created.delete(key);
    index.add(key, { revision, createRevision: 0, value: `${key}${revision}` });
  }

  const shown = (revision: number) => index.list("", revision, {}).items.map(([, version]) => version.value);
  const compacted = (before: number) => index.compact(before).map((version) => version.value);

  it("shows each revision as it was", () => {
    put("a", 2);
    put("b", 3);
    put("a", 4);
    remove("b", 5);
    put("b", 6);
    expect([1, 2, 3, 4, 5, 6].map(shown)).to.deep.equal([[], ["a2"], ["a2", "b3"], ["a4", "b3"], ["a4"], ["a4", "b6"]]);
    expect(index.head("b")).to.include({ revision: 6, createRevision: 6 });
    expect(index.at("b", 5)).to.equal(undefined);
    expect(index.at("b", 4)).to.include({ revision: 3, createRevision: 3 });
  });

  it("drops what no kept revision shows, each version once", () => {
    put("a", 2);
    put("a", 3);
    put("b", 4);
    remove("b", 5);
    put("a", 6);
    expect(compacted(2)).to.deep.equal([]);
    expect(compacted(4)).to.deep.equal(["a2"]);
    expect(compacted(5)).to.deep.equal(["b4", "b5"]);
    expect(compacted(5)).to.deep.equal([]);
    expect([shown(5), shown(6)]).to.deep.equal([["a3"], ["a6"]]);
    expect(compacted(100)).to.deep.equal(["a3"]);
    expect(shown(6)).to.deep.equal(["a6"]);
  });

  it("drops a deletion but keeps what was created again after it", () => {
    put("a", 2);
    remove("a", 3);
    put("a", 4);
    expect(compacted(3)).to.deep.equal(["a2", "a3"]);
    expect(compacted(100)).to.deep.equal([]);
    expect(index.head("a")).to.include({ revision: 4, createRevision: 4 });
  });

  it("forgets step by step where asked to, the oldest first", () => {
    for (const revision of [2, 3, 4, 5]) put("a", revision);
    const step = () => index.compact(5, 2).map(({ revision }) => revision);
    expect([step(), step(), step()]).to.deep.equal([[2, 3], [4], []]);
    expect(index.at("a", 5)?.revision).to.equal(5);
  });

  it("counts what remains after a page", () => {
    for (const [position, key] of ["a", "b", "c", "d"].entries()) put(key, position + 2);
    remove("c", 6);
    const { items, remaining } = index.list("", 6, { limit: 1, afterKey: "a" });
    expect([items.map(([key]) => key), remaining]).to.deep.equal([["b"], 1]);
    expect(index.list("", 5, { limit: 1, afterKey: "a" }).remaining).to.equal(2);
  });

  it("counts keys where much remains after a page", () => {
    for (let number = 0; number < 3000; number += 1) put(`p/${String(number).padStart(4, "0")}`, number + 2);
    put("q", 4000);
    expect(index.list("p/", 4000, { limit: 500 }).remaining).to.equal(2500);
    expect(index.list("p/", 4000, { limit: 500, afterKey: "p/2400" }).remaining).to.equal(99);
  });
});
