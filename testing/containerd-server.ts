// A containerd for tests: its own root, state, socket and network below a directory of its own, and nothing of it left
// afterwards.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diskFiles } from "../kubelet/node-files.ts";
import type { CriRuntime } from "../kubelet/runtimes/cri/cri-runtime.ts";
import { createContainerdRuntime } from "../kubelet/runtimes/cri/containerd.ts";
import { startOwnContainerd, stopOwnContainerd } from "../kubelet/runtimes/cri/own-containerd.ts";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { silentLog } from "../lib/log.ts";

const clock = systemClock();
const exec = systemExec();
const { signal } = new AbortController();

export class ContainerdServer {
  readonly cluster: string;
  readonly podCidr: string;
  readonly #directory: string;

  private constructor(cluster: string, podCidr: string, directory: string) {
    this.cluster = cluster;
    this.podCidr = podCidr;
    this.#directory = directory;
  }

  /** `podCidr` must be the test's own on this machine. */
  static async start(podCidr: string): Promise<ContainerdServer> {
    const directory = await mkdtemp(join(tmpdir(), "gantry-cd-"));
    const server = new ContainerdServer(directory.slice(-6).toLowerCase(), podCidr, directory);
    await server.run();
    return server;
  }

  get directory(): string {
    return join(this.#directory, "containerd");
  }

  /** Starts it, again where it has been stopped. */
  run(): Promise<string> {
    return startOwnContainerd({ directory: this.directory, exec, clock }, signal);
  }

  /** The runtime of one of the nodes on this machine. */
  async open(node = "node-1"): Promise<CriRuntime> {
    const endpoint = await this.run();
    const stateDirectory = join(this.#directory, node);
    const { cluster, podCidr } = this;
    return createContainerdRuntime(
      { cluster, node, endpoint, podCidr, stateDirectory, exec, clock, log: silentLog },
      signal,
    );
  }

  stop(): Promise<void> {
    const { directory, cluster, podCidr } = this;
    return stopOwnContainerd({ directory, cluster, podCidr, exec, clock }, signal);
  }

  /** The nodes' pods must be gone. */
  async remove(): Promise<void> {
    await this.stop();
    for (const mount of await diskFiles.mountsBelow(this.#directory)) await exec.run("umount", [mount]);
    await rm(this.#directory, { recursive: true });
  }
}
