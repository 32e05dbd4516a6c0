// A cluster inside a test: the real API server over the memory store, the controllers and components that the test names, and
// a fake clock. Nothing is encoded, nothing waits for real time, and a run with the same steps is the same each time.

import { setMaxListeners } from "node:events";
import { createApiServer } from "../apiserver/api-server.ts";
import { systemAccountUser } from "../apiserver/auth/system-users.ts";
import { controllerRoles } from "../apiserver/bootstrap/roles/controller-roles.ts";
import { MemoryStore } from "../apiserver/storage/memory-store.ts";
import { builtinResources } from "../api/index.ts";
import { nodes, type Node } from "../api/core/node.ts";
import { keyOf, type KubeObject, type NewObject, type ObjectKey } from "../api/meta/object.ts";
import { isAlreadyExists } from "../api/meta/status.ts";
import { apiVersionOf, type ResourceDefinition } from "../api/resource.ts";
import { createClient } from "../client/api-client.ts";
import type { Client, ListOptions } from "../client/client.ts";
import { runController } from "../client/controller-loop.ts";
import type { Controller } from "../client/controller.ts";
import { createEventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import { inProcessTransport } from "../client/transport.ts";
import { accountOf } from "../controllers/accounts.ts";
import type { Handler, UserInfo } from "../lib/http.ts";
import { silentLog, type Log } from "../lib/log.ts";
import { createMetrics, type Metrics } from "../lib/metrics.ts";
import { seededRandom, type Random } from "../lib/random.ts";
import { FakeClock } from "./fake-clock.ts";

export interface TestClusterOptions {
  readonly controllers?: readonly Controller[];
  /** Whatever else runs in the cluster, such as `runScheduler`. */
  readonly components?: readonly Component[];
  readonly resources?: readonly ResourceDefinition[];
  /** Decides all random choices; 1 unless given. */
  readonly seed?: number;
  readonly log?: Log;
  /** How the API server reaches kubelets; not at all unless given. */
  readonly nodeHandler?: (node: Node) => Handler;
  /** With what is in it already; an empty one unless given. */
  readonly store?: MemoryStore;
}

/** Runs until `signal` is aborted. */
export type Component = (parts: ComponentParts, signal: AbortSignal) => Promise<void>;

export interface ComponentParts {
  readonly transport: Handler;
  readonly client: Client;
  readonly clock: FakeClock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** What reacts within this time reacts "at once": settling includes it. Retries after conflicts are the slowest of it. */
const SETTLE_MS = 100;
/** A cluster that still writes after this many rounds never comes to rest. */
const ROUNDS_MAX = 10_000;
const ADMINISTRATOR: UserInfo = { username: "admin", groups: ["system:masters", "system:authenticated"] };

const noKubelet: Handler = () => Promise.resolve({ status: 502, headers: {}, body: { kind: "empty" } });

export class TestCluster {
  readonly clock = new FakeClock();
  readonly store: MemoryStore;
  /** The administrator's, but for requests that say whose they are; see inProcessTransport. */
  readonly transport: Handler;
  readonly client: Client;
  readonly metrics = createMetrics();
  readonly #options: TestClusterOptions;
  readonly #random: Random;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>[] = [];
  readonly #start: (signal: AbortSignal) => Promise<void>;

  private constructor(options: TestClusterOptions) {
    this.#options = options;
    // Every cache of the server listens for the end.
    setMaxListeners(0, this.#stop.signal);
    this.#random = seededRandom(options.seed ?? 1);
    this.#log = options.log ?? silentLog;
    this.store = options.store ?? new MemoryStore();
    const server = createApiServer({
      store: this.store,
      resources: options.resources ?? builtinResources,
      clock: this.clock,
      random: this.#random,
      log: this.#log,
      metrics: this.metrics,
      nodeHandler: options.nodeHandler ?? (() => noKubelet),
      serviceCidr: "10.96.0.0/16",
      // Not every test has the controller that makes service accounts, or a kubelet that gets tokens.
      disabledAdmission: ["ServiceAccount"],
      authorizationModes: ["Node", "RBAC"],
    });
    this.#start = (signal) => server.start(signal);
    this.transport = (request) => {
      const peer = { address: "in-process", user: request.peer.user ?? ADMINISTRATOR };
      return server.handle({ ...request, peer });
    };
    this.client = createClient(this.transport);
  }

  /** A running cluster that has settled. The test owes a `stop`. */
  static async start(options: TestClusterOptions = {}): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    const started = cluster.#start(cluster.#stop.signal);
    await cluster.clock.advance(0);
    await started;
    cluster.#runControllers();
    for (const component of options.components ?? []) cluster.run(component);
    await cluster.settle();
    return cluster;
  }

  /** Starts a component beside the others; the returned function stops it, as a crash without an end would. */
  run(component: Component): () => void {
    const stop = new AbortController();
    const { client, clock, metrics, transport } = this;
    const parts = { transport, client, clock, metrics, random: this.#random, log: this.#log };
    const running = component(parts, AbortSignal.any([this.#stop.signal, stop.signal]));
    // A failure is reported by `stop`; until then it is nobody's unhandled rejection.
    running.catch(() => undefined);
    this.#running.push(running);
    return () => stop.abort();
  }

  /** Ends everything. Rejects with what a component has failed with. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.clock.advance(60_000);
    await Promise.all(this.#running);
    await this.store.close();
  }

  /** Creates the objects, or replaces the fields given of those that exist. In order; resolves before anybody has reacted. */
  async apply(...objects: readonly (NewObject<KubeObject> | KubeObject)[]): Promise<void> {
    for (const object of objects) {
      const resource = this.#resourceOf(object);
      try {
        await this.client.create(resource, object);
      } catch (error) {
        if (!isAlreadyExists(error)) throw error;
        const old = await this.client.get(resource, keyOf(object as KubeObject));
        const metadata = { ...old.metadata, ...object.metadata };
        await this.client.update(resource, { ...old, ...object, metadata });
      }
    }
  }

  /** Nodes that have become ready: without the taint that the server gives each new node until then. */
  async addNodes(...added: readonly NewObject<Node>[]): Promise<void> {
    for (const node of added) {
      const created = await this.client.create(nodes, node);
      await this.client.update(nodes, { ...created, spec: node.spec });
    }
  }

  get<T extends KubeObject>(resource: ResourceDefinition<T>, key: string): Promise<T> {
    return this.client.get(resource, this.#keyOf(resource, key));
  }

  async list<T extends KubeObject>(resource: ResourceDefinition<T>, options: ListOptions = {}): Promise<readonly T[]> {
    return (await this.client.list(resource, options)).items;
  }

  /** Replaces the given fields of the object's status, as its kubelet or controller would. */
  async setStatus<T extends KubeObject>(resource: ResourceDefinition<T>, key: string, status: object): Promise<void> {
    const old: KubeObject & { readonly status?: object } = await this.get(resource, key);
    const object = { ...old, status: { ...old.status, ...status } } as unknown as T;
    await this.client.update(resource, object, { subresource: "status" });
  }

  async delete(resource: ResourceDefinition, key: string): Promise<void> {
    await this.client.delete(resource, this.#keyOf(resource, key));
  }

  /**
   * Lets everybody react until nobody writes any more. Moves the clock only as far as retries need it: what waits longer than
   * a tenth of a second, such as grace periods and back-off after repeated failures, needs `step`.
   */
  async settle(): Promise<void> {
    const { clock, store } = this;
    let revision = -1;
    let quietUntilMs = 0;
    for (let round = 0; round < ROUNDS_MAX; round++) {
      await clock.advance(0);
      const newest = await store.revision();
      if (newest !== revision) quietUntilMs = clock.monotonic() + SETTLE_MS;
      revision = newest;
      const nextMs = clock.nextTimerMs();
      if (nextMs === undefined || clock.monotonic() + nextMs > quietUntilMs) return;
      await clock.advance(nextMs);
    }
    throw new Error(`the cluster has not come to rest after ${ROUNDS_MAX} rounds`);
  }

  /** Lets time pass, with everybody reacting meanwhile, and settles. */
  async step(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  #runControllers(): void {
    const { controllers = [] } = this.#options;
    if (controllers.length === 0) return;
    this.run(async ({ client: administrator, transport, clock, random, log, metrics }, signal) => {
      const informers = new InformerSet({ client: administrator, clock, random, log }, signal);
      const informer: InformerSet["informer"] = (resource, indexers) => informers.informer(resource, indexers);
      const running = controllers.map((controller) => {
        // Those that there are in a cluster act as themselves, with no more rights than they have there.
        const account = accountOf(controller.name);
        const isKnown = account !== undefined && controllerRoles.some(([name]) => name === account);
        const client = isKnown
          ? createClient(inProcessTransport(transport, systemAccountUser(account)))
          : administrator;
        const events = createEventRecorder({ client, component: "test", clock, random, log, metrics }, signal);
        const deps = { client, clock, random, log, metrics, events, informer };
        return runController(controller, deps, signal);
      });
      await Promise.all(running);
      await informers.stopped();
    });
  }

  #resourceOf({ apiVersion, kind }: { readonly apiVersion?: string; readonly kind?: string }): ResourceDefinition {
    const { resources = builtinResources } = this.#options;
    const found = resources.find((each) => each.kind === kind && apiVersionOf(each) === apiVersion);
    if (!found) throw new Error(`the cluster has no kind ${kind} of ${apiVersion}`);
    return found;
  }

  /** `name`, in the namespace default where the kind has namespaces, or `namespace/name`. */
  #keyOf({ scope }: Pick<ResourceDefinition, "scope">, key: string): ObjectKey {
    if (scope === "Cluster") return { name: key };
    const [name = "", namespace = "default"] = key.split("/").reverse();
    return { namespace, name };
  }
}
