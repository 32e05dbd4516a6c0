// What a node costs, and how quickly it acts: a kubelet as a process of its own on Docker, beside an API server and a scheduler.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { configMaps } from "../api/core/config-map.ts";
import { nodes, type Node } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import type { NewObject } from "../api/meta/object.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { BenchCluster } from "./bench-cluster.ts";
import { atMost, type Benchmark, type BenchmarkOptions, type Figure } from "./benchmark.ts";
import { childFaults, cpuSeconds, memoryMegabytes } from "./machine-load.ts";
import { AT_ONCE, names, removePods, startPods } from "./pod-start.ts";
import { Program } from "./program.ts";
import { isRunning, sleepingPod } from "./sleeping-pod.ts";
import { untilObjects } from "./until-object.ts";

const NODE = "node-1";
/** Kubernetes' own limit for a node. */
const HELD = 110;
const STARTED_AT_ONCE = 10;
/** What the start of the pods left to be done is done by then. */
const CALM_MS = 20_000;
const MEASURED_MS = 60_000;
const PROBES_MS = 20_000;
const LOOK_AGAIN_MS = 5;
const CONFIG = { namespace: "default", name: "colors" };

const isReady = ({ status }: Node) =>
  status.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;

const pod = (name: string, more: Partial<Pod["spec"]["containers"][number]>, spec: Partial<Pod["spec"]> = {}) => {
  const plain: NewObject<Pod> = sleepingPod(name);
  const containers = plain.spec.containers.map((container) => ({ ...container, ...more }));
  return { ...plain, spec: { ...plain.spec, containers, ...spec } };
};

class NodeRuns {
  readonly #client: Client;
  readonly #kubelet: Program;
  readonly #rootDirectory: string;
  readonly #options: BenchmarkOptions;

  constructor(parts: { client: Client; kubelet: Program; rootDirectory: string; options: BenchmarkOptions }) {
    this.#client = parts.client;
    this.#kubelet = parts.kubelet;
    this.#rootDirectory = parts.rootDirectory;
    this.#options = parts.options;
  }

