// A plain map with a history: the model that every store is compared with, for any sequence of transactions.

import { expect } from "chai";
import fc from "fast-check";
import type { Revision, Store, StoreBatch } from "../apiserver/storage/store.ts";
import { describeEvent, keysOf, put, Recorder, remove } from "./store-fixture.ts";

const change = fc.record({
  name: fc.constantFrom("a", "a/b", "b", "c", "c/d"),
  value: fc.option(fc.string({ maxLength: 3 }), { nil: undefined }),
});

/** Sequences of transactions that put and delete a few keys. */
export const transactionsArbitrary = fc.array(fc.uniqueArray(change, { selector: (each) => each.name, maxLength: 3 }), {
  maxLength: 12,
});

interface Change {
  readonly name: string;
  readonly value: string | undefined;
}

/** Applies transactions to the store and to a map, and compares every revision's list and the whole watch. */
export async function compareWithModel(
  store: Store,
  root: string,
  transactions: readonly (readonly Change[])[],
): Promise<void> {
  const start = await store.revision();
  const model = new Map<string, string>();
  const snapshots = new Map<Revision, string[]>();
  let events: string[] = [];
  let newest = start;
  for (const changes of transactions) {
    const effective = changes.filter(({ name, value }) => value !== undefined || model.has(name));
    newest = await store.commit({
      checks: [],
      writes: changes.map(({ name, value }) => (value === undefined ? remove(root + name) : put(root + name, value))),
    });
    const lines = effective.map(({ name, value }) => `${root}${name}: ${model.get(name) ?? "-"} → ${value ?? "-"}`);
    events = [...events, ...lines.sort()];
    for (const { name, value } of effective) {
      if (value === undefined) model.delete(name);
      else model.set(name, value);
    }
    const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
    snapshots.set(
      newest,
      sorted.map(([name, value]) => `${root}${name}=${value}`),
    );
  }
  for (const [revision, expected] of snapshots) {
    if (revision > start) expect(await keysOf(store, root, { revision })).to.deep.equal(expected);
  }
  const recorder = new Recorder(store, root, start);
  await store.revision();
  if (newest > start) await recorder.reached(newest);
  await recorder.stop();
  const seen = recorder.batches.flatMap((batch) => linesByTransaction(batch));
  expect(seen).to.deep.equal(events);
  // Compaction forgets history, and nothing that is there now.
  await store.compact(newest);
  expect(await keysOf(store, root)).to.deep.equal(snapshots.get(newest) ?? []);
}

/** A transaction's events, sorted: their order within it is the store's affair. */
function linesByTransaction({ events }: StoreBatch): string[] {
  const revisions = [...new Set(events.map((event) => event.revision))];
  return revisions.flatMap((revision) =>
    events
      .filter((event) => event.revision === revision)
      .map(describeEvent)
      .sort(),
  );
}
