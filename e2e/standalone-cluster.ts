// `kctl up`: all components in one process.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterUnderTest } from "./cluster-under-test.ts";
import { KCTL } from "./cluster-under-test.ts";
import { runCommand } from "./command.ts";
import { freePort } from "./free-port.ts";
import { makeTestImages } from "./test-images.ts";
import { RunningProcess } from "./running-process.ts";
import { eventually } from "./waiting.ts";

export interface StandaloneOptions {
  readonly runtime: "docker" | "containerd" | "process";
  readonly proxy: "nftables" | "userspace";
  /** 1 unless given. */
  readonly nodes?: number;
}

export class StandaloneCluster implements ClusterUnderTest {
  readonly title: string;
  readonly runtime: "docker" | "containerd" | "process";
  readonly processes = ["cluster"];
  readonly #options: StandaloneOptions;
  readonly #directory: string;
  readonly #port: number;
  #process: RunningProcess | undefined;

  private constructor(options: StandaloneOptions, directory: string, port: number) {
    this.#options = options;
    this.#directory = directory;
    this.#port = port;
    this.runtime = options.runtime;
    this.title = `one process, the embedded store, ${options.runtime}, ${options.proxy}`;
  }

  static async prepare(options: StandaloneOptions): Promise<StandaloneCluster> {
    return new StandaloneCluster(options, await mkdtemp(join(tmpdir(), "gantry-e2e-")), await freePort());
  }

  /** What its containers, networks and rules are named after. Rejects before the first start. */
  async id(): Promise<string> {
    const { id } = JSON.parse(await readFile(join(this.#directory, "cluster.json"), "utf8")) as { id: string };
    return id;
  }

  get kubeconfig(): string {
    return join(this.#directory, "kubeconfig");
  }

  async start(): Promise<void> {
    if (this.#process && !this.#process.ended) return;
    const { runtime, proxy, nodes = 1 } = this.#options;
    const flags = [
      "--data-dir",
      this.#directory,
      "--secure-port",
      String(this.#port),
      "--runtime",
      runtime,
      "--proxy",
      proxy,
      "--nodes",
      String(nodes),
    ];
    await makeTestImages(runtime, this.#directory);
    const started = new RunningProcess("cluster", [...KCTL, "up", ...flags]);
    this.#process = started;
    await eventually("the cluster is ready", () => {
      if (started.ended) throw new Error(`kctl up ended: ${started.output}`);
      return started.output.includes("The cluster is ready");
    });
  }

  async stop(): Promise<void> {
    const code = await this.#process?.stop();
    if (code !== 0) throw new Error(`kctl up exited with ${code}: ${this.#process?.output}`);
  }

  async crash(): Promise<void> {
    await this.#process?.crash();
  }

  async wipe(): Promise<void> {
    const { code, stderr } = await runCommand([...KCTL, "down", "--wipe", "--data-dir", this.#directory]);
    if (code !== 0) throw new Error(`kctl down --wipe failed: ${stderr}`);
    await rm(this.#directory, { recursive: true, force: true });
  }

  async describe(): Promise<string> {
    const log = await readFile(join(this.#directory, "log/gantry.log"), "utf8").catch(() => "");
    return `${this.#process?.output}\n${log.split("\n").slice(-40).join("\n")}`;
  }
}