  async starts(): Promise<readonly Figure[]> {
    const single: number[] = [];
    const many: number[] = [];
    // The first pod of a cluster also makes its network, so it is not counted.
    for (let run = -1; run < this.#options.runs; run++) {
      this.#options.progress(`one pod on a node of its own, run ${run + 1}`);
      const seconds = await startPods(this.#client, names(1, run));
      if (run >= 0) single.push(seconds);
      await removePods(this.#client, names(1, run));
    }
    for (let run = 0; run < this.#options.runs; run++) {
      this.#options.progress(`${AT_ONCE} pods, run ${run + 1}`);
      many.push(await startPods(this.#client, names(AT_ONCE, run)));
      await removePods(this.#client, names(AT_ONCE, run));
    }
    return [
      { name: "one pod to Running, kubelet its own process", unit: "s", values: single, target: atMost(0.5) },
      { name: `${AT_ONCE} pods at once to Running, likewise`, unit: "s", values: many, target: atMost(10) },
    ];
  }

  /** How long after the change of a ConfigMap its new value can be read in the pod's files. */
  async configMapChange(): Promise<Figure> {
    const client = this.#client;
    await client.create(configMaps, { metadata: CONFIG, data: { wall: "0" } });
    const created = await client.create(
      pods,
      pod(
        "colored",
        { volumeMounts: [{ name: "config", mountPath: "/config" }] },
        { volumes: [{ name: "config", configMap: { name: CONFIG.name } }] },
      ),
    );
    await this.#untilRunning(1);
    const volume = join("pods", created.metadata.uid, "volumes/kubernetes.io~config-map/config");
    const file = join(this.#rootDirectory, volume, "wall");
    const values: number[] = [];
    for (let run = 1; run <= this.#options.runs; run++) {
      const startedMs = performance.now();
      await client.patch(configMaps, CONFIG, { type: "merge", patch: { data: { wall: String(run) } } });
      while ((await readFile(file, "utf8")) !== String(run)) await sleep(LOOK_AGAIN_MS);
      values.push((performance.now() - startedMs) / 1000);
    }
    await removePods(client, ["colored"]);
    return { name: "a ConfigMap's change in a pod's files", unit: "s", values, target: atMost(2) };
  }

  /** Probes of each kind every second, but for gRPC, which needs a server of its own. */
  async probes(): Promise<readonly Figure[]> {
    const server = createServer((_request, response) => response.end()).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const kinds = [
      { httpGet: { host: "127.0.0.1", port } },
      { tcpSocket: { host: "127.0.0.1", port } },
      { exec: { command: ["true"] } },
    ];
    const probed = kinds.map((livenessProbe, index) =>
      pod(`probed-${index}`, { livenessProbe: { ...livenessProbe, periodSeconds: 1 } }),
    );
    for (const each of probed) await this.#client.create(pods, each);
    await this.#untilRunning(probed.length);
    await sleep(CALM_MS);
    const { pid } = this.#kubelet;
    const [faults, seconds] = [childFaults(pid), cpuSeconds(pid)];
    this.#options.progress(`probes for ${PROBES_MS / 1000} s`);
    await sleep(PROBES_MS);
    const looks = (PROBES_MS / 1000) * kinds.length;
    const faulted = childFaults(pid) - faults;
    const micros = ((cpuSeconds(pid) - seconds) * 1e6) / looks;
    server.close();
    await removePods(
      this.#client,
      probed.map(({ metadata }) => metadata.name ?? ""),
    );
    return [
      {
        name: `page faults of the kubelet's processes in ${looks} probes`,
        unit: "",
        values: [faulted],
        target: atMost(0),
      },
      { name: "the kubelet's processor time for one probe", unit: "µs", values: [micros] },
    ];
  }

  async hold(): Promise<readonly Figure[]> {
    this.#options.progress(`${HELD} pods are started`);
    const all = names(HELD, 1000);
    for (let first = 0; first < HELD; first += STARTED_AT_ONCE) {
      const some = all.slice(first, first + STARTED_AT_ONCE);
      await Promise.all(some.map((name) => this.#client.create(pods, sleepingPod(name))));
      await this.#untilRunning(first + some.length);
    }
    await sleep(CALM_MS);
    const { pid } = this.#kubelet;
    const beganMs = performance.now();
    const before = cpuSeconds(pid);
    this.#options.progress(`${HELD} pods are held for ${MEASURED_MS / 1000} s`);
    await sleep(MEASURED_MS);
    const share = (cpuSeconds(pid) - before) / ((performance.now() - beganMs) / 1000);
    const memory = memoryMegabytes(pid, "VmRSS");
    await removePods(this.#client, all);
    return [
      { name: `${HELD} pods held on a node`, unit: "% of a core", values: [share * 100], target: atMost(3) },
      { name: `memory of a kubelet with ${HELD} pods`, unit: "MB", values: [memory], target: atMost(120) },
    ];
  }

  async #untilRunning(count: number): Promise<void> {
    const selection = { resource: pods, namespace: "default", labelSelector: "app=sleep" };
    await untilObjects(this.#client, selection, (all) => all.length === count && all.every(isRunning));
  }
}

async function measure(options: BenchmarkOptions): Promise<readonly Figure[]> {
  const components = "apiserver,controllers,scheduler";
  const cluster = await BenchCluster.prepare(options, { runtime: "docker", components, images: true });
  let kubelet: Program | undefined;
  try {
    await cluster.start();
    const kubeconfig = join(cluster.directory, "kubeconfig");
    const client = createClient(await connectByKubeconfig(kubeconfig, (path) => readFile(path, "utf8")));
    const { id, clusterCidr } = JSON.parse(await readFile(join(cluster.directory, "cluster.json"), "utf8")) as {
      readonly id: string;
      readonly clusterCidr: string;
    };
    // Named and kept as the cluster's own, so that whoever wipes the cluster finds what it has made.
    const rootDirectory = join(cluster.directory, "nodes", NODE);
    const place = ["--hostname-override", NODE, "--node-ip", "127.0.0.1", "--root-dir", rootDirectory];
    const docker = ["--container-runtime", "docker", "--cluster-id", id, "--pod-cidr", clusterCidr];
    kubelet = new Program("kubelet", ["--kubeconfig", kubeconfig, ...place, ...docker], { isQuiet: true });
    kubelet.start();
    await untilObjects(client, { resource: nodes }, (all) => all.length === 1 && all.every(isReady));
    const runs = new NodeRuns({ client, kubelet, rootDirectory, options });
    const starts = await runs.starts();
    return [...starts, await runs.configMapChange(), ...(await runs.probes()), ...(await runs.hold())];
  } finally {
    await kubelet?.stop();
    await cluster.wipe();
  }
}

export const node: Benchmark = { name: "node", run: measure };
