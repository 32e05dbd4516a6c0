// How fast the API server is over HTTPS, on the machine's cores shared with the load generator: kload where it is given, a
// small one of our own otherwise.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serviceAccounts } from "../api/core/service-account.ts";
import type { Connection } from "../client/kubeconfig.ts";
import { BenchCluster } from "./bench-cluster.ts";
import { atLeast, atMost, type Benchmark, type BenchmarkOptions, type Figure, type Target } from "./benchmark.ts";
import { runKload, type KloadTarget } from "./kload.ts";
import { measureLists } from "./lists.ts";
import { loadPod } from "./load-pod.ts";
import { generateLoad, type Load } from "./load-generator.ts";
import { cpuSeconds } from "./machine-load.ts";
import { RawConnection, type RawRequest } from "./raw-connection.ts";

const TOKEN = "tok-admin";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const CREATES = 8000;
const GETS = 30_000;
const IN_FLIGHT = 64;
const WATCHERS = 100;
const WATCHED_CREATES = 1000;
const LISTED_PODS = 10_000;

type Server = Pick<Connection, "baseUrl" | "tls">;

const configMap = (name: string): RawRequest => ({
  method: "POST",
  target: CONFIG_MAPS,
  body: JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "v".repeat(512) } }),
});

const pod = (name: string): RawRequest => ({
  method: "POST",
  target: PODS,
  body: JSON.stringify(loadPod(name)),
});

const creates = (prefix: string, count: number): Load => ({
  count,
  connections: IN_FLIGHT,
  expectedCode: 201,
  request: (index) => configMap(`${prefix}-${index}`),
});

/** The rate at which all watchers together get the events of many creates. */
async function fanOut(server: Server, run: number): Promise<number> {
  const watchers = await Promise.all(Array.from({ length: WATCHERS }, () => RawConnection.open(server)));
  let seen = 0;
  const all = new Promise<void>((resolve) => {
    const see = (events: number) => {
      seen += events;
      if (seen >= WATCHERS * WATCHED_CREATES) resolve();
    };
    // The namespace is this run's own, so that every event is one of those that are waited for.
    for (const watcher of watchers) watcher.follow(`/api/v1/namespaces/fan-${run}/configmaps?watch=1`, see);
  });
  const target = `/api/v1/namespaces/fan-${run}/configmaps`;
  const request = (index: number) => ({ ...configMap(`w-${index}`), target });
  const startedMs = performance.now();
  await generateLoad(server, { count: WATCHED_CREATES, connections: 32, expectedCode: 201, request });
  await all;
  for (const watcher of watchers) watcher.close();
  return seen / ((performance.now() - startedMs) / 1000);
}

/** One of the things that the API server is asked to do; resolves with how many a second it did. */
interface Task {
  readonly name: string;
  readonly unit: string;
  readonly target: Target;
  /** How many there are in one run. */
  readonly count: number;
  run(run: number): Promise<number>;
}

const TASKS = {
  create: { name: "creates, embedded store", unit: "1/s", target: atLeast(7500), count: CREATES },
  get: { name: "GETs", unit: "1/s", target: atLeast(18_000), count: GETS },
  fanOut: {
    name: `watch fan-out, ${WATCHERS} watchers`,
    unit: "events/s",
    target: atLeast(300_000),
    count: WATCHERS * WATCHED_CREATES,
  },
} as const;

function ownTasks(server: Server): readonly Task[] {
  const get = (run: number, index: number): RawRequest => ({
    method: "GET",
    target: `${CONFIG_MAPS}/a${run}-${index % 100}`,
  });
  return [
    { ...TASKS.create, run: (run) => generateLoad(server, creates(`a${run}`, CREATES)) },
    {
      ...TASKS.get,
      run: (run) => {
        const request = (index: number) => get(run, index);
        return generateLoad(server, { count: GETS, connections: IN_FLIGHT, expectedCode: 200, request });
      },
    },
    {
      ...TASKS.fanOut,
      async run(run) {
        await createNamespace(server, `fan-${run}`);
        return fanOut(server, run);
      },
    },
  ];
}

