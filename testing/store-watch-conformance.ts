// The part of the stores' conformance suite that is about watches and compaction: nothing lost, nothing twice, in order.

import { expect } from "chai";
import { Compacted, type Revision } from "../apiserver/storage/store.ts";
import { failure, put, remove, type StoreFixture } from "./store-fixture.ts";

export function describeWatches(fixture: StoreFixture): void {
  describe("watches", () => {
    it("deliver history and then what happens, with values before and after", async () => {
      const start = await fixture.store.revision();
      await fixture.write(put(fixture.key("a"), "1"));
      await fixture.write(put(fixture.key("a"), "2"));
      const recorder = fixture.record(start);
      await recorder.until(2);
      await fixture.write(remove(fixture.key("a")));
      await fixture.write(put(fixture.key("a"), "3"));
      expect(fixture.short(await recorder.until(4))).to.deep.equal(["a: - → 1", "a: 1 → 2", "a: 2 → -", "a: - → 3"]);
      expect(recorder.revisions).to.deep.equal([...new Set(recorder.revisions)].sort((a, b) => a - b));
    });

    it("start after the revision given, not at it", async () => {
      const first = await fixture.write(put(fixture.key("a"), "1"));
      await fixture.write(put(fixture.key("a"), "2"));
      expect(fixture.short(await fixture.record(first).until(1))).to.deep.equal(["a: 1 → 2"]);
    });

    it("may start after a revision that is still to come", async () => {
      const recorder = fixture.record((await fixture.store.revision()) + 2);
      for (const value of ["1", "2", "3"]) await fixture.write(put(fixture.key("a"), value));
      expect(fixture.short(await recorder.until(1))).to.deep.equal(["a: 2 → 3"]);
    });

    it("see nothing of other prefixes", async () => {
      const start = await fixture.store.revision();
      const recorder = fixture.record(start, fixture.key("a/"));
      await fixture.write(put(fixture.key("a"), "1"), put(fixture.key("a/x"), "1"), put(fixture.key("b/x"), "1"));
      await fixture.write(put(fixture.key("b/y"), "1"));
      await fixture.write(put(fixture.key("a/y"), "1"));
      expect(fixture.short(await recorder.until(2))).to.deep.equal(["a/x: - → 1", "a/y: - → 1"]);
    });

    it("deliver a transaction in one batch, in the order of its writes", async () => {
      const start = await fixture.store.revision();
      const live = fixture.record(start);
      await fixture.write(put(fixture.key("b"), "1"), put(fixture.key("a"), "1"));
      await fixture.write(remove(fixture.key("a")), put(fixture.key("c"), "1"), put(fixture.key("b"), "2"));
      for (const recorder of [live, fixture.record(start)]) {
        await recorder.until(5);
        for (const batch of recorder.batches) {
          const counts = [2, 3].map((count, index) => [
            count,
            batch.events.filter((e) => e.revision === start + index + 1),
          ]);
          for (const [count, found] of counts) expect([0, count]).to.include((found as unknown[]).length);
        }
        expect(fixture.short(recorder.lines)).to.have.members([
          "b: - → 1",
          "a: - → 1",
          "a: 1 → -",
          "c: - → 1",
          "b: 1 → 2",
        ]);
      }
    });

    it("say what they have reached, also when the newest change is elsewhere", async () => {
      const recorder = fixture.record(await fixture.store.revision(), fixture.key("quiet/"));
      for (let round = 0; round < 3; round += 1) {
        const revision = await fixture.write(put(fixture.key("busy"), `${round}`));
        expect(await fixture.store.revision()).to.be.at.least(revision);
        await recorder.reached(revision);
      }
      expect(recorder.lines).to.deep.equal([]);
      const last = await fixture.write(put(fixture.key("quiet/a"), "1"));
      await recorder.reached(last);
      expect(fixture.short(recorder.lines)).to.deep.equal(["quiet/a: - → 1"]);
    });

    it("never claim progress beyond an event that is still to come", async () => {
      const recorder = fixture.record(await fixture.store.revision());
      await Promise.all(
        Array.from({ length: 100 }, async (_, index) => {
          await fixture.write(put(fixture.key(`${index}`), "x"));
          await fixture.store.revision();
        }),
      );
      await recorder.until(100);
      let reached = 0;
      for (const { revision, events } of recorder.batches) {
        for (const event of events) expect(event.revision).to.be.within(reached + 1, revision);
        expect(revision).to.be.greaterThan(reached);
        reached = revision;
      }
    });

    it("see every change exactly once, however many there are and whenever they start", async () => {
      const start = await fixture.store.revision();
      const early = fixture.record(start);
      const total = 600;
      const writing = Promise.all(
        Array.from({ length: total }, (_, index) => fixture.write(put(fixture.key(`${index % 7}`), `${index}`))),
      );
      await early.until(50);
      const midway = fixture.record(start);
      await writing;
      const late = fixture.record(start);
      for (const recorder of [early, midway, late]) await recorder.until(total);
      expect(midway.lines).to.deep.equal(early.lines);
      expect(late.lines).to.deep.equal(early.lines);
      expect(new Set(early.revisions).size).to.equal(total);
    });

    it("end when they are aborted, waiting or not", async () => {
      const recorder = fixture.record(await fixture.store.revision());
      await fixture.write(put(fixture.key("a"), "1"));
      await recorder.until(1);
      expect(await recorder.stop()).to.equal(undefined);
      const aborted = AbortSignal.abort();
      for await (const batch of fixture.store.watch(fixture.root, 0, aborted))
        expect.fail(`got ${batch.events.length} events`);
    });
  });
}

