// A cluster in the test's own process, on the embedded store and a real HTTPS socket: for suites that look at what a request
// does to the server's process. There is no proxy, and pods are plain processes unless Docker is asked for, so that it needs
// neither root nor Docker.

import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { systemRandom } from "../lib/random.ts";
import { downCluster, upCluster, type ClusterIo, type ReadyCluster } from "../standalone/cluster-commands.ts";
import type { Component } from "../standalone/cluster-settings.ts";
import { freePort } from "./free-port.ts";

export class InProcessCluster {
  readonly directory: string;
  readonly port: number;
  /** The administrator's, as a client library reads it. */
  readonly kubeconfig: KubeConfig;
  /** The same for command lines. */
  readonly kubeconfigPath: string;
  readonly #io: (signal: AbortSignal) => ClusterIo;
  readonly #stop: AbortController;
  readonly #stopped: Promise<void>;

  private constructor(ready: Started) {
    this.directory = ready.directory;
    this.port = ready.port;
    this.#io = ready.io;
    this.#stop = ready.stop;
    this.#stopped = ready.stopped;
    this.kubeconfigPath = ready.cluster.kubeconfig;
    this.kubeconfig = new KubeConfig();
    this.kubeconfig.loadFromFile(this.kubeconfigPath);
  }

  /** Resolves when the server is ready, and with a kubelet among the components when its node is. */
  static async start(
    components: readonly Component[],
    tokens?: string,
    runtime: "process" | "docker" = "process",
  ): Promise<InProcessCluster> {
    const directory = await mkdtemp(join(tmpdir(), "gantry-in-process-"));
    const port = await freePort();
    const stop = new AbortController();
    const io = (signal: AbortSignal) => ioOf({ directory, runtime }, signal);
    const flags = {
      securePort: port,
      runtime,
      proxy: runtime === "docker" ? "nftables" : "none",
      tokenAuthFile: tokens,
    };
    let stopped: Promise<void> = Promise.resolve();
    const cluster = await new Promise<ReadyCluster>((resolve, reject) => {
      const onReady = (ready: ReadyCluster) => Promise.resolve(resolve(ready));
      stopped = upCluster({ directory, flags, components, logLevel: "error", onReady }, io(stop.signal));
      stopped.catch(reject);
    });
    return new InProcessCluster({ directory, port, io, stop, stopped, cluster });
  }

  /** Stops it and removes everything, pods included. */
  async remove(): Promise<void> {
    this.#stop.abort();
    await this.#stopped;
    const unused = new AbortController();
    await downCluster({ directory: this.directory, wipe: true }, this.#io(unused.signal));
    await rm(this.directory, { recursive: true, force: true });
  }
}

interface Started {
  readonly directory: string;
  readonly port: number;
  readonly io: (signal: AbortSignal) => ClusterIo;
  readonly stop: AbortController;
  readonly stopped: Promise<void>;
  readonly cluster: ReadyCluster;
}

interface Place {
  readonly directory: string;
  readonly runtime: "process" | "docker";
}

/** Clusters on Docker share its address ranges with all others of this machine. */
const ioOf = ({ directory, runtime }: Place, signal: AbortSignal): ClusterIo => ({
  out: () => undefined,
  clock: systemClock(),
  random: systemRandom(),
  exec: systemExec(),
  dockerSocket: runtime === "docker" ? "/var/run/docker.sock" : "/nonexistent/docker.sock",
  claimsDirectory: runtime === "docker" ? join(homedir(), ".kctl/address-ranges") : join(directory, "claims"),
  signal,
});
