// What every proxy backend must do, whatever it moves packets with. A suite's fixture says how one connection is made, so that
// the fake, which moves none, can answer from its table.

import { expect } from "chai";
import type { ProxyBackend } from "../proxy/backends/backend.ts";
import type { ServiceEntry, ServiceTable, Target } from "../proxy/service-table.ts";

export interface ProxyFixture {
  readonly backend: ProxyBackend;
  /** Where a server answers that names itself `name`: the endpoints that tables are made of. */
  endpoint(name: string): Promise<Target>;
  /** The name of the server that answered, or undefined where the connection was refused. */
  connect(address: string, port: number): Promise<string | undefined>;
  /** Where node ports listen. */
  readonly nodeAddress: string;
  close(): Promise<void>;
}

const VIRTUAL_IP = "127.96.13.1";

/** A TCP service on 127.96.13.1:8080. */
export function newEntry(endpoints: readonly Target[], more: Partial<ServiceEntry> = {}): ServiceEntry {
  return {
    id: "default/web:",
    service: { namespace: "default", name: "web" },
    protocol: "TCP",
    port: 8080,
    addresses: [VIRTUAL_IP],
    externalAddresses: [],
    endpoints,
    externalEndpoints: endpoints,
    keepsClientAddress: false,
    ...more,
  };
}

export function describeProxyBackend(name: string, open: () => Promise<ProxyFixture>): void {
  describe(`the proxy backend ${name}`, () => {
    let fixture: ProxyFixture;
    let a: Target;
    let b: Target;
    const signal = new AbortController().signal;
    const sync = (...entries: ServiceEntry[]) => fixture.backend.sync({ entries } satisfies ServiceTable, signal);
    const connect = (address = VIRTUAL_IP, port = 8080) => fixture.connect(address, port);
    const connectTimes = async (times: number) => {
      const names = new Set<string | undefined>();
      for (let time = 0; time < times; time++) names.add(await connect());
      return [...names].sort();
    };

    beforeEach(async () => {
      fixture = await open();
      a = await fixture.endpoint("a");
      b = await fixture.endpoint("b");
    });
    afterEach(async () => {
      await fixture.backend.cleanup();
      await fixture.close();
    });

    it("answers nowhere before the first sync", async () => {
      expect(await connect()).to.equal(undefined);
    });

    it("leads a virtual address to its endpoints, all of them in time", async () => {
      expect(await sync(newEntry([a, b]))).to.deep.equal([]);
      expect(await connectTimes(20)).to.deep.equal(["a", "b"]);
    });

    it("stays as it is when the same table comes again", async () => {
      await sync(newEntry([a]));
      expect(await sync(newEntry([a]))).to.deep.equal([]);
      expect(await connect()).to.equal("a");
    });

    it("leads nobody to an endpoint that has left", async () => {
      await sync(newEntry([a, b]));
      await sync(newEntry([b]));
      expect(await connectTimes(10)).to.deep.equal(["b"]);
    });

    it("refuses connections to a service without endpoints", async () => {
      await sync(newEntry([]));
      expect(await connect()).to.equal(undefined);
    });

    it("answers no more for a service that is gone", async () => {
      await sync(newEntry([a]), newEntry([b], { id: "default/other:", port: 8081 }));
      await sync(newEntry([b], { id: "default/other:", port: 8081 }));
      expect(await connect()).to.equal(undefined);
      expect(await connect(VIRTUAL_IP, 8081)).to.equal("b");
    });

    it("serves node ports and external addresses with the endpoints that are for them", async () => {
      const external = "127.96.13.2";
      await sync(newEntry([a], { nodePort: 31_313, externalAddresses: [external], externalEndpoints: [b] }));
      expect(await connect()).to.equal("a");
      expect(await connect(fixture.nodeAddress, 31_313)).to.equal("b");
      expect(await connect(external)).to.equal("b");
    });

    it("keeps a client with its endpoint where the service asks for it", async () => {
      await sync(newEntry([a, b], { affinitySeconds: 60 }));
      const first = await connect();
      expect(await connectTimes(10)).to.deep.equal([first]);
    });

    it("removes everything in the end, any number of times, and can start again", async () => {
      await sync(newEntry([a]));
      await fixture.backend.cleanup();
      await fixture.backend.cleanup();
      expect(await connect()).to.equal(undefined);
      await sync(newEntry([b]));
      expect(await connect()).to.equal("b");
    });

    it("can be closed any number of times, and start again", async () => {
      await sync(newEntry([a]));
      await fixture.backend.close();
      await fixture.backend.close();
      await sync(newEntry([b]));
      expect(await connect()).to.equal("b");
    });

    it("ends its report of disturbances when it is told to", async () => {
      const stop = new AbortController();
      const seen: string[] = [];
      const reading = (async () => {
        for await (const by of fixture.backend.disturbances(stop.signal)) seen.push(by);
      })();
      stop.abort();
      await reading;
      expect(seen).to.deep.equal([]);
    });
  });
}
