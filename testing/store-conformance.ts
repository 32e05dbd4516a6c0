// What every store must do, as one suite that each implementation runs. Tests find their keys under a prefix of their own
// and compare revisions with each other only, so that a store may begin anywhere. Nobody else may write to it meanwhile.

import { expect } from "chai";
import fc from "fast-check";
import { Compacted, Unavailable } from "../apiserver/storage/store.ts";
import { failure, put, remove, StoreFixture, type OpenDurableStore, type OpenStore } from "./store-fixture.ts";
import { compareWithModel, transactionsArbitrary } from "./store-model.ts";
import { describeLists, describeTransactions } from "./store-transaction-conformance.ts";
import { describeCompaction, describeWatches } from "./store-watch-conformance.ts";

/** The suite for a store that lives as long as its process. */
export function describeStore(name: string, open: () => Promise<OpenStore>): void {
  describe(`${name} as a store`, () => {
    const fixture = new StoreFixture(open);
    fixture.register();
    describeAll(fixture);
  });
}

/** The suite for a store that outlives its process. */
export function describeDurableStore(name: string, open: () => Promise<OpenDurableStore>): void {
  describe(`${name} as a durable store`, () => {
    const fixture = new StoreFixture(open);
    fixture.register();
    describeReopening(fixture);
    describeAll(fixture);
  });
}

function describeAll(fixture: StoreFixture): void {
  describeTransactions(fixture);
  describeLists(fixture);
  describeWatches(fixture);
  describeModel(fixture);
  describeCompaction(fixture);
  describeClosing(fixture);
}

function describeModel(fixture: StoreFixture): void {
  describe("properties", () => {
    it("behaves as a plain map with a history, for any sequence of transactions", async () => {
      let runs = 0;
      await fc.assert(
        fc.asyncProperty(transactionsArbitrary, async (transactions) => {
          runs += 1;
          await compareWithModel(fixture.store, fixture.key(`${runs}/`), transactions);
        }),
        { numRuns: 15 },
      );
    });
  });
}

function describeReopening(fixture: StoreFixture<OpenDurableStore>): void {
  describe("when it is opened again", () => {
    it("has everything: values, revisions, history and what is compacted", async () => {
      const before = await fixture.store.revision();
      const first = await fixture.write(put(fixture.key("a"), "1"), put(fixture.key("b"), "1"));
      await fixture.store.compact(first);
      const second = await fixture.write(put(fixture.key("a"), "2"), remove(fixture.key("b")));
      const seen = await fixture.store.list(fixture.root);
      fixture.store = await fixture.opened.reopen();
      expect(await fixture.store.revision()).to.equal(second);
      expect(await fixture.store.list(fixture.root)).to.deep.equal(seen);
      expect(fixture.short(await fixture.keys({ revision: first }))).to.deep.equal(["a=1", "b=1"]);
      expect(await failure(fixture.store.list(fixture.root, { revision: before }))).to.be.instanceOf(Compacted);
      const recorder = fixture.record(first);
      expect(await fixture.write(put(fixture.key("b"), "2"))).to.equal(second + 1);
      expect(fixture.short(await recorder.until(3))).to.have.members(["a: 1 → 2", "b: 1 → -", "b: - → 2"]);
    });
  });
}

function describeClosing(fixture: StoreFixture): void {
  describe("when it is closed", () => {
    it("ends watches and refuses calls", async () => {
      const recorder = fixture.record(await fixture.store.revision());
      await fixture.write(put(fixture.key("a"), "1"));
      await recorder.until(1);
      await fixture.store.close();
      await fixture.store.close();
      expect(await recorder.ended).to.equal(undefined);
      for (const call of [
        fixture.store.get(fixture.key("a")),
        fixture.store.list(fixture.root),
        fixture.store.revision(),
        fixture.write(put(fixture.key("a"), "2")),
      ]) {
        expect(await failure(call)).to.be.instanceOf(Unavailable);
      }
    });
  });
}
