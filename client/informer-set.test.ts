import { expect } from "chai";
import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import { StatusError } from "../api/meta/status.ts";
import { silentLog } from "../lib/log.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createClient } from "./api-client.ts";
import type { Client } from "./client.ts";
import type { Change, Informer } from "./informer.ts";
import { InformerSet } from "./informer-set.ts";

const newMap = (name: string, value = "1", namespace = "default") => ({
  metadata: { namespace, name },
  data: { value },
});
const show = ({ metadata, data }: ConfigMap) => `${metadata.name}=${data?.value}`;
const showChange = (change: Change<ConfigMap>) =>
  `${change.type} ${show(change.object)}${change.type === "updated" ? ` was ${show(change.before)}` : ""}`;

describe("InformerSet", () => {
  let clock: FakeClock;
  let server: FakeApiServer;
  let client: Client;
  let stop: AbortController;
  let set: InformerSet;
  let changes: string[];
  let informer: Informer<ConfigMap>;

  const listsAndWatches = () =>
    server.requests
      .filter(({ method }) => method === "GET")
      .map(({ query }) => (query.get("watch") ? "watch" : "list"));

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeApiServer();
    client = createClient(server.handle);
    stop = new AbortController();
    set = new InformerSet({ client, clock, random: seededRandom(1), log: silentLog }, stop.signal);
    changes = [];
  });
  afterEach(async () => {
    stop.abort();
    await clock.advance(0);
    await set.stopped();
  });

  async function start() {
    informer = set.informer(configMaps);
    informer.onChange((change) => changes.push(showChange(change)));
    await clock.advance(0);
    await set.synced();
  }

  it("lists once, then follows changes", async () => {
    await client.create(configMaps, newMap("a"));
    await start();
    const b = await client.create(configMaps, newMap("b"));
    await client.update(configMaps, { ...b, data: { value: "2" } });
    await client.delete(configMaps, { namespace: "default", name: "a" });
    await clock.advance(0);
    expect(changes).to.deep.equal(["added a=1", "added b=1", "updated b=2 was b=1", "deleted a=1"]);
    expect(informer.list().map(show)).to.deep.equal(["b=2"]);
    expect(informer.get({ namespace: "default", name: "b" })?.data).to.deep.equal({ value: "2" });
    expect(listsAndWatches()).to.deep.equal(["list", "watch"]);
  });

  it("resumes a watch that was cut where it ended, without a list and without missing anything", async () => {
    await client.create(configMaps, newMap("a"));
    await start();
    await clock.advance(5000);
    server.cutWatches();
    await client.create(configMaps, newMap("b"));
    await clock.advance(2000);
    expect(changes).to.deep.equal(["added a=1", "added b=1"]);
    expect(listsAndWatches()).to.deep.equal(["list", "watch", "watch"]);
  });

  it("lists again after a gap in the history, and reports what changed meanwhile as changes", async () => {
    const [kept] = [await client.create(configMaps, newMap("kept")), await client.create(configMaps, newMap("gone"))];
    const again = await client.create(configMaps, newMap("again"));
    await start();
    changes.length = 0;
    server.failure = new StatusError("ServiceUnavailable", "restarting");
    server.cutWatches();
    await clock.advance(500);
    server.failure = undefined;
    await client.update(configMaps, { ...kept, data: { value: "2" } });
    await client.delete(configMaps, { namespace: "default", name: "gone" });
    await client.delete(configMaps, again.metadata);
    await client.create(configMaps, newMap("again", "2"));
    await client.create(configMaps, newMap("new"));
    server.compact();
    // The back-off after half a second of failures is the whole wait: the list follows the refused watch at once.
    await clock.advance(400);
    expect([...changes].sort()).to.deep.equal([
      "added again=2",
      "added new=1",
      "deleted again=1",
      "deleted gone=1",
      "updated kept=2 was kept=1",
    ]);
    expect(informer.list().map(show).sort()).to.deep.equal(["again=2", "kept=2", "new=1"]);
  });

  it("moves on with bookmarks, so that a compaction of what it has passed costs no list", async () => {
    await start();
    await client.create(configMaps, newMap("a"));
    await clock.advance(2000);
    // A change of another kind makes revisions that this watch does not see.
    await client.create({ ...configMaps, plural: "others" }, newMap("x"));
    server.bookmark();
    await clock.advance(0);
    server.compact();
    server.cutWatches();
    await clock.advance(2000);
    expect(listsAndWatches()).to.deep.equal(["list", "watch", "watch"]);
  });

  it("waits longer after each failure, at most two seconds, and asks less often than the server is away", async () => {
    server.failure = new StatusError("ServiceUnavailable", "away");
    informer = set.informer(configMaps);
    await clock.advance(60_000);
    expect(server.requests.length).to.be.within(30, 80);
    server.failure = undefined;
    await clock.advance(2000);
    await set.synced();
  });

  it("does not list in a tight loop from a server whose history is always gone", async () => {
    await start();
    const { handle } = server;
    const expired = new StatusError("Expired", "too old resource version").toStatus();
    const forgetful = createClient((request) =>
      request.query.has("watch")
        ? Promise.resolve({ status: 410, headers: {}, body: { kind: "object", object: expired, chunks: () => [] } })
        : handle(request),
    );
    const own = new InformerSet({ client: forgetful, clock, random: seededRandom(1), log: silentLog }, stop.signal);
    own.informer(configMaps);
    server.requests.length = 0;
    await clock.advance(60_000);
    expect(listsAndWatches().length).to.be.below(100);
    stop.abort();
    await own.stopped();
  });

  it("does not open watches in a tight loop that the server ends at once", async () => {
    await start();
    for (let round = 0; round < 50; round++) {
      server.cutWatches();
      await clock.advance(100);
    }
    expect(listsAndWatches().length).to.be.below(20);
  });

  it("opens another watch when the server has forgotten the one before", async () => {
    await start();
    await clock.advance(700_000);
    expect(listsAndWatches().filter((what) => what === "watch").length).to.be.within(2, 3);
  });

  it("shares one cache and one watch among all who ask for a kind", async () => {
    await start();
    const other = set.informer(configMaps, { byValue: ({ data }) => [data?.value ?? ""] });
    expect(other).to.equal(informer);
    await client.create(configMaps, newMap("a"));
    await clock.advance(0);
    expect(other.byIndex("byValue", "1").map(show)).to.deep.equal(["a=1"]);
    expect(listsAndWatches()).to.deep.equal(["list", "watch"]);
  });

  it("narrows a kind down where the set says so", async () => {
    const own = new InformerSet(
      { client, clock, random: seededRandom(1), log: silentLog },
      stop.signal,
      new Map([[configMaps, { namespace: "mine" }]]),
    );
    await client.create(configMaps, newMap("a", "1", "mine"));
    await client.create(configMaps, newMap("b"));
    const narrow = own.informer(configMaps);
    await clock.advance(0);
    expect(narrow.list().map(show)).to.deep.equal(["a=1"]);
    stop.abort();
    await own.stopped();
  });

  it("rejects `synced` when it is stopped before the first list", async () => {
    server.failure = new StatusError("ServiceUnavailable", "away");
    informer = set.informer(configMaps);
    await clock.advance(100);
    stop.abort();
    const outcome = await informer.synced.then(
      () => "synced",
      () => "rejected",
    );
    expect(outcome).to.equal("rejected");
  });
});
