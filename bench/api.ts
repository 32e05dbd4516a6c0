// How fast the API server is over HTTPS, on the machine's cores shared with the load generator: kload where it is given, a
// small one of our own otherwise.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Connection } from "../client/kubeconfig.ts";
import { BenchCluster } from "./bench-cluster.ts";
import { atLeast, atMost, type Benchmark, type BenchmarkOptions, type Figure } from "./benchmark.ts";
import { runKload, type KloadTarget } from "./kload.ts";
import { measureLists } from "./lists.ts";
import { generateLoad, type Load } from "./load-generator.ts";
import { RawConnection, type RawRequest } from "./raw-connection.ts";

const TOKEN = "tok-admin";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const PODS = "/api/v1/namespaces/default/pods";
const CREATES = 8000;
const GETS = 30_000;
const IN_FLIGHT = 64;
const WATCHERS = 100;
const WATCHED_CREATES = 1000;
export const LISTED_PODS = 10_000;

type Server = Pick<Connection, "baseUrl" | "tls">;

const configMap = (name: string): RawRequest => ({
  method: "POST",
  target: CONFIG_MAPS,
  body: JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "v".repeat(512) } }),
});

const pod = (name: string): RawRequest => ({
  method: "POST",
  target: PODS,
  body: JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: "load" } },
    spec: {
      containers: [
        {
          name: "main",
          image: "busybox:local",
          command: ["sleep", "3600"],
          resources: { requests: { cpu: "10m", memory: "16Mi" } },
          ports: [{ containerPort: 8080 }],
        },
      ],
    },
  }),
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

interface Rates {
  readonly create: number[];
  readonly get: number[];
  readonly fanOut: number[];
}

async function measureOwn(server: Server, rates: Rates, run: number): Promise<void> {
  rates.create.push(await generateLoad(server, creates(`a${run}`, CREATES)));
  const request = (index: number): RawRequest => ({ method: "GET", target: `${CONFIG_MAPS}/a${run}-${index % 100}` });
  rates.get.push(await generateLoad(server, { count: GETS, connections: IN_FLIGHT, expectedCode: 200, request }));
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: `fan-${run}` } };
  const body = JSON.stringify(namespace);
  await generateLoad(server, {
    count: 1,
    connections: 1,
    expectedCode: 201,
    request: () => ({ method: "POST", target: "/api/v1/namespaces", body }),
  });
  rates.fanOut.push(await fanOut(server, run));
}

async function measureWithKload(kload: KloadTarget, rates: Rates, run: number): Promise<void> {
  const prefix = `a${run}`;
  rates.create.push(await runKload(kload, "create-cms", { n: CREATES, c: IN_FLIGHT, prefix }));
  rates.get.push(await runKload(kload, "get", { n: GETS, c: IN_FLIGHT, prefix }));
  rates.fanOut.push(await runKload(kload, "watch", { w: WATCHERS, n: WATCHED_CREATES, c: 32, prefix: `w${run}` }));
}

async function measureRates(server: Server, options: BenchmarkOptions): Promise<readonly Figure[]> {
  const rates: Rates = { create: [], get: [], fanOut: [] };
  const { kload } = options;
  // The first run warms the server up and is not counted.
  for (let run = 0; run <= options.runs; run++) {
    options.progress(run === 0 ? "API rates, warming up" : `API rates, run ${run}`);
    const counted = run === 0 ? { create: [], get: [], fanOut: [] } : rates;
    if (kload) await measureWithKload({ program: kload, url: server.baseUrl, token: TOKEN }, counted, run);
    else await measureOwn(server, counted, run);
  }
  const generator = kload ? "kload" : "own load generator";
  return [
    { name: `creates, embedded store, ${generator}`, unit: "1/s", values: rates.create, target: atLeast(7500) },
    { name: `GETs, ${generator}`, unit: "1/s", values: rates.get, target: atLeast(18_000) },
    {
      name: `watch fan-out, ${WATCHERS} watchers, ${generator}`,
      unit: "events/s",
      values: rates.fanOut,
      target: atLeast(300_000),
    },
  ];
}

async function measure(cluster: BenchCluster, options: BenchmarkOptions): Promise<readonly Figure[]> {
  const server = await cluster.connection();
  const rates = await measureRates(server, options);
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
      return await measure(cluster, options);
    } finally {
      await cluster.wipe();
    }
  },
};