function kloadTasks(kload: KloadTarget): readonly Task[] {
  return [
    { ...TASKS.create, run: (run) => runKload(kload, "create-cms", { n: CREATES, c: IN_FLIGHT, prefix: `a${run}` }) },
    { ...TASKS.get, run: (run) => runKload(kload, "get", { n: GETS, c: IN_FLIGHT, prefix: `a${run}` }) },
    {
      ...TASKS.fanOut,
      run: (run) => runKload(kload, "watch", { w: WATCHERS, n: WATCHED_CREATES, c: 32, prefix: `w${run}` }),
    },
  ];
}

async function createNamespace(server: Server, name: string): Promise<void> {
  const body = JSON.stringify({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  const request = (): RawRequest => ({ method: "POST", target: "/api/v1/namespaces", body });
  await generateLoad(server, { count: 1, connections: 1, expectedCode: 201, request });
}

/**
 * The rates, and beside each what one piece costs the server in processor time: on a machine that does other work too, the
 * second says more.
 */
async function measureTasks(cluster: BenchCluster, options: BenchmarkOptions): Promise<readonly Figure[]> {
  const server = await cluster.connection();
  const { kload } = options;
  const tasks = kload ? kloadTasks({ program: kload, url: server.baseUrl, token: TOKEN }) : ownTasks(server);
  const generator = kload ? "kload" : "own load generator";
  const measured = tasks.map((task) => ({ task, rates: [] as number[], microseconds: [] as number[] }));
  // The first run warms the server up and is not counted.
  for (let run = 0; run <= options.runs; run++) {
    options.progress(run === 0 ? "API rates, warming up" : `API rates, run ${run}`);
    for (const { task, rates, microseconds } of measured) {
      const before = cpuSeconds(cluster.pid);
      const rate = await task.run(run);
      const spent = cpuSeconds(cluster.pid) - before;
      if (run === 0) continue;
      rates.push(rate);
      microseconds.push((spent * 1e6) / task.count);
    }
  }
  return measured.flatMap(({ task: { name, unit, target }, rates, microseconds }) => [
    { name: `${name}, ${generator}`, unit, values: rates, target },
    { name: "  server's processor time for one", unit: "µs", values: microseconds },
  ]);
}

async function measure(cluster: BenchCluster, options: BenchmarkOptions): Promise<readonly Figure[]> {
  const server = await cluster.connection();
  const rates = await measureTasks(cluster, options);
  options.progress(`creating ${LISTED_PODS} pods`);
  const request = (index: number) => pod(`p-${index}`);
  await generateLoad(server, { count: LISTED_PODS, connections: IN_FLIGHT, expectedCode: 201, request });
  options.progress(`listing ${LISTED_PODS} pods`);
  const lists = await measureLists(server, { target: PODS, pid: cluster.pid, runs: options.runs });
  return [
    ...rates,
    { name: `LIST of ${LISTED_PODS} pods, first byte`, unit: "ms", values: lists.firstByteMs, target: atMost(50) },
    { name: `LIST of ${LISTED_PODS} pods, whole`, unit: "ms", values: lists.wholeMs },
    { name: "memory for 10 such LISTs at once", unit: "MB", values: lists.extraMegabytes, target: atMost(50) },
  ];
}

export const api: Benchmark = {
  name: "api",
  async run(options) {
    const cluster = await BenchCluster.prepare(options, { runtime: "fake", components: "apiserver" });
    try {
      const tokens = join(cluster.directory, "tokens.csv");
      await writeFile(tokens, `${TOKEN},admin,admin,"system:masters"\n`, { mode: 0o600 });
      await cluster.start(["--token-auth-file", tokens]);
      // There is no controller that makes it.
      await (await cluster.client()).create(serviceAccounts, { metadata: { namespace: "default", name: "default" } });
      return await measure(cluster, options);
    } finally {
      await cluster.wipe();
    }
  },
};
