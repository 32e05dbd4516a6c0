// What `kctl up`, `down` and `status` do. It talks to people through `ClusterIo` alone, and says what went wrong by rejecting
// with an error whose message is one sentence.

import { openSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createClient } from "../client/api-client.ts";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { withDeadline } from "../client/deadline.ts";
import { sleep, type Clock } from "../lib/clock.ts";
import type { Exec } from "../lib/exec.ts";
import type { Handler } from "../lib/http.ts";
import { createLog, type Log, type LogLevel } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { uuid, type Random } from "../lib/random.ts";
import {
  claimRanges,
  findFreeRanges,
  prepareDirectory,
  readSettings,
  writeSettings,
  type Claims,
} from "./cluster-directory.ts";
import { ClusterError } from "./cluster-error.ts";
import { planSettings, type ClusterFlags, type ClusterSettings, type Component } from "./cluster-settings.ts";
import { nodeNames } from "./components.ts";
import { openCredentials } from "./credentials.ts";
import { startDetached, type StartDetached } from "./detached-cluster.ts";
import { inspectMachine } from "./machine.ts";
import { acquireLock, isRunning, readHolders, releaseLock, type LockHolder } from "./process-lock.ts";
import { isServerReady } from "./readiness.ts";
import { runCluster, serverUrl, type ClusterOptions } from "./run-cluster.ts";
import { waitForNodes } from "./wait-for-nodes.ts";

/** The means of the process that runs a command. */
export interface ClusterIo {
  /** A line for people. */
  out(line: string): void;
  readonly clock: Clock;
  readonly random: Random;
  readonly exec: Exec;
  /** Where the Docker Engine listens: DOCKER_HOST's path, else /var/run/docker.sock. */
  readonly dockerSocket: string;
  /** Aborted when the user wants to stop (Ctrl-C, SIGTERM). */
  readonly signal: AbortSignal;
  /** Where this user's clusters tell each other which address ranges they use, for all data directories. */
  readonly claimsDirectory: string;
}

export interface UpOptions {
  /** The data directory, absolute. */
  readonly directory: string;
  readonly flags: ClusterFlags;
  readonly components: readonly Component[];
  readonly logLevel?: LogLevel;
  /** Called once the nodes are Ready; the cluster goes on when it has resolved, and stops when it rejects. */
  onReady?(cluster: ReadyCluster): Promise<void>;
}

export interface ReadyCluster {
  readonly settings: ClusterSettings;
  readonly server: string;
  /** The administrator's. */
  readonly kubeconfig: string;
}

/** Starts the cluster and runs it until `io.signal` is aborted. Resolves when everything has stopped in order. */
export async function upCluster(options: UpOptions, io: ClusterIo): Promise<void> {
  const { directory, components } = options;
  await prepareDirectory(directory);
  await lockComponents(directory, components);
  try {
    const cluster = await describeCluster(options, io);
    const ready: ReadyCluster = {
      settings: cluster.settings,
      server: serverUrl(cluster),
      kubeconfig: join(directory, "kubeconfig"),
    };
    const onStarted = async (transport: Handler) => {
      await waitUntilReady(transport, { cluster, io });
      reportReady(ready, cluster, io);
      await options.onReady?.(ready);
    };
    await runCluster(cluster, onStarted, io.signal);
    io.out("Stopped.");
  } finally {
    await Promise.all(components.map((component) => releaseLock(directory, component)));
  }
}

async function lockComponents(directory: string, components: readonly Component[]): Promise<void> {
  for (const [index, component] of components.entries()) {
    const holder = await acquireLock(directory, component, process.pid);
    if (!holder) continue;
    await Promise.all(components.slice(0, index).map((each) => releaseLock(directory, each)));
    throw new ClusterError(
      `Process ${holder.pid} already runs the ${component} of the cluster in ${directory}. Stop it with: kctl down --data-dir ${directory}`,
    );
  }
}

async function describeCluster(
  { directory, flags, components, logLevel }: UpOptions,
  io: ClusterIo,
): Promise<ClusterOptions> {
  const { clock, random, exec, dockerSocket } = io;
  const log = openLog(directory, logLevel ?? "info");
  const [machine, stored] = await Promise.all([inspectMachine({ exec, clock, dockerSocket }), readSettings(directory)]);
  const claims: Claims = { folder: io.claimsDirectory, routes: machine.routes };
  const freeRanges = await findFreeRanges(directory, claims);
  const newId = () => uuid(random).slice(0, 8);
  const settings = planSettings({ flags, stored, machine, newId, freeRanges });
  await writeSettings(directory, settings);
  await claimRanges(directory, settings, claims);
  const credentials = await openCredentials({ directory, clock, random });
  // Pods that are processes listen on loopback, and so do the kubelets' own servers.
  const nodeAddress = settings.runtime === "process" ? "127.0.0.1" : machine.address;
  return {
    directory,
    settings,
    components,
    credentials,
    nodeAddress,
    dockerSocket,
    exec,
    clock,
    random,
    log,
    metrics: createMetrics(),
  };
}

/** The log goes to a file: the terminal is for what users need to know. */
function openLog(directory: string, level: LogLevel): Log {
  return createLog(level, openSync(join(directory, "log/gantry.log"), "a", 0o600));
}

async function waitUntilReady(
  transport: Handler,
  { cluster, io }: { readonly cluster: ClusterOptions; readonly io: ClusterIo },
): Promise<void> {
  if (!cluster.components.includes("kubelet")) return;
  await waitForNodes(createClient(transport, { userAgent: "kctl" }), nodeNames(cluster.settings), io.signal);
}

