import { expect } from "chai";
import { describeProxyBackend, newEntry, type ProxyFixture } from "../../testing/proxy-conformance.ts";
import type { Target } from "../service-table.ts";
import { FakeBackend } from "./fake.ts";

const NODE = "127.0.0.1";

/** Answers as a kernel with this table would. */
function openFake(): ProxyFixture {
  const backend = new FakeBackend();
  const names = new Map<string, string>();
  const kept = new Map<string, Target>();
  let turn = 0;
  const choose = (id: string, targets: readonly Target[], keeps: boolean) => {
    const target = (keeps ? kept.get(id) : undefined) ?? targets[turn++ % targets.length];
    if (target) kept.set(id, target);
    return target && names.get(`${target.ip}:${target.port}`);
  };
  return {
    backend,
    nodeAddress: NODE,
    endpoint(name) {
      const target = { ip: `10.244.0.${names.size + 1}`, port: 80 };
      names.set(`${target.ip}:${target.port}`, name);
      return Promise.resolve(target);
    },
    connect(address, port) {
      for (const entry of backend.table?.entries ?? []) {
        const keeps = entry.affinitySeconds !== undefined;
        if (entry.port === port && entry.addresses.includes(address))
          return Promise.resolve(choose(entry.id, entry.endpoints, keeps));
        const isExternal = entry.port === port && entry.externalAddresses.includes(address);
        if (isExternal || (address === NODE && entry.nodePort === port))
          return Promise.resolve(choose(`${entry.id} external`, entry.externalEndpoints, keeps));
      }
      return Promise.resolve(undefined);
    },
    close: () => Promise.resolve(),
  };
}

describeProxyBackend("fake", () => Promise.resolve(openFake()));

describe("the fake backend", () => {
  it("reports that its table was flushed", async () => {
    const backend = new FakeBackend();
    const stop = new AbortController();
    const disturbances = backend.disturbances(stop.signal)[Symbol.asyncIterator]();
    const next = disturbances.next();
    await backend.sync({ entries: [newEntry([])] });
    backend.flush();
    expect(await next).to.deep.equal({ value: "a test", done: false });
    expect(backend.table).to.equal(undefined);
    stop.abort();
  });
});
