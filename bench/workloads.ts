// What the controllers do for many pods at once: with the API server on the embedded store, the controllers and the scheduler each
// a process of its own, over HTTPS, and a hundred nodes that report their pods Ready at once.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { deployments, type Deployment } from "../api/apps/deployment.ts";
import type { NewObject } from "../api/meta/object.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { BenchCluster } from "./bench-cluster.ts";
import { atMost, type Benchmark, type BenchmarkOptions, type Figure, type Target } from "./benchmark.ts";
import { cpuSeconds, memoryMegabytes } from "./machine-load.ts";
import { Program } from "./program.ts";
import { untilObjects } from "./until-object.ts";
import { WorkloadNodes } from "./workload-nodes.ts";

const NAMESPACE = "default";
const SMALL_COUNT = 500;
const SMALL_REPLICAS = 10;
const SMALL_PODS = SMALL_COUNT * SMALL_REPLICAS;
const LARGE_REPLICAS = 1000;
const CACHED_PODS = 10_000;
const AT_ONCE = 32;
const GIVE_UP_MS = 10 * 60_000;
/** What a start leaves to be thrown away is thrown away by then. */
const CALM_MS = 5000;

const deployment = (name: string, replicas: number): NewObject<Deployment> => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { namespace: NAMESPACE, name },
  spec: {
    replicas,
    selector: { matchLabels: { app: name } },
    strategy: {},
    template: {
      metadata: { labels: { app: name } },
      spec: {
        automountServiceAccountToken: false,
        containers: [{ name: "main", image: "busybox:local", resources: { requests: { cpu: "10m", memory: "16Mi" } } }],
      },
    },
  },
});

const SMALL = `${SMALL_COUNT} Deployments of ${SMALL_REPLICAS}`;
const smallNames = Array.from({ length: SMALL_COUNT }, (_, index) => `small-${index}`);

const isMade = ({ spec, status }: Deployment) => status.replicas === spec.replicas;
const isReady = ({ spec, status }: Deployment) => status.readyReplicas === spec.replicas;
const isObserved = ({ metadata, status }: Deployment) => status.observedGeneration === metadata.generation;

interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly target?: Target;
  /** What it explains: a name that another figure has as well stands for something else there. */
  readonly of?: string;
}

/** Figures that are measured in every run, in the order of their first values. */
class Series {
  readonly #figures = new Map<string, Figure & { readonly values: number[] }>();

  add(value: number, { name, unit, target, of = name }: Measurement): void {
    const key = `${of} ${name}`;
    const figure = this.#figures.get(key) ?? { name, unit, values: [], target };
    figure.values.push(value);
    this.#figures.set(key, figure);
  }

  figures(): Figure[] {
    return [...this.#figures.values()];
  }
}

class WorkloadRuns {
  readonly #cluster: BenchCluster;
  readonly #client: Client;
  readonly #nodes: WorkloadNodes;
  readonly #controllers: Program;
  readonly #scheduler: Program;
  readonly series = new Series();

  constructor(parts: {
    readonly cluster: BenchCluster;
    readonly client: Client;
    readonly nodes: WorkloadNodes;
    readonly controllers: Program;
    readonly scheduler: Program;
  }) {
    this.#cluster = parts.cluster;
    this.#client = parts.client;
    this.#nodes = parts.nodes;
    this.#controllers = parts.controllers;
    this.#scheduler = parts.scheduler;
  }

