// API servers as processes of their own over one etcd, and clients of them: for what holds however many there are, and
// whichever of them is killed.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KubeConfig } from "@kubernetes/client-node";
import { systemClock } from "../lib/clock.ts";
import { httpsHandler } from "../lib/http-client.ts";
import type { Handler } from "../lib/http.ts";
import type { KeyPair } from "../lib/x509.ts";
import { EtcdServer } from "../testing/etcd-server.ts";
import { createTestAuthority, type TestAuthority } from "../testing/test-certificates.ts";
import { builtFile } from "./cluster-under-test.ts";
import { freePort } from "./free-port.ts";
import { RawClient } from "./raw-client.ts";
import { RunningProcess } from "./running-process.ts";
import { eventually } from "./waiting.ts";

interface Parts {
  readonly directory: string;
  readonly etcd: EtcdServer;
  readonly authority: TestAuthority;
  readonly administrator: KeyPair;
  readonly ports: readonly number[];
}

export class ApiServerProcesses {
  readonly #parts: Parts;
  readonly #running: (RunningProcess | undefined)[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when all are ready. The test owes a `remove`. */
  static async start(count: number): Promise<ApiServerProcesses> {
    const directory = await mkdtemp(join(tmpdir(), "gantry-api-servers-"));
    const [etcd] = await EtcdServer.start();
    if (!etcd) throw new Error("etcd did not start");
    const authority = await createTestAuthority(systemClock().now());
    const keys = await authority.server();
    for (const [name, text] of [
      ["server.crt", keys.cert],
      ["server.key", keys.key],
      ["ca.crt", authority.ca],
    ] as const) {
      await writeFile(join(directory, name), text, { mode: 0o600 });
    }
    const administrator = await authority.client("admin", ["system:masters"]);
    const ports: number[] = [];
    for (let index = 0; index < count; index += 1) ports.push(await freePort());
    const servers = new ApiServerProcesses({ directory, etcd, authority, administrator, ports });
    await Promise.all(ports.map((_, index) => servers.revive(index)));
    return servers;
  }

  get etcdUrl(): string {
    return this.#parts.etcd.url;
  }

  /** As the administrator. */
  client(index = 0): RawClient {
    const { ports, authority, administrator } = this.#parts;
    return new RawClient(ports[index] ?? 0, authority.ca, administrator);
  }

  /** The same over connections that are kept: for very many requests. */
  handler(index = 0): Handler {
    const { ports, authority, administrator } = this.#parts;
    return httpsHandler({ baseUrl: `https://127.0.0.1:${ports[index]}`, tls: { ca: authority.ca, ...administrator } });
  }

  kubeconfig(index = 0): KubeConfig {
    const { ports, authority, administrator } = this.#parts;
    const encode = (text: string) => Buffer.from(text).toString("base64");
    const config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: "c", server: `https://127.0.0.1:${ports[index]}`, caData: encode(authority.ca), skipTLSVerify: false },
      { name: "u", certData: encode(administrator.cert), keyData: encode(administrator.key) },
    );
    return config;
  }

  /** SIGKILL, as a lost machine would look. */
  async kill(index = 0): Promise<void> {
    await this.#running[index]?.crash();
  }

  /** Starts it, again where it was killed; resolves when it is ready. */
  async revive(index = 0): Promise<void> {
    const { directory, etcd, ports } = this.#parts;
    const file = (name: string) => join(directory, name);
    const running = new RunningProcess(`apiserver ${index}`, [
      ...[process.execPath, builtFile("apiserver/main.js"), "--etcd-servers", etcd.url],
      ...["--secure-port", String(ports[index]), "--bind-address", "127.0.0.1", "--client-ca-file", file("ca.crt")],
      ...["--tls-cert-file", file("server.crt"), "--tls-private-key-file", file("server.key")],
    ]);
    this.#running[index] = running;
    await eventually(`API server ${index} is ready`, async () => {
      if (running.ended) throw new Error(`it has ended: ${running.output}`);
      return (await this.client(index).ask("GET", "/readyz")).text === "ok";
    });
  }

  async remove(): Promise<void> {
    for (const running of this.#running) await running?.crash();
    await this.#parts.etcd.remove();
    await rm(this.#parts.directory, { recursive: true, force: true });
  }
}
