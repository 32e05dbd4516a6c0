import { expect } from "chai";
import { systemClock } from "../../lib/clock.ts";
import { EtcdServer } from "../../testing/etcd-server.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { describeDurableStore } from "../../testing/store-conformance.ts";
import { failure, put, Recorder, text } from "../../testing/store-fixture.ts";
import { TcpProxy } from "../../testing/tcp-proxy.ts";
import { EtcdStore } from "./etcd-store.ts";
import { Conflict, TooLarge, Unavailable, type Revision, type Store } from "./store.ts";

const clock = systemClock();

/** Tries until etcd takes it: right after a restart or an election it may not. */
async function eventually<T>(run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
    }
  }
}

describeWith(["etcd"], "EtcdStore", function () {
  describeDurableStore("EtcdStore", async () => {
    const servers = await EtcdServer.start();
    const endpoints = servers.map((server) => server.url);
    let store = new EtcdStore({ endpoints, clock });
    return {
      store,
      async reopen() {
        await store.close();
        store = new EtcdStore({ endpoints, clock });
        return store;
      },
      async cleanup() {
        await store.close();
        await Promise.all(servers.map((server) => server.remove()));
      },
    };
  });

  describe("with a server of its own", () => {
    let servers: EtcdServer[];
    let stores: Store[];
    let proxies: TcpProxy[];

    beforeEach(() => {
      servers = [];
      stores = [];
      proxies = [];
    });
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await Promise.all(servers.map((server) => server.remove()));
    });

    async function startServers(members = 1, flags: readonly string[] = []): Promise<EtcdServer> {
      servers = await EtcdServer.start(members, flags);
      return servers[0] as EtcdServer;
    }

    function open(endpoints: readonly string[], keyPrefix?: string): EtcdStore {
      const store = new EtcdStore({ endpoints, keyPrefix, clock });
      stores.push(store);
      return store;
    }

    const write = (store: Store, key: string, value = "x"): Promise<Revision> =>
      store.commit({ checks: [], writes: [put(key, value)] });

    it("goes on after the server was killed and restarted, with every event once", async () => {
      const server = await startServers();
      const store = open([server.url]);
      const recorder = new Recorder(store, "/", 1);
      for (let index = 0; index < 10; index += 1) await write(store, `/before/${index}`);
      await recorder.until(10);
      await server.kill();
      expect(await failure(write(store, "/lost"))).to.be.instanceOf(Unavailable);
      expect(await failure(store.revision())).to.be.instanceOf(Unavailable);
      await server.run();
      await eventually(() => write(store, "/after"));
      await recorder.until(11);
      expect(recorder.lines.at(-1)).to.equal("/after: - → x");
      expect(recorder.revisions).to.deep.equal(Array.from({ length: 11 }, (_, index) => index + 2));
      await recorder.stop();
    });

    it("loses no event, and repeats none, when connections are cut in the middle of history", async () => {
      const server = await startServers();
      const direct = open([server.url]);
      const total = 6000;
      for (let start = 0; start < total; start += 500) {
        await Promise.all(
          Array.from({ length: 500 }, (_, index) => write(direct, `/k/${index % 50}`, "v".repeat(1000))),
        );
      }
      const proxy = await TcpProxy.start(server.port);
      proxies.push(proxy);
      let cuts = 0;
      proxy.onBytes = (bytes) => {
        if (bytes < (cuts + 1) * 1_500_000 || cuts >= 4) return;
        cuts += 1;
        proxy.cut();
      };
      const recorder = new Recorder(open([proxy.url]), "/k/", 1);
      const revisions = Array.from({ length: total }, (_, index) => index + 2);
      await recorder.until(total);
      expect(cuts).to.equal(4);
      expect(recorder.revisions).to.deep.equal(revisions);
      await recorder.stop();
    });

    it("never repeats a transaction whose connection broke: it is there once or not at all, and the caller is told", async () => {
      const server = await startServers();
      const proxy = await TcpProxy.start(server.port);
      proxies.push(proxy);
      const store = open([proxy.url]);
      const outcomes: PromiseSettledResult<Revision>[] = [];
      for (let round = 0; round < 10; round += 1) {
        const commits = Array.from({ length: 50 }, (_, index) => write(store, `/${round}/${index}`));
        if (round % 2 === 1) setTimeout(() => proxy.cut(), round);
        outcomes.push(...(await Promise.allSettled(commits)));
      }
      for (const outcome of outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason).to.be.instanceOf(Unavailable);
      }
      const direct = open([server.url]);
      const recorder = new Recorder(direct, "/", 1);
      await recorder.reached(await direct.revision());
      expect(new Set(recorder.lines).size).to.equal(recorder.lines.length);
      expect(recorder.lines.every((line) => line.includes(": - → x"))).to.equal(true);
      const acknowledged = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
      expect(recorder.revisions).to.include.members(acknowledged);
      await recorder.stop();
    });

    it("shares an etcd with others by its key prefix, and is fresh although they write", async () => {
      const server = await startServers();
      const [one, two] = [open([server.url], "/one"), open([server.url], "/two")];
      const recorder = new Recorder(one, "/", 1);
      await write(one, "/a", "1");
      const foreign = await write(two, "/a", "2");
      await recorder.until(1);
      expect(await one.revision()).to.equal(foreign);
      await recorder.reached(foreign);
      expect(text((await one.get("/a"))?.value)).to.equal("1");
      expect((await two.list("/")).items.map((item) => item.key)).to.deep.equal(["/a"]);
      await recorder.stop();
    });

    it("takes values and transactions up to etcd's limits, and says when they are beyond", async () => {
      const store = open([(await startServers()).url]);
      await write(store, "/large", "x".repeat(1_400_000));
      for (const size of [1_600_000, 4_000_000]) {
        expect(await failure(write(store, "/large", "x".repeat(size)))).to.be.instanceOf(TooLarge);
      }
      const writes = Array.from({ length: 4097 }, (_, index) => put(`/${index}`, "x"));
      expect(await failure(store.commit({ checks: [], writes }))).to.be.instanceOf(TooLarge);
      await store.commit({ checks: [], writes: writes.slice(1) });
    });

    it("makes a transaction of many parts whole, in one revision, or not at all", async () => {
      const store = open([(await startServers()).url]);
      const recorder = new Recorder(store, "/", 1);
      const keys = Array.from({ length: 300 }, (_, index) => `/${index}`);
      const writes = keys.map((key) => put(key, "1"));
      const first = await store.commit({ checks: keys.map((key) => ({ key, revision: 0 })), writes });
      expect(new Set((await store.list("/")).items.map(({ revision }) => revision))).to.deep.equal(new Set([first]));
      const changed = await write(store, "/299", "2");
      const stale = keys.map((key) => ({ key, revision: first }));
      const refusal = await failure(store.commit({ checks: stale, writes: keys.map((key) => put(key, "3")) }));
      expect(refusal).to.be.instanceOf(Conflict);
      expect(refusal).to.have.property("key", "/299");
      expect(await store.revision()).to.equal(changed);
      const current = stale.map((check) => (check.key === "/299" ? { ...check, revision: changed } : check));
      const last = await store.commit({ checks: current, writes: keys.map((key) => ({ key, value: undefined })) });
      expect((await store.list("/")).items).to.deep.equal([]);
      await recorder.until(601);
      await recorder.reached(last);
      await recorder.stop();
    });

    it("reads lists and history of more than 4 MB", async () => {
      const store = open([(await startServers()).url]);
      for (let index = 0; index < 8; index += 1) await write(store, `/${index}`, "x".repeat(1_000_000));
      expect((await store.list("/")).items).to.have.length(8);
      const recorder = new Recorder(store, "/", 1);
      await recorder.until(8);
      await recorder.stop();
    });

    it("is unavailable for writes, with the reason, when etcd is out of space, and reads on", async () => {
      const store = open([(await startServers(1, ["--quota-backend-bytes", `${2 ** 21}`])).url]);
      let refusal: unknown;
      for (let index = 0; refusal === undefined; index += 1) {
        refusal = await failure(write(store, `/${index}`, "x".repeat(100_000)));
      }
      expect(refusal).to.be.instanceOf(Unavailable);
      expect((refusal as Error).message).to.match(/^etcd is not available: .*database space exceeded/);
      expect((await store.list("/")).items.length).to.be.greaterThan(0);
      expect(await store.revision()).to.be.greaterThan(1);
    });

    it("moves to another member when the one it uses is gone, and stops without a majority", async () => {
      await startServers(3);
      const store = open(servers.map((server) => server.url));
      const recorder = new Recorder(store, "/", 1);
      await eventually(() => write(store, "/a", "1"));
      await servers[0]?.kill();
      const revision = await eventually(() => write(store, "/a", "2"));
      const check = { key: "/a", revision: revision - 1 };
      expect(await failure(store.commit({ checks: [check], writes: [put("/a", "3")] }))).to.be.instanceOf(Conflict);
      await recorder.until(2);
      await servers[1]?.kill();
      expect(await failure(write(store, "/b", "1"))).to.be.instanceOf(Unavailable);
      await Promise.all([servers[0]?.run(), servers[1]?.run()]);
      await eventually(() => write(store, "/c", "1"));
      expect(await eventually(() => store.revision())).to.be.greaterThan(revision);
      while (!recorder.lines.includes("/c: - → 1")) await recorder.until(recorder.lines.length + 1);
      expect(recorder.lines.slice(0, 2)).to.deep.equal(["/a: - → 1", "/a: 1 → 2"]);
      await recorder.stop();
    });
  });
});