function reportReady(
  { settings, server, kubeconfig }: ReadyCluster,
  { components, directory }: ClusterOptions,
  io: ClusterIo,
): void {
  const { nodes, runtime, proxy, store } = settings;
  const parts = [
    ...(components.includes("kubelet")
      ? [`${nodes === 1 ? "1 node" : `${nodes} nodes`} on ${RUNTIME_NAMES[runtime]}`]
      : []),
    ...(components.includes("proxy") ? [`services ${PROXY_NAMES[proxy]}`] : []),
    store === "etcd" ? `state in etcd at ${settings.etcdServers.join(", ")}` : `state in ${directory}`,
  ];
  io.out(`The cluster is ready at ${server}: ${parts.join(", ")}.`);
  io.out(`Its kubeconfig is ${kubeconfig}.`);
}

const RUNTIME_NAMES = {
  docker: "Docker",
  containerd: "containerd",
  process: "plain processes",
  fake: "no real containers",
} as const;
const PROXY_NAMES = {
  nftables: "through nftables",
  userspace: "through the userspace proxy",
  none: "without a proxy",
} as const;

/** Starts the cluster in a process of its own. Resolves when its nodes are Ready, and leaves it running. */
export async function upDetached(
  options: Pick<UpOptions, "directory" | "components"> & { readonly start: StartDetached },
  io: ClusterIo,
): Promise<ReadyCluster> {
  const { directory, components } = options;
  await prepareDirectory(directory);
  const holders = await readHolders(directory);
  const taken = holders.find(({ component }) => components.some((each) => each === component));
  if (taken) {
    throw new ClusterError(
      `Process ${taken.pid} already runs the ${taken.component} of the cluster in ${directory}. Stop it with: kctl down --data-dir ${directory}`,
    );
  }
  const pid = await startDetached(options, io);
  const settings = await readSettings(directory);
  if (!settings) throw new ClusterError(`The cluster in ${directory} has not started; see ${join(directory, "log")}.`);
  const ready = { settings, server: serverUrl({ settings }), kubeconfig: join(directory, "kubeconfig") };
  io.out(`The cluster is ready at ${ready.server}; it runs as process ${pid}.`);
  io.out(`Its kubeconfig is ${ready.kubeconfig}. Stop it with: kctl down --data-dir ${directory}`);
  return ready;
}

const STOP_MAX_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** Stops the cluster's processes. Pods go on running, and are found again at the next start; `wipe` removes everything. */
export async function downCluster(
  { directory, wipe }: { readonly directory: string; readonly wipe: boolean },
  io: ClusterIo,
): Promise<void> {
  const settings = await readSettings(directory);
  if (!settings) {
    io.out(`There is no cluster in ${directory}.`);
    return;
  }
  const holders = await readHolders(directory);
  const processes = [...new Map(holders.map((holder) => [holder.pid, holder])).values()];
  await Promise.all(processes.map((holder) => stopProcess(holder, io)));
  io.out(
    processes.length > 0 ? `Stopped the cluster in ${directory}.` : `The cluster in ${directory} was not running.`,
  );
  if (!wipe) return;
  const { wipeCluster } = await import("./wipe-cluster.ts");
  await wipeCluster({ directory, settings }, io);
  await rm(directory, { recursive: true, force: true });
  io.out(`Removed its pods, its rules and ${directory}.`);
}

async function stopProcess(holder: LockHolder, { clock, signal }: ClusterIo): Promise<void> {
  process.kill(holder.pid, "SIGTERM");
  const startMs = clock.monotonic();
  while (await isRunning(holder)) {
    if (clock.monotonic() - startMs > STOP_MAX_MS) process.kill(holder.pid, "SIGKILL");
    await sleep(clock, LOOK_AGAIN_MS, signal);
  }
}

const ANSWER_MAX_MS = 3_000;

/** Tells what runs. Resolves with whether the API server answers. */
export async function statusCluster({ directory }: { readonly directory: string }, io: ClusterIo): Promise<boolean> {
  const settings = await readSettings(directory);
  if (!settings) {
    io.out(`There is no cluster in ${directory}. Start one with: kctl up`);
    return false;
  }
  const holders = await readHolders(directory);
  const answers = await askReadiness(directory, io);
  const processes = [...new Set(holders.map(({ pid }) => pid))];
  const rows = [
    ["Cluster", holders.length > 0 ? `running as process ${processes.join(", ")}` : "not running"],
    ["Server", `${serverUrl({ settings })} ${answers ? "answers" : "does not answer"}`],
    [
      "Components",
      holders
        .map(({ component }) => component)
        .sort()
        .join(", ") || "none",
    ],
    ["Nodes", `${settings.nodes}, on ${RUNTIME_NAMES[settings.runtime]}`],
    ["Services", `${PROXY_NAMES[settings.proxy]}, in ${settings.serviceCidr}`],
    ["Data", directory],
    ["Kubeconfig", join(directory, "kubeconfig")],
  ];
  for (const [name = "", value = ""] of rows) io.out(`${name.padEnd(11)} ${value}`);
  return answers;
}

async function askReadiness(directory: string, { clock, signal }: ClusterIo): Promise<boolean> {
  try {
    const transport = await connectByKubeconfig(join(directory, "kubeconfig"), (path) => readFile(path, "utf8"));
    return await withDeadline({ clock, delayMs: ANSWER_MAX_MS, signal }, (deadline) =>
      isServerReady(createClient(transport), deadline),
    );
  } catch {
    // Whatever keeps it from answering, it does not answer.
    return false;
  }
}
