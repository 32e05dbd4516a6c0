// Every component as a process of its own over etcd: what `node dist/<folder>/main.js` is for. Or only what controls: then tests
// create the nodes that they need, and speak for them.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { openCredentials, type Credentials } from "../standalone/credentials.ts";
import { diskFiles } from "../kubelet/node-files.ts";
import { EtcdServer } from "../testing/etcd-server.ts";
import { builtFile, type ClusterUnderTest } from "./cluster-under-test.ts";
import { runCommand, runOrFail } from "./command.ts";
import { removeDockerCluster } from "./docker-cleanup.ts";
import { freePort } from "./free-port.ts";
import { makeTestImages } from "./test-images.ts";
import { RunningProcess } from "./running-process.ts";
import { eventually } from "./waiting.ts";

const NODE = "node-1";
const SERVICE_RANGE = "10.112.0.0/16";
const POD_RANGE = "10.220.0.0/16";

interface Parts {
  readonly directory: string;
  readonly port: number;
  readonly kubeletPort: number;
  readonly schedulerPort: number;
  readonly controllersPort: number;
  readonly etcd: EtcdServer;
  readonly hasNode: boolean;
}

export class ProcessesCluster implements ClusterUnderTest {
  readonly title = "every component its own process, etcd, docker, nftables";
  readonly runtime = "docker";
  readonly processes: readonly string[];
  readonly #hasNode: boolean;
  readonly #directory: string;
  readonly #port: number;
  readonly #kubeletPort: number;
  readonly #schedulerPort: number;
  readonly #controllersPort: number;
  readonly #etcd: EtcdServer;
  readonly #running = new Map<string, RunningProcess>();
  #etcdIsUp = true;

  private constructor(parts: Parts) {
    this.processes = ["etcd", "apiserver", "controllers", "scheduler", ...(parts.hasNode ? ["kubelet", "proxy"] : [])];
    this.#hasNode = parts.hasNode;
    this.#directory = parts.directory;
    this.#port = parts.port;
    this.#kubeletPort = parts.kubeletPort;
    this.#schedulerPort = parts.schedulerPort;
    this.#controllersPort = parts.controllersPort;
    this.#etcd = parts.etcd;
  }

  static async prepare({ hasNode } = { hasNode: true }): Promise<ProcessesCluster> {
    const directory = await mkdtemp(join(tmpdir(), "gantry-e2e-"));
    const [etcd] = await EtcdServer.start();
    if (!etcd) throw new Error("etcd did not start");
    const [port, kubeletPort, schedulerPort, controllersPort] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    const ports = { port, kubeletPort, schedulerPort, controllersPort };
    const cluster = new ProcessesCluster({ directory, ...ports, etcd, hasNode });
    await cluster.#writeCredentials();
    if (hasNode) await makeTestImages("docker", directory);
    return cluster;
  }

  get kubeconfig(): string {
    return join(this.#directory, "kubeconfig");
  }

  get serverUrl(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** Who signed the certificates of the API server and the kubelet. */
  get authorityFile(): string {
    return join(this.#directory, "pki/ca.crt");
  }

  /** Where the controllers tell about themselves. */
  get controllersUrl(): string {
    return `https://127.0.0.1:${this.#controllersPort}`;
  }

  /** Where the scheduler tells about itself. */
  get schedulerUrl(): string {
    return `https://127.0.0.1:${this.#schedulerPort}`;
  }

  get #id(): string {
    return `e2e-${process.pid}`;
  }

  async #writeCredentials(): Promise<void> {
    const credentials = await openCredentials({
      directory: this.#directory,
      clock: systemClock(),
      random: systemRandom(),
    });
    await this.#writeServerKeys(credentials);
    await credentials.serviceAccountKey();
    const server = this.serverUrl;
    const identities = {
      kubeconfig: { commonName: "kubernetes-admin", organizations: ["system:masters"] },
      "kubeconfigs/controllers": { commonName: "system:kube-controller-manager" },
      "kubeconfigs/scheduler": { commonName: "system:kube-scheduler" },
      "kubeconfigs/proxy": { commonName: "system:kube-proxy", organizations: ["system:node-proxier"] },
      "kubeconfigs/kubelet": { commonName: `system:node:${NODE}`, organizations: ["system:nodes"] },
    };
    for (const [path, identity] of Object.entries(identities))
      await credentials.kubeconfig(path, { ...identity, server });
  }

  async #writeServerKeys(credentials: Credentials): Promise<void> {
    await credentials.serverKeys("apiserver", { commonName: "kube-apiserver", hosts: ["127.0.0.1", "localhost"] });
    await credentials.serverKeys("kubelet", { commonName: `system:node:${NODE}`, hosts: ["127.0.0.1", NODE] });
    await credentials.clientKeys("apiserver-kubelet-client", {
      commonName: "system:kube-apiserver",
    });
  }

