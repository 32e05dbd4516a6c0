import { expect } from "chai";
import { ApiHarness } from "../testing/api-harness.ts";
import { compactOnce } from "./maintenance.ts";
import { MemoryStore } from "./storage/memory-store.ts";
import { Compacted } from "./storage/store.ts";

const MINUTES = 60_000;

async function isForgotten(store: MemoryStore, revision: number): Promise<boolean> {
  try {
    await store.list("/", { revision });
    return false;
  } catch (error) {
    if (error instanceof Compacted) return true;
    throw error;
  }
}

describe("the history of the store", () => {
  it("is kept for five minutes, and then forgotten", async () => {
    const store = new MemoryStore();
    const api = await ApiHarness.start({ store });
    const { metadata } = await api.create("/api/v1/namespaces/default/configmaps", { metadata: { name: "a" } });
    const revision = Number(metadata.resourceVersion);
    await api.create("/api/v1/namespaces/default/configmaps", { metadata: { name: "b" } });
    await api.clock.advance(6 * MINUTES);
    expect(await isForgotten(store, revision)).to.equal(false);
    await api.clock.advance(5 * MINUTES);
    expect(await isForgotten(store, revision)).to.equal(true);
    api.stop();
  });

  it("is forgotten by one of several servers at a time", async () => {
    const store = new MemoryStore();
    const first = await compactOnce(store, undefined);
    await store.commit({ checks: [], writes: [{ key: "/x", value: new Uint8Array() }] });
    const second = await compactOnce(store, first);
    expect(second).to.be.greaterThan(first);
    // A server that saw the first record finds that another one has done this round.
    const revision = await store.revision();
    expect(await compactOnce(store, first)).to.equal(second);
    expect(await store.revision()).to.equal(revision);
  });
});

describe("events", () => {
  it("are removed an hour after they happened last", async () => {
    const api = await ApiHarness.start();
    const PATH = "/api/v1/namespaces/default/events";
    const event = (name: string) => ({
      metadata: { name },
      involvedObject: { kind: "Pod", namespace: "default", name: "p" },
    });
    await api.create(PATH, { ...event("old"), lastTimestamp: "2026-01-01T00:00:00Z" });
    await api.create(PATH, { ...event("renewed"), lastTimestamp: "2026-01-01T00:30:00Z" });
    await api.clock.advance(66 * MINUTES);
    const { items = [] } = await api.get(PATH);
    expect(items.map(({ metadata }) => metadata.name)).to.deep.equal(["renewed"]);
    api.stop();
  });
});