export function describeCompaction(fixture: StoreFixture): void {
  describe("compaction", () => {
    it("ends the pages and watches of older revisions, and only those", async () => {
      const revisions: Revision[] = [];
      for (const value of ["1", "2", "3", "4"]) revisions.push(await fixture.write(put(fixture.key("a"), value)));
      const gone = await fixture.write(put(fixture.key("b"), "1"));
      await fixture.write(remove(fixture.key("b")));
      const [, second = 0, third = 0, fourth = 0] = revisions;
      await fixture.store.compact(third);
      await fixture.store.compact(third);
      await fixture.store.compact(second);
      for (const stale of [
        failure(fixture.store.list(fixture.root, { revision: second })),
        fixture.record(second).ended,
      ]) {
        const error = await stale;
        expect(error).to.be.instanceOf(Compacted);
        expect((error as Compacted).oldest).to.equal(third);
      }
      expect(fixture.short(await fixture.keys({ revision: third }))).to.deep.equal(["a=3"]);
      expect(fixture.short(await fixture.keys({ revision: gone }))).to.deep.equal(["a=4", "b=1"]);
      expect(fixture.short(await fixture.record(third).until(3))).to.deep.equal(["a: 3 → 4", "b: - → 1", "b: 1 → -"]);
      expect(fixture.short(await fixture.keys())).to.deep.equal(["a=4"]);
      await fixture.store.compact(fourth);
      expect(await fixture.store.get(fixture.key("a"))).to.include({ revision: fourth, createRevision: revisions[0] });
    });

    it("of everything keeps the present and the newest revision", async () => {
      await fixture.write(put(fixture.key("a"), "1"));
      const newest = await fixture.write(remove(fixture.key("a")), put(fixture.key("b"), "1"));
      await fixture.store.compact(newest);
      expect(await fixture.store.revision()).to.equal(newest);
      expect(fixture.short(await fixture.keys())).to.deep.equal(["b=1"]);
      expect(await fixture.write(put(fixture.key("a"), "2"))).to.equal(newest + 1);
    });

    it("does not disturb a watch that has seen what is forgotten", async () => {
      const recorder = fixture.record(await fixture.store.revision());
      const revision = await fixture.write(put(fixture.key("a"), "1"));
      await recorder.until(1);
      await fixture.store.compact(revision);
      await fixture.write(put(fixture.key("a"), "2"));
      expect(fixture.short(await recorder.until(2))).to.deep.equal(["a: - → 1", "a: 1 → 2"]);
    });
  });
}