  async largeDeployment(): Promise<void> {
    const name = `${LARGE_REPLICAS} pods of a Deployment Ready`;
    await this.#measure({ name, pods: LARGE_REPLICAS, targetSeconds: 5 }, async () => {
      await this.#client.create(deployments, deployment("large", LARGE_REPLICAS));
      await this.#until(isReady);
    });
    await this.#client.delete(deployments, { namespace: NAMESPACE, name: "large" });
    await this.#nodes.untilEmpty();
  }

  /** Controllers that start find Deployments of which nothing is there yet. */
  async coldStart(): Promise<void> {
    await this.#controllers.stop();
    await this.#forEachSmall((name) => this.#client.create(deployments, deployment(name, SMALL_REPLICAS)));
    const startedMs = performance.now();
    await this.#measure({ name: `${SMALL} made from a cold start`, pods: SMALL_PODS, targetSeconds: 5 }, async () => {
      this.#controllers.start();
      await this.#until(isMade);
    });
    await this.#until(isReady);
    this.series.add((performance.now() - startedMs) / 1000, { name: "  until all of them were Ready", unit: "s" });
  }

  /** Controllers that start find everything there, and something about each Deployment that nobody has seen. */
  async warmStart(): Promise<void> {
    await this.#controllers.stop();
    await this.#forEachSmall((name) => this.#change(name));
    await this.#measure(
      { name: `${SMALL} seen again from a cold start`, pods: SMALL_PODS, targetSeconds: 5 },
      async () => {
        this.#controllers.start();
        await this.#until(isObserved);
      },
    );
  }

  async deletion(): Promise<void> {
    await this.#measure({ name: `${SMALL_PODS} pods deleted`, pods: SMALL_PODS, targetSeconds: 10 }, async () => {
      await this.#forEachSmall((name) => this.#client.delete(deployments, { namespace: NAMESPACE, name }));
      await this.#nodes.untilEmpty();
    });
  }

  async memory(): Promise<void> {
    const add = (name: string) => {
      const megabytes = memoryMegabytes(this.#controllers.pid, "VmRSS");
      this.series.add(megabytes, { name, unit: "MB", target: atMost(300) });
    };
    await this.#client.create(deployments, deployment("cached", CACHED_PODS));
    await this.#until(isReady);
    await sleep(CALM_MS);
    add(`memory of controllers that made ${CACHED_PODS} pods`);
    await this.#controllers.stop();
    await this.#change("cached");
    this.#controllers.start();
    await this.#until(isObserved);
    await sleep(CALM_MS);
    add(`memory of controllers that found ${CACHED_PODS} pods`);
  }

  async #until(holds: (each: Deployment) => boolean): Promise<void> {
    const selection = { resource: deployments, namespace: NAMESPACE, giveUpMs: GIVE_UP_MS };
    await untilObjects(this.#client, selection, (all) => all.every(holds));
  }

  /** Something that concerns no pod. */
  async #change(name: string): Promise<void> {
    const patch = { spec: { revisionHistoryLimit: 5 } };
    await this.#client.patch(deployments, { namespace: NAMESPACE, name }, { type: "merge", patch });
  }

  async #forEachSmall(act: (name: string) => Promise<unknown>): Promise<void> {
    const waiting = smallNames.values();
    const work = async () => {
      for (const name of waiting) await act(name);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  /** How long it takes, and what each program uses for one pod meanwhile. */
  async #measure(
    { name, pods, targetSeconds }: { readonly name: string; readonly pods: number; readonly targetSeconds: number },
    act: () => Promise<void>,
  ): Promise<void> {
    const programs = { "API server": this.#cluster, scheduler: this.#scheduler, controllers: this.#controllers };
    const used = () => Object.values(programs).map(({ pid }) => ({ pid, seconds: pid > 0 ? cpuSeconds(pid) : 0 }));
    const before = used();
    const startedMs = performance.now();
    await act();
    const seconds = (performance.now() - startedMs) / 1000;
    const after = used();
    this.series.add(seconds, { name, unit: "s", target: atMost(targetSeconds) });
    for (const [index, program] of Object.keys(programs).entries()) {
      const [then, now] = [before[index], after[index]];
      // What was started meanwhile has used nothing before.
      const sinceSeconds = then?.pid === now?.pid ? (then?.seconds ?? 0) : 0;
      const micros = (((now?.seconds ?? 0) - sinceSeconds) * 1e6) / pods;
      this.series.add(micros, { name: `  ${program}'s processor time for one`, unit: "µs", of: name });
    }
  }
}

async function measure(options: BenchmarkOptions): Promise<readonly Figure[]> {
  const cluster = await BenchCluster.prepare(options, { runtime: "fake", components: "apiserver" });
  const kubeconfig = join(cluster.directory, "kubeconfig");
  const controllers = new Program("controllers", [
    "--kubeconfig",
    kubeconfig,
    "--no-leader-elect",
    "--use-service-account-credentials",
    // A machine that is short of time must not lose nodes.
    "--node-monitor-grace-period=1h",
  ]);
  const scheduler = new Program("scheduler", ["--kubeconfig", kubeconfig, "--leader-elect=false"]);
  let nodes: WorkloadNodes | undefined;
  try {
    await cluster.start();
    // As a component of its own, which shares its connections.
    const client = createClient(await connectByKubeconfig(kubeconfig, (path) => readFile(path, "utf8")));
    controllers.start();
    scheduler.start();
    nodes = await WorkloadNodes.start(client);
    const runs = new WorkloadRuns({ cluster, client, nodes, controllers, scheduler });
    // Measurements leave what the next one needs.
    for (let run = 1; run <= options.runs; run++) {
      options.progress(`workloads, run ${run}`);
      await runs.largeDeployment();
      await runs.coldStart();
      await runs.warmStart();
      await runs.deletion();
    }
    options.progress(`${CACHED_PODS} pods in the caches of the controllers`);
    await runs.memory();
    return runs.series.figures();
  } finally {
    await nodes?.stop();
    await controllers.stop();
    await scheduler.stop();
    await cluster.wipe();
  }
}

export const workloads: Benchmark = { name: "workloads", run: measure };
