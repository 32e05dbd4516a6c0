// The part of the stores' conformance suite that is about transactions and lists.

import { expect } from "chai";
import { Conflict, TooLarge, Unavailable } from "../apiserver/storage/store.ts";
import { failure, put, remove, text, type StoreFixture } from "./store-fixture.ts";

export function describeTransactions(fixture: StoreFixture): void {
  describe("transactions", () => {
    it("returns what was put, with the revisions that created and changed it", async () => {
      const created = await fixture.write(put(fixture.key("a"), "1"));
      const changed = await fixture.write(put(fixture.key("a"), "2"));
      const stored = await fixture.store.get(fixture.key("a"));
      expect(text(stored?.value)).to.equal("2");
      expect(stored).to.include({ key: fixture.key("a"), revision: changed, createRevision: created });
      expect(changed).to.be.greaterThan(created);
    });

    it("has nothing under a key that was never written, or is deleted", async () => {
      await fixture.write(put(fixture.key("a"), "1"));
      await fixture.write(remove(fixture.key("a")));
      expect(await fixture.store.get(fixture.key("a"))).to.equal(undefined);
      expect(await fixture.store.get(fixture.key("b"))).to.equal(undefined);
    });

    it("starts a key's history anew when it is created again", async () => {
      await fixture.write(put(fixture.key("a"), "1"));
      await fixture.write(remove(fixture.key("a")));
      const created = await fixture.write(put(fixture.key("a"), "2"));
      expect(await fixture.store.get(fixture.key("a"))).to.include({ revision: created, createRevision: created });
    });

    it("gives all keys of a transaction its revision", async () => {
      const revision = await fixture.write(
        put(fixture.key("a"), "1"),
        put(fixture.key("b"), "1"),
        put(fixture.key("c"), "1"),
      );
      const { items } = await fixture.store.list(fixture.root);
      expect(items.map((item) => item.revision)).to.deep.equal([revision, revision, revision]);
    });

    it("keeps empty values, binary values and unusual keys", async () => {
      const values = [new Uint8Array(), Uint8Array.from({ length: 256 }, (_, index) => index)];
      const writes = values.map((value, index) => ({ key: fixture.key(`ü/\u{1f600}/${index}`), value }));
      await fixture.store.commit({ checks: [], writes });
      const { items } = await fixture.store.list(fixture.root);
      expect(items.map((item) => [...item.value])).to.deep.equal(values.map((value) => [...value]));
      expect(items.map((item) => item.key)).to.deep.equal(writes.map((each) => each.key));
    });

    it("makes no revision where nothing changes", async () => {
      const revision = await fixture.write(put(fixture.key("a"), "1"));
      expect(await fixture.write(remove(fixture.key("missing")))).to.equal(revision);
      expect(await fixture.store.commit({ checks: [{ key: fixture.key("a"), revision }], writes: [] })).to.equal(
        revision,
      );
    });

    it("refuses a value that no store can take, and nothing happens", async () => {
      const writes = [put(fixture.key("a"), "1"), put(fixture.key("b"), "x".repeat(1.5 * 2 ** 20 + 1))];
      expect(await failure(fixture.write(...writes))).to.be.instanceOf(TooLarge);
      expect(await fixture.store.get(fixture.key("a"))).to.equal(undefined);
    });

    const cases = [
      { title: "a revision that matches", on: "there", age: 0, holds: true },
      { title: "a revision that is too old", on: "there", age: 1, holds: false },
      { title: "a revision although the key is missing", on: "missing", age: 0, holds: false },
      { title: "absence, and it is absent", on: "missing", age: Infinity, holds: true },
      { title: "absence, and it is deleted", on: "deleted", age: Infinity, holds: true },
      { title: "absence, and it exists", on: "there", age: Infinity, holds: false },
    ];
    for (const { title, on, age, holds } of cases) {
      it(`${holds ? "accepts" : "refuses"} a check for ${title}`, async () => {
        await fixture.write(put(fixture.key("there"), "0"), put(fixture.key("deleted"), "0"));
        await fixture.write(put(fixture.key("there"), "1"), remove(fixture.key("deleted")));
        const current = (await fixture.store.get(fixture.key("there")))?.revision ?? 0;
        const revision = age === Infinity ? 0 : current - age;
        const commit = fixture.store.commit({
          checks: [{ key: fixture.key(on), revision }],
          writes: [put(fixture.key("out"), "x")],
        });
        const outcome = await failure(commit);
        if (!holds) expect(outcome).to.be.instanceOf(Conflict).with.property("key", fixture.key(on));
        else expect(outcome).to.equal(undefined);
        expect((await fixture.store.get(fixture.key("out"))) !== undefined).to.equal(holds);
      });
    }

    it("does nothing at all when one of several checks fails, and names that key", async () => {
      const revision = await fixture.write(put(fixture.key("a"), "1"), put(fixture.key("b"), "1"));
      const outcome = await failure(
        fixture.store.commit({
          checks: [
            { key: fixture.key("a"), revision },
            { key: fixture.key("b"), revision: 0 },
          ],
          writes: [put(fixture.key("a"), "2"), remove(fixture.key("b")), put(fixture.key("c"), "2")],
        }),
      );
      expect(outcome).to.be.instanceOf(Conflict).with.property("key", fixture.key("b"));
      expect(fixture.short(await fixture.keys())).to.deep.equal(["a=1", "b=1"]);
      expect(await fixture.store.revision()).to.equal(revision);
    });

    it("lets exactly one of many concurrent writers win each round", async () => {
      let revision = await fixture.write(put(fixture.key("counter"), "0"));
      for (let round = 1; round <= 5; round += 1) {
        const tries = Array.from({ length: 20 }, (_, writer) =>
          fixture.store.commit({
            checks: [{ key: fixture.key("counter"), revision }],
            writes: [put(fixture.key("counter"), `${round}`), put(fixture.key(`winner/${round}`), `${writer}`)],
          }),
        );
        const outcomes = await Promise.allSettled(tries);
        const winners = outcomes.flatMap((each, index) => (each.status === "fulfilled" ? [[index, each.value]] : []));
        expect(winners).to.have.length(1);
        revision = winners[0]?.[1] ?? 0;
        expect(text((await fixture.store.get(fixture.key(`winner/${round}`)))?.value)).to.equal(`${winners[0]?.[0]}`);
      }
    });

    it("counts concurrent increments exactly", async () => {
      await fixture.write(put(fixture.key("counter"), "0"));
      const increment = async (): Promise<void> => {
        const stored = await fixture.store.get(fixture.key("counter"));
        const next = put(fixture.key("counter"), `${Number(text(stored?.value)) + 1}`);
        const checks = [{ key: fixture.key("counter"), revision: stored?.revision ?? 0 }];
        const outcome = await failure(fixture.store.commit({ checks, writes: [next] }));
        if (outcome instanceof Conflict) return increment();
        expect(outcome).to.equal(undefined);
      };
      await Promise.all(Array.from({ length: 8 }, () => increment()));
      expect(text((await fixture.store.get(fixture.key("counter")))?.value)).to.equal("8");
    });

    it("shows a commit to every read that begins after its acknowledgement", async () => {
      await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const revision = await fixture.write(put(fixture.key(`${index}`), "x"));
          const [stored, list, newest] = await Promise.all([
            fixture.store.get(fixture.key(`${index}`)),
            fixture.store.list(fixture.key(`${index}`)),
            fixture.store.revision(),
          ]);
          expect(stored?.revision).to.equal(revision);
          expect(list.items[0]?.revision).to.equal(revision);
          expect(list.revision).to.be.at.least(revision);
          expect(newest).to.be.at.least(revision);
        }),
      );
    });
  });
}

