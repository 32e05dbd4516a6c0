// Real etcd servers for tests: one member or several on loopback ports of their own, stopped by process id, data thrown away.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep, systemClock } from "../lib/clock.ts";
import { findProgram } from "./machine-parts.ts";

const clock = systemClock();

export class EtcdServer {
  readonly #directory: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(
    readonly name: string,
    readonly port: number,
    flags: readonly string[],
  ) {
    this.#directory = mkdtempSync(join(tmpdir(), "gantry-etcd-"));
    this.#flags = flags;
  }

  /** Starts one member, or a cluster of several. `flags` are added to each member's command line. */
  static async start(members = 1, flags: readonly string[] = []): Promise<EtcdServer[]> {
    const ports = await freePorts(members * 2);
    const peers = ports.slice(members).map((port) => `http://127.0.0.1:${port}`);
    const cluster = peers.map((peer, index) => `m${index}=${peer}`).join(",");
    const servers = peers.map((peer, index) => {
      const peerFlags = [
        "--listen-peer-urls",
        peer,
        "--initial-advertise-peer-urls",
        peer,
        "--initial-cluster",
        cluster,
      ];
      return new EtcdServer(`m${index}`, ports[index] ?? 0, [...peerFlags, ...flags]);
    });
    await Promise.all(servers.map((server) => server.run()));
    return servers;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Starts the server, again where it has been killed, and waits until it serves clients. */
  async run(): Promise<void> {
    const etcd = findProgram("etcd");
    if (!etcd) throw new Error("etcd is not installed");
    const common = ["--name", this.name, "--data-dir", this.#directory, "--logger", "zap", "--log-level", "error"];
    const client = ["--listen-client-urls", this.url, "--advertise-client-urls", this.url];
    const child = spawn(etcd, [...common, ...client, ...this.#flags], { stdio: "ignore" });
    this.#process = child;
    const exited = once(child, "exit").then(([code]) => {
      throw new Error(`etcd has ended with exit code ${code}`);
    });
    exited.catch(() => undefined);
    await Promise.race([exited, this.#healthy()]);
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (!child || child.exitCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #healthy(): Promise<void> {
    const isHealthy = () =>
      fetch(`${this.url}/health`).then(
        (response) => response.ok,
        () => false,
      );
    while (this.#process && !(await isHealthy())) await sleep(clock, 50);
  }
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
