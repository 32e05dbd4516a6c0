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