  async start(): Promise<void> {
    if (!this.#etcdIsUp) await this.#etcd.run();
    this.#etcdIsUp = true;
    for (const [name, flags] of Object.entries(this.#commands())) {
      const running = this.#running.get(name);
      if (running && !running.ended) continue;
      const command = [process.execPath, builtFile(`${name}/main.js`), ...flags];
      this.#running.set(name, new RunningProcess(name, command));
    }
    await eventually(this.#hasNode ? "the node is Ready" : "the API server is ready", async () => {
      const ended = [...this.#running.values()].find((each) => each.ended);
      if (ended) throw new Error(`${ended.title} ended: ${ended.output}`);
      if (!this.#hasNode) return (await this.#ask("get", "--raw", "/readyz")) === "ok";
      const state = "jsonpath={.status.conditions[?(@.type=='Ready')].status}";
      return (await this.#ask("get", "node", NODE, "-o", state)) === "True";
    });
  }

  async #ask(...words: readonly string[]): Promise<string> {
    const { stdout } = await runCommand(["kubectl", ...words], { environment: { KUBECONFIG: this.kubeconfig } });
    return stdout;
  }

  #commands(): Readonly<Record<string, readonly string[]>> {
    const { apiserver = [], controllers = [], scheduler = [], ...ofNode } = this.#allCommands();
    if (this.#hasNode) return { apiserver, controllers, scheduler, ...ofNode };
    // Nobody sends heartbeats for nodes that tests have created.
    return { apiserver, controllers: [...controllers, "--node-monitor-grace-period", "1h"], scheduler };
  }

  #allCommands(): Readonly<Record<string, readonly string[]>> {
    const file = (path: string) => join(this.#directory, path);
    const as = (name: string) => ["--kubeconfig", file(`kubeconfigs/${name}`)];
    return {
      apiserver: [
        ...["--etcd-servers", this.#etcd.url, "--secure-port", String(this.#port), "--bind-address", "127.0.0.1"],
        ...["--tls-cert-file", file("pki/apiserver.crt"), "--tls-private-key-file", file("pki/apiserver.key")],
        ...["--client-ca-file", file("pki/ca.crt"), "--service-cluster-ip-range", SERVICE_RANGE],
        ...["--service-account-signing-key-file", file("pki/sa.key"), "--authorization-mode", "Node,RBAC"],
        ...["--kubelet-client-certificate", file("pki/apiserver-kubelet-client.crt")],
        ...["--kubelet-client-key", file("pki/apiserver-kubelet-client.key")],
        ...["--kubelet-certificate-authority", file("pki/ca.crt")],
      ],
      controllers: [
        ...as("controllers"),
        ...["--service-account-private-key-file", file("pki/sa.key"), "--use-service-account-credentials"],
        ...["--secure-port", String(this.#controllersPort), "--bind-address", "127.0.0.1"],
        ...["--cluster-signing-cert-file", file("pki/ca.crt"), "--cluster-signing-key-file", file("pki/ca.key")],
      ],
      scheduler: [
        ...as("scheduler"),
        ...["--secure-port", String(this.#schedulerPort), "--bind-address", "127.0.0.1"],
        ...["--tls-cert-file", file("pki/apiserver.crt"), "--tls-private-key-file", file("pki/apiserver.key")],
      ],
      kubelet: [
        ...as("kubelet"),
        ...["--hostname-override", NODE, "--node-ip", "127.0.0.1", "--address", "127.0.0.1"],
        ...["--port", String(this.#kubeletPort), "--root-dir", file("kubelet"), "--client-ca-file", file("pki/ca.crt")],
        ...["--tls-cert-file", file("pki/kubelet.crt"), "--tls-private-key-file", file("pki/kubelet.key")],
        ...["--container-runtime", "docker", "--cluster-id", this.#id, "--pod-cidr", POD_RANGE],
      ],
      proxy: [...as("proxy"), ...this.#proxyFlags()],
    };
  }

  #proxyFlags(): readonly string[] {
    const table = ["--proxy-mode", "nftables", "--table", `gantry-${this.#id}`];
    return [...table, "--hostname-override", NODE, "--cluster-cidr", POD_RANGE];
  }

  async stop(): Promise<void> {
    for (const name of [...this.processes].reverse()) {
      const running = this.#running.get(name);
      if (!running || running.ended) continue;
      const code = await running.stop();
      if (code !== 0) throw new Error(`${name} exited with ${code}: ${running.output}`);
    }
    await this.#etcd.kill();
    this.#etcdIsUp = false;
  }

  async crash(name: string): Promise<void> {
    if (name !== "etcd") return this.#running.get(name)?.crash();
    await this.#etcd.kill();
    this.#etcdIsUp = false;
  }

  async wipe(): Promise<void> {
    for (const running of this.#running.values()) await running.crash();
    await this.#etcd.remove();
    if (this.#hasNode) await this.#wipeNode();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #wipeNode(): Promise<void> {
    await runOrFail([process.execPath, builtFile("proxy/main.js"), "--cleanup", ...this.#proxyFlags()]);
    await removeDockerCluster(this.#id);
    for (const mount of await diskFiles.mountsBelow(this.#directory)) await runOrFail(["umount", mount]);
  }

  describe(): Promise<string> {
    const parts = [...this.#running.values()].map(({ title, output }) => `--- ${title}\n${output.slice(-4000)}`);
    return Promise.resolve(parts.join("\n"));
  }
}
