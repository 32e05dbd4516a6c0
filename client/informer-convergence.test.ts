import { expect } from "chai";
import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { StatusError } from "../api/meta/status.ts";
import { HttpError, type EncodableEvent, type Handler, type HttpResponse } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { seededRandom, type Random } from "../lib/random.ts";
import { TestCluster } from "../testing/cluster.ts";
import { createClient } from "./api-client.ts";
import { InformerSet } from "./informer-set.ts";

const expired: HttpResponse = {
  status: 410,
  headers: {},
  body: { kind: "object", object: new StatusError("Expired", "too old resource version").toStatus(), chunks: () => [] },
};

/** Loses answers, forgets where watches were, and cuts each watch after some events. */
function unreliable(transport: Handler, random: Random): Handler {
  return async (request) => {
    const response = await transport(request);
    if (random.float() < 0.2) throw new HttpError(503, "the connection was lost");
    if (request.query.has("watch") && random.float() < 0.2) return expired;
    return response.body.kind === "events" ? cutAfter(response, Math.floor(random.float() * 6)) : response;
  };
}

function cutAfter(response: HttpResponse, batches: number): HttpResponse {
  if (response.body.kind !== "events") return response;
  const { events } = response.body;
  const cut = async function* (): AsyncGenerator<readonly EncodableEvent[]> {
    let left = batches;
    for await (const batch of events) {
      if (left-- <= 0) return;
      yield batch;
    }
  };
  return { ...response, body: { kind: "events", events: cut() } };
}

const versions = (objects: readonly ConfigMap[]) =>
  Object.fromEntries(objects.map((object) => [formatKey(keyOf(object)), object.metadata.resourceVersion]));

describe("an informer on an unreliable connection to the real server", () => {
  let cluster: TestCluster;
  beforeEach(async () => (cluster = await TestCluster.start()));
  afterEach(() => cluster.stop());

  for (const seed of [1, 2, 3, 4, 5]) {
    it(`ends with exactly what the server has, and its changes add up to it (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const stop = new AbortController();
      const client = createClient(unreliable(cluster.transport, random));
      const set = new InformerSet({ client, clock: cluster.clock, random, log: silentLog }, stop.signal);
      const informer = set.informer(configMaps);
      const told = new Map<string, ConfigMap>();
      informer.onChange(({ type, object }) => {
        const key = formatKey(keyOf(object));
        expect(told.has(key), `${type} ${key}`).to.equal(type !== "added");
        if (type === "deleted") told.delete(key);
        else told.set(key, object);
      });
      for (let step = 0; step < 150; step++) {
        await changeSomething(cluster, random);
        await cluster.clock.advance(Math.floor(random.float() * 300));
      }
      await cluster.clock.advance(60_000);
      const expected = versions(await cluster.list(configMaps));
      expect(versions(informer.list())).to.deep.equal(expected);
      expect(versions([...told.values()])).to.deep.equal(expected);
      stop.abort();
      await cluster.clock.advance(0);
      await set.stopped();
    });
  }
});

describe("an informer of many objects", () => {
  it("lists them page by page, and misses nothing that changes meanwhile", async () => {
    const cluster = await TestCluster.start();
    const key = (name: string) => ({ namespace: "default", name });
    for (let index = 0; index < 1100; index++) await cluster.client.create(configMaps, { metadata: key(`m${index}`) });
    const asked: (string | null)[] = [];
    const transport: Handler = async (request) => {
      const response = await cluster.transport(request);
      if (!request.query.has("limit")) return response;
      asked.push(request.query.get("limit"));
      // Some of these are on the page that was answered, others on the next ones.
      const [first, last] = [key(`m${asked.length}`), key(`m99${asked.length}`)];
      for (const each of [first, last]) await cluster.client.delete(configMaps, each);
      await cluster.client.create(configMaps, { metadata: key(`n${asked.length}`) });
      return response;
    };
    const stop = new AbortController();
    const parts = { client: createClient(transport), clock: cluster.clock, random: seededRandom(1), log: silentLog };
    const set = new InformerSet(parts, stop.signal);
    const informer = set.informer(configMaps);
    await cluster.clock.advance(1000);
    expect(asked).to.deep.equal(["500", "500", "500"]);
    const expected = versions(await cluster.list(configMaps));
    expect(Object.keys(expected)).to.have.length(1097);
    expect(versions(informer.list())).to.deep.equal(expected);
    stop.abort();
    await cluster.clock.advance(0);
    await set.stopped();
    await cluster.stop();
  });
});

async function changeSomething({ client }: TestCluster, random: Random): Promise<void> {
  const key = { namespace: "default", name: `m${Math.floor(random.float() * 8)}` };
  const found = (await client.list(configMaps, { namespace: "default" })).items.find(
    ({ metadata }) => metadata.name === key.name,
  );
  if (!found) await client.create(configMaps, { metadata: key });
  else if (random.float() < 0.4) await client.delete(configMaps, key);
  else await client.update(configMaps, { ...found, data: { value: String(random.float()) } });
}
