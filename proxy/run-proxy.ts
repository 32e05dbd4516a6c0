// Keeps the backend in step with services and endpoint slices: any change marks the table dirty, as does a move of the node to
// another zone, and the loop builds and syncs it anew. What fails is tried again; what cannot be programmed is told as an event of its service.

import { endpointSlices, type EndpointSlice } from "../api/discovery/endpoint-slice.ts";
import { nodes, type Node } from "../api/core/node.ts";
import { services, type Service } from "../api/core/service.ts";
import type { Client } from "../client/client.ts";
import { createEventRecorder, type EventRecorder } from "../client/event-recorder.ts";
import { InformerSet } from "../client/informer-set.ts";
import type { Informer } from "../client/informer.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import type { ProxyBackend, SyncProblem } from "./backends/backend.ts";
import { HealthChecks, type ServeHealthCheck } from "./health-checks.ts";
import { buildServiceTable, type TableContext } from "./service-table.ts";
import { runSyncLoop } from "./sync-loop.ts";
import { Wakeup } from "./wakeup.ts";

export interface ProxyOptions extends Omit<TableContext, "zone"> {
  readonly client: Client;
  readonly backend: ProxyBackend;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
  /** How ports for load balancers' health checks are opened. */
  readonly serveHealthCheck: ServeHealthCheck;
}

/** Resolves when, after the abort of `signal`, the loop has stopped. What the kernel holds stays, so that services go on. */
export async function runProxy(options: ProxyOptions, signal: AbortSignal): Promise<void> {
  // Of the nodes, only our own matters.
  const selections = new Map([[nodes, { fieldSelector: `metadata.name=${options.nodeName}` }]]);
  const informers = new InformerSet(options, signal, selections);
  const events = createEventRecorder({ ...options, component: "kube-proxy", host: options.nodeName }, signal);
  const proxy = new Proxy(options, {
    events,
    services: informers.informer(services),
    slices: informers.informer(endpointSlices),
    nodes: informers.informer(nodes),
  });
  try {
    // An empty table before the first list would cut every service off.
    await informers.synced();
    await Promise.all([proxy.run(signal), proxy.watchBackend(signal)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.all([options.backend.close(), proxy.close()]);
  }
  await informers.stopped();
}

interface Sources {
  readonly events: EventRecorder;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
  readonly nodes: Informer<Node>;
}

const ZONE = "topology.kubernetes.io/zone";
const zoneOf = (node: Node | undefined) => node?.metadata.labels?.[ZONE];

class Proxy {
  readonly #options: ProxyOptions;
  readonly #sources: Sources;
  readonly #wakeup = new Wakeup();
  readonly #healthChecks: HealthChecks;
  readonly #syncSeconds: { observe(value: number): void };
  /** Problems that were told already, by service and message. */
  #told: ReadonlySet<string> = new Set();

  constructor(options: ProxyOptions, sources: Sources) {
    this.#options = options;
    this.#sources = sources;
    this.#healthChecks = new HealthChecks(options.serveHealthCheck);
    this.#syncSeconds = options.metrics.histogram({
      name: "kubeproxy_sync_proxy_rules_duration_seconds",
      help: "How long programming the service table took.",
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
    });
    sources.services.onChange(() => this.#wakeup.notify());
    sources.slices.onChange(() => this.#wakeup.notify());
    sources.nodes.onChange((change) => {
      const before = change.type === "updated" ? zoneOf(change.before) : undefined;
      if (change.type !== "updated" || zoneOf(change.object) !== before) this.#wakeup.notify();
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    this.#wakeup.notify();
    const sync = (failures: number) => this.#sync(failures, signal);
    await runSyncLoop({ clock: this.#options.clock, wakeup: this.#wakeup, sync }, signal);
  }

  async close(): Promise<void> {
    await this.#healthChecks.close();
  }

  /** Somebody flushed our rules: they are written again. */
  async watchBackend(signal: AbortSignal): Promise<void> {
    const { backend, log } = this.#options;
    for await (const by of backend.disturbances(signal)) {
      log.warn("Somebody else changed the proxy's rules; they are written again", { backend: backend.name, by });
      this.#wakeup.notify();
    }
  }

  async #sync(failures: number, signal: AbortSignal): Promise<boolean> {
    const { backend, clock, log } = this.#options;
    const startedMs = clock.monotonic();
    const { services: all, slices, nodes: own } = this.#sources;
    const zone = zoneOf(own.get({ name: this.#options.nodeName }));
    const table = buildServiceTable(all.list(), slices.list(), { ...this.#options, zone });
    try {
      const problems = await backend.sync(table, signal);
      this.#tell([...problems, ...(await this.#healthChecks.sync(table.healthChecks ?? []))]);
      this.#syncSeconds.observe((clock.monotonic() - startedMs) / 1000);
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      log.error("The service table could not be programmed; it is tried again", { failures, error });
      return false;
    }
  }

  #tell(problems: readonly SyncProblem[]): void {
    const told = new Set<string>();
    for (const { service, message } of problems) {
      const id = `${service.namespace}/${service.name}: ${message}`;
      told.add(id);
      const object = this.#sources.services.get(service);
      if (object && !this.#told.has(id)) this.#sources.events.record({ object }, "Warning", "ProxyProblem", message);
    }
    this.#told = told;
  }
}