export function describeLists(fixture: StoreFixture): void {
  describe("lists", () => {
    it("are in byte order and stop at the end of the prefix", async () => {
      const names = ["b", "a/2", "a/10", "a", "a-", "c", "é", "\uffee", "\u{1f600}"];
      await fixture.write(
        ...names.map((name) => put(fixture.key(name), "x")),
        put(`${fixture.root.slice(0, -1)}0`, "beyond"),
      );
      const { items, remaining } = await fixture.store.list(fixture.root);
      const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(items.map((item) => item.key.slice(fixture.root.length))).to.deep.equal(sorted);
      expect(remaining).to.equal(0);
      expect(fixture.short(await fixture.keys({}, "a/"))).to.deep.equal(["a/10=x", "a/2=x"]);
    });

    it("of an empty prefix carry a revision above 0", async () => {
      const list = await fixture.store.list(fixture.root);
      expect(list.items).to.deep.equal([]);
      expect(list.revision).to.be.greaterThan(0);
    });

    it("come in pages that all show the revision of the first", async () => {
      for (const name of ["a", "b", "c", "d", "e"]) await fixture.write(put(fixture.key(name), "1"));
      const first = await fixture.store.list(fixture.root, { limit: 2 });
      await fixture.write(
        put(fixture.key("c"), "2"),
        remove(fixture.key("d")),
        put(fixture.key("bb"), "2"),
        remove(fixture.key("a")),
      );
      const { revision } = first;
      const second = await fixture.store.list(fixture.root, { limit: 2, afterKey: fixture.key("b"), revision });
      const third = await fixture.store.list(fixture.root, { limit: 2, afterKey: fixture.key("d"), revision });
      const shown = [first, second, third].map((page) =>
        page.items.map(({ value, ...rest }) => rest.key + text(value)),
      );
      expect(shown.map((lines) => fixture.short(lines))).to.deep.equal([["a1", "b1"], ["c1", "d1"], ["e1"]]);
      expect([first, second, third].map((page) => page.remaining)).to.deep.equal([3, 1, 0]);
      expect([first, second, third].map((page) => page.revision)).to.deep.equal([revision, revision, revision]);
      expect(fixture.short(await fixture.keys())).to.deep.equal(["b=1", "bb=2", "c=2", "e=1"]);
    });

    it("go on after a key that is gone, or was never there", async () => {
      await fixture.write(put(fixture.key("a"), "1"), put(fixture.key("c"), "1"));
      expect(fixture.short(await fixture.keys({ afterKey: fixture.key("b") }))).to.deep.equal(["c=1"]);
      expect(fixture.short(await fixture.keys({ afterKey: fixture.key("c") }))).to.deep.equal([]);
    });

    it("fail for a revision that is still to come", async () => {
      const future = (await fixture.store.revision()) + 1000;
      expect(await failure(fixture.store.list(fixture.root, { revision: future }))).to.be.instanceOf(Unavailable);
    });
  });
}
