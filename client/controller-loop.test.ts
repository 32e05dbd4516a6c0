import { expect } from "chai";
import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import { secrets } from "../api/core/secret.ts";
import { StatusError } from "../api/meta/status.ts";
import { silentLog, type Log } from "../lib/log.ts";
import { createMetrics, type Metrics } from "../lib/metrics.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeApiServer } from "../testing/fake-api-server.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { createClient } from "./api-client.ts";
import { runController } from "./controller-loop.ts";
import { TerminalError, type Controller, type ControllerDeps, type Reconciler } from "./controller.ts";
import { InformerSet } from "./informer-set.ts";

const owner = { apiVersion: "v1", kind: "ConfigMap", name: "owner", uid: "u" };

function noteIn(seen: string[], text: string): Promise<void> {
  seen.push(text);
  return Promise.resolve();
}

describe("runController", () => {
  let clock: FakeClock;
  let server: FakeApiServer;
  let stop: AbortController;
  let deps: ControllerDeps;
  let metrics: Metrics;
  let running: Promise<void>[];
  let logged: string[];

  const log: Log = { ...silentLog, error: (message) => logged.push(message), with: () => log };
  const newMap = (name: string) => ({ metadata: { namespace: "default", name } });

  beforeEach(() => {
    clock = new FakeClock();
    server = new FakeApiServer();
    stop = new AbortController();
    metrics = createMetrics();
    running = [];
    logged = [];
    const client = createClient(server.handle);
    const random = seededRandom(1);
    const set = new InformerSet({ client, clock, random, log }, stop.signal);
    const informer: ControllerDeps["informer"] = (resource, indexers) => set.informer(resource, indexers);
    deps = { client, informer, clock, random, log, metrics, events: { record: () => undefined } };
  });
  afterEach(async () => {
    stop.abort();
    await clock.advance(0);
    await Promise.all(running);
  });

  async function start(reconciler: Reconciler<ConfigMap>, more: Partial<Controller<ConfigMap>> = {}) {
    running.push(runController({ name: "test", for: configMaps, build: () => reconciler, ...more }, deps, stop.signal));
    await clock.advance(0);
  }

  it("reconciles every object once it is listed, and again after each change", async () => {
    const seen: string[] = [];
    const a = await deps.client.create(configMaps, newMap("a"));
    await start({ reconcile: ({ metadata }) => noteIn(seen, `${metadata.name}@${metadata.resourceVersion}`) });
    await deps.client.update(configMaps, { ...a, data: { x: "1" } });
    await deps.client.create(configMaps, newMap("b"));
    await clock.advance(1000);
    expect(seen).to.deep.equal(["a@1", "a@2", "b@3"]);
  });

  it("waits for the first list of every kind that the controller uses", async () => {
    let reconciled = false;
    await deps.client.create(configMaps, newMap("a"));
    const { handle } = server;
    let release = () => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    const slow = createClient(async (request) => {
      if (request.path === "/api/v1/secrets" && !request.query.has("watch")) await gate;
      return handle(request);
    });
    const set = new InformerSet({ ...deps, client: slow }, stop.signal);
    deps = { ...deps, informer: (resource, indexers) => set.informer(resource, indexers) };
    await start(
      {
        reconcile: () => {
          reconciled = true;
          return Promise.resolve();
        },
      },
      { owns: [secrets] },
    );
    expect(reconciled).to.equal(false);
    release();
    await clock.advance(0);
    expect(reconciled).to.equal(true);
  });

  it("queues the controlling owner of an owned object that changes, and no other owner", async () => {
    const seen: string[] = [];
    for (const name of ["owner", "other"]) await deps.client.create(configMaps, newMap(name));
    await start({ reconcile: ({ metadata }) => noteIn(seen, metadata.name) }, { owns: [secrets] });
    seen.length = 0;
    const ownerReferences = [
      { ...owner, controller: true },
      { ...owner, name: "other" },
      { ...owner, apiVersion: "apps/v1", name: "other", controller: true },
    ];
    const secret = await deps.client.create(secrets, { metadata: { ...newMap("s").metadata, ownerReferences } });
    await clock.advance(0);
    expect(seen).to.deep.equal(["owner"]);
    await deps.client.update(secrets, { ...secret, metadata: { ...secret.metadata, ownerReferences: [] } });
    await clock.advance(0);
    expect(seen).to.deep.equal(["owner", "owner"]);
  });

  it("queues what a watch rule names", async () => {
    const seen: string[] = [];
    await deps.client.create(configMaps, newMap("a"));
    const rule = { resource: secrets, map: () => [{ namespace: "default", name: "a" }] };
    await start({ reconcile: ({ metadata }) => noteIn(seen, metadata.name) }, { watches: [rule] });
    await deps.client.create(secrets, newMap("s"));
    await clock.advance(0);
    expect(seen).to.deep.equal(["a", "a"]);
  });

  it("delays the object alone whose reconcile throws, longer each time, and logs each failure once", async () => {
    const attempts: Record<string, number> = {};
    for (const name of ["bad", "good"]) await deps.client.create(configMaps, newMap(name));
    await start(
      {
        reconcile: async ({ metadata }) => {
          attempts[metadata.name] = (attempts[metadata.name] ?? 0) + 1;
          await Promise.resolve();
          if (metadata.name === "bad") throw new Error("cannot");
        },
      },
      { concurrency: 1 },
    );
    await clock.advance(5 + 10 + 20);
    expect(attempts).to.deep.equal({ bad: 4, good: 1 });
    expect(logged).to.have.length(4);
    expect((await metrics.render()).text).to.include('result="error"} 4');
  });

  it("tries again soon after a conflict, without an error in the log", async () => {
    let attempts = 0;
    await deps.client.create(configMaps, newMap("a"));
    await start({
      reconcile: () => (++attempts < 3 ? Promise.reject(new StatusError("Conflict", "modified")) : Promise.resolve()),
    });
    await clock.advance(20);
    expect([attempts, logged]).to.deep.equal([3, []]);
  });

  it("does not retry a terminal error before the object changes", async () => {
    let attempts = 0;
    const a = await deps.client.create(configMaps, newMap("a"));
    await start({
      reconcile: () => {
        attempts++;
        throw new TerminalError("the spec makes no sense");
      },
    });
    await clock.advance(1_000_000);
    expect(attempts).to.equal(1);
    await deps.client.update(configMaps, { ...a, data: { x: "1" } });
    await clock.advance(0);
    expect([attempts, logged.length]).to.deep.equal([2, 2]);
  });

  it("comes back after the time that a reconciler asks for", async () => {
    const atMs: number[] = [];
    await deps.client.create(configMaps, newMap("a"));
    await start({
      reconcile: () => {
        atMs.push(clock.monotonic());
        return Promise.resolve(atMs.length < 3 ? { afterMs: 500 } : undefined);
      },
    });
    await clock.advance(10_000);
    expect(atMs).to.deep.equal([0, 500, 1000]);
  });

  it("hands objects that are being deleted to finalize, and forgets those that are gone", async () => {
    const seen: string[] = [];
    const a = await deps.client.create(configMaps, newMap("a"));
    await start({
      reconcile: () => noteIn(seen, "reconcile"),
      finalize: () => noteIn(seen, "finalize"),
      forget: ({ namespace, name }) => void seen.push(`forget ${namespace}/${name}`),
    });
    await deps.client.update(configMaps, {
      ...a,
      metadata: { ...a.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
    });
    await clock.advance(0);
    await deps.client.delete(configMaps, a.metadata);
    await clock.advance(0);
    expect(seen).to.deep.equal(["reconcile", "finalize", "forget default/a"]);
  });

  it("resolves after an abort only when the running reconcile has ended", async () => {
    let ended = false;
    await deps.client.create(configMaps, newMap("a"));
    let finish = () => {};
    await start({
      reconcile: () => new Promise<void>((resolve) => (finish = resolve)),
    });
    void running[0]?.then(() => (ended = true));
    stop.abort();
    await clock.advance(0);
    expect(ended).to.equal(false);
    finish();
    await clock.advance(0);
    expect(ended).to.equal(true);
  });
});
