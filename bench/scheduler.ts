// The whole path of scheduling: from the first pod's creation to the last binding, through the API server over HTTPS, with the
// API server, the scheduler, the watch that counts and whoever creates the pods on the same machine, each a process of its own.

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodes } from "../api/core/node.ts";
import { serviceAccounts } from "../api/core/service-account.ts";
import type { Client } from "../client/client.ts";
import type { Connection } from "../client/kubeconfig.ts";
import { projectRoot } from "../testing/source-tree.ts";
import { BenchCluster } from "./bench-cluster.ts";
import { atLeast, atMost, type Benchmark, type BenchmarkOptions, type Figure, type Target } from "./benchmark.ts";
import { loadNode, loadPod } from "./load-pod.ts";
import { generateLoad } from "./load-generator.ts";
import { cpuSeconds, memoryMegabytes } from "./machine-load.ts";
import { RawConnection } from "./raw-connection.ts";

const PODS = "/api/v1/namespaces/default/pods";
const POD_COUNT = 10_000;
const IN_FLIGHT = 64;
const NODE_WRITERS = 32;

interface Setting {
  readonly name: string;
  readonly store: "embedded" | "etcd";
  readonly nodes: number;
  readonly target: Target;
}

const SETTINGS: readonly Setting[] = [
  { name: "embedded store", store: "embedded", nodes: 1000, target: atLeast(3000) },
  { name: "embedded store", store: "embedded", nodes: 5000, target: atLeast(3000) },
  { name: "etcd", store: "etcd", nodes: 1000, target: atLeast(2000) },
];

async function makeNodes(client: Client, count: number): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const { status, ...node } = loadNode(next++);
      const { name } = node.metadata;
      await client.create(nodes, node);
      await client.patch(nodes, { name }, { type: "merge", patch: { status } }, { subresource: "status" });
      // Nobody is there to take away the taint that new nodes have.
      await client.patch(nodes, { name }, { type: "merge", patch: { spec: { taints: null } } });
    }
  };
  await Promise.all(Array.from({ length: NODE_WRITERS }, work));
}

/** From the first creation to the last binding; resolves with pods per second. */
async function measureRun(server: Connection, prefix: string): Promise<number> {
  const watcher = await RawConnection.open(server);
  let bound = 0;
  const allBound = new Promise<void>((resolve) => {
    // A pod enters this watch when it gets its node. What is bound already is not sent again.
    const selector = "fieldSelector=spec.nodeName%21%3D&labelSelector=run%3D" + prefix;
    watcher.follow(`${PODS}?watch=1&${selector}`, (lines) => {
      bound += lines;
      if (bound >= POD_COUNT) resolve();
    });
  });
  const body = (index: number) =>
    JSON.stringify(loadPod(`${prefix}-${index}`, { labels: { app: "load", run: prefix } }));
  const startedMs = performance.now();
  await generateLoad(server, {
    count: POD_COUNT,
    connections: IN_FLIGHT,
    expectedCode: 201,
    request: (index) => ({ method: "POST", target: PODS, body: body(index) }),
  });
  await allBound;
  const seconds = (performance.now() - startedMs) / 1000;
  watcher.close();
  return POD_COUNT / seconds;
}

function startScheduler(cluster: BenchCluster): ChildProcess {
  const main = join(projectRoot, "dist/scheduler/main.js");
  const kubeconfig = join(cluster.directory, "kubeconfig");
  const args = [main, "--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port=0"];
  return spawn(process.execPath, args, { stdio: "ignore" });
}

interface Etcd {
  readonly url: string;
  stop(): Promise<void>;
}

async function startEtcd(port: number): Promise<Etcd> {
  const directory = await mkdtemp(join(tmpdir(), "bench-etcd-"));
  const url = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${port + 1}`;
  const args = ["--data-dir", directory, "--listen-client-urls", url, "--advertise-client-urls", url];
  const peers = ["--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer];
  const child = spawn("etcd", [...args, ...peers, "--initial-cluster", `default=${peer}`], { stdio: "ignore" });
  return {
    url,
    async stop() {
      const exit = once(child, "exit");
      child.kill("SIGTERM");
      await exit;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function measureSetting(setting: Setting, options: BenchmarkOptions): Promise<readonly Figure[]> {
  const etcd = setting.store === "etcd" ? await startEtcd(options.port + 10) : undefined;
  const cluster = await BenchCluster.prepare(options, { runtime: "fake", components: "apiserver" });
  let scheduler: ChildProcess | undefined;
  try {
    options.progress(`${setting.nodes} nodes on ${setting.name}`);
    await cluster.start(etcd ? ["--etcd-servers", etcd.url] : []);
    const client = await cluster.client();
    // There is no controller that makes it.
    await client.create(serviceAccounts, { metadata: { namespace: "default", name: "default" } });
    await makeNodes(client, setting.nodes);
    scheduler = startScheduler(cluster);
    return await measureRuns(setting, options, { cluster, scheduler });
  } finally {
    scheduler?.kill("SIGTERM");
    await cluster.wipe();
    await etcd?.stop();
  }
}

async function measureRuns(
  { name, nodes: count, target }: Setting,
  { runs, progress }: BenchmarkOptions,
  { cluster, scheduler }: { readonly cluster: BenchCluster; readonly scheduler: ChildProcess },
): Promise<readonly Figure[]> {
  const server = await cluster.connection();
  const pids = { "API server": cluster.pid, scheduler: scheduler.pid ?? -1 };
  const rates: number[] = [];
  const spent = Object.entries(pids).map(([program, pid]) => ({ program, pid, values: [] as number[] }));
  // The first run warms everything up and is not counted.
  for (let run = 0; run <= runs; run++) {
    progress(`${count} nodes on ${name}, ${run === 0 ? "warming up" : `run ${run}`}`);
    const before = spent.map(({ pid }) => cpuSeconds(pid));
    const rate = await measureRun(server, `r${run}`);
    if (run === 0) continue;
    rates.push(rate);
    spent.forEach(({ pid, values }, index) =>
      values.push(((cpuSeconds(pid) - (before[index] ?? 0)) * 1e6) / POD_COUNT),
    );
  }
  const memory = memoryMegabytes(pids.scheduler, "VmRSS");
  return [
    { name: `pods scheduled, ${count} nodes, ${name}`, unit: "pods/s", values: rates, target },
    ...spent.map(({ program, values }) => ({ name: `  ${program}'s processor time for one`, unit: "µs", values })),
    {
      name: `  memory of the scheduler, ${POD_COUNT * (runs + 1)} pods`,
      unit: "MB",
      values: [memory],
      ...(count === 5000 && { target: atMost(400) }),
    },
  ];
}

const hasEtcd = () => spawnSync("etcd", ["--version"], { stdio: "ignore" }).status === 0;

export const scheduler: Benchmark = {
  name: "scheduler",
  async run(options) {
    const figures: Figure[] = [];
    for (const setting of SETTINGS) {
      if (setting.store === "etcd" && !hasEtcd()) options.progress("there is no etcd on this machine: left out");
      else figures.push(...(await measureSetting(setting, options)));
    }
    return figures;
  },
};
