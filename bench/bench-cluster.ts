// A standalone cluster for a benchmark: `kctl up` in a process of its own, in a new data directory, and no trace of it afterwards.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { connectionOf, parseKubeconfig, type Connection } from "../client/kubeconfig.ts";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { httpsHandler } from "../lib/http-client.ts";
import { silentLog } from "../lib/log.ts";
import { createRuntime } from "../kubelet/runtimes/index.ts";
import { describeBusyboxImage, ensureSampleImages } from "../kubelet/runtimes/sample-images.ts";
import { projectRoot } from "../testing/source-tree.ts";
import type { BenchmarkOptions } from "./benchmark.ts";

export type BenchRuntime = "docker" | "process" | "fake";

export interface BenchClusterOptions {
  readonly runtime: BenchRuntime;
  /** All unless given. */
  readonly components?: string;
  /** Makes the images of `prepareImages` before the cluster starts. */
  readonly images?: boolean;
}

/** What `kctl up` prints once its nodes are Ready. */
const READY = "The cluster is ready";

export class BenchCluster {
  readonly directory: string;
  readonly #options: BenchmarkOptions;
  readonly #cluster: BenchClusterOptions;
  #process: ChildProcess | undefined;

  private constructor(directory: string, options: BenchmarkOptions, cluster: BenchClusterOptions) {
    this.directory = directory;
    this.#options = options;
    this.#cluster = cluster;
  }

  /** Not started yet. The caller owes a `wipe`. */
  static async prepare(options: BenchmarkOptions, cluster: BenchClusterOptions): Promise<BenchCluster> {
    const directory = await mkdtemp(join(tmpdir(), "bench-"));
    if (cluster.images) await prepareImages(cluster.runtime, directory);
    return new BenchCluster(directory, options, cluster);
  }

  get pid(): number {
    return this.#process?.pid ?? -1;
  }

  /** Resolves when the nodes are Ready, with how long that took from the start of the process. Rejects with what it printed when it ends. */
  async start(flags: readonly string[] = []): Promise<number> {
    const { runtime, components } = this.#cluster;
    const { kctl, port } = this.#options;
    const startedMs = performance.now();
    const [program = "", ...first] = kctl;
    const parts = components ? ["--components", components] : [];
    const args = [
      ...first,
      "up",
      "--data-dir",
      this.directory,
      "--secure-port",
      String(port),
      "--runtime",
      runtime,
      ...parts,
      ...flags,
    ];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    await untilPrinted(child, READY);
    return performance.now() - startedMs;
  }

  /** As the administrator, over HTTPS. */
  async client(): Promise<Client> {
    return createClient(httpsHandler(await this.connection()), { userAgent: "bench" });
  }

  async connection(): Promise<Connection> {
    const path = join(this.directory, "kubeconfig");
    const config = parseKubeconfig(await readFile(path, "utf8"), path);
    return connectionOf(config, {}, (name) => readFile(name, "utf8"));
  }

  async stop(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    await exit;
  }

  /** Stops it and removes its pods, its rules and its directory. */
  async wipe(): Promise<void> {
    await this.stop();
    const [program = "", ...first] = this.#options.kctl;
    await systemExec().run(program, [...first, "down", "--data-dir", this.directory, "--wipe"]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Runs `measure` against a cluster that is Ready and has its images, and removes the cluster. */
export async function withCluster<T>(
  options: BenchmarkOptions,
  cluster: BenchClusterOptions,
  measure: (cluster: BenchCluster, client: Client) => Promise<T>,
): Promise<T> {
  const prepared = await BenchCluster.prepare(options, cluster);
  try {
    await prepared.start();
    return await measure(prepared, await prepared.client());
  } finally {
    await prepared.wipe();
  }
}

async function untilPrinted(child: ChildProcess, text: string): Promise<void> {
  const lines: string[] = [];
  const printed = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      if (!stream) continue;
      createInterface({ input: stream }).on("line", (line) => {
        // A cluster that prints a lot is read on, but only its first words explain why it does not start.
        if (lines.length < 100) lines.push(line);
        if (line.includes(text)) resolve();
      });
    }
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`kctl up ended with ${code}: ${lines.join("; ")}`)));
  });
  await printed;
}

/** The sample's images and busybox, for the runtime; milliseconds when they are there already. */
async function prepareImages(kind: BenchRuntime, directory: string): Promise<void> {
  const stop = new AbortController();
  const exec = systemExec();
  const options = {
    cluster: "bench-images",
    node: "none",
    podCidr: "10.229.0.0/16",
    stateDirectory: join(directory, "image-builder"),
    imagesDirectory: join(directory, "images"),
    clock: systemClock(),
    log: silentLog,
  };
  const { images } = await createRuntime(kind, options, stop.signal);
  const helloDirectory = join(projectRoot, "manifests/hello");
  await ensureSampleImages(images, { nodePath: process.execPath, helloDirectory, exec }, stop.signal);
  await images.make(await describeBusyboxImage(exec), stop.signal);
  stop.abort();
}
