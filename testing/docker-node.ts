// A node for tests: a kubelet in this process over a real Docker Engine, and an API server in memory, which outlives it. Kubelets
// come and go as the test wants, and what they leave on the machine can be looked at.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { builtinResources } from "../api/index.ts";
import { nodes } from "../api/core/node.ts";
import { pods, type Pod, type PodSpec } from "../api/core/pod.ts";
import { isPodReady } from "../api/core/pod-state.ts";
import { isNotFound } from "../api/meta/status.ts";
import { createApiServer } from "../apiserver/api-server.ts";
import { MemoryStore } from "../apiserver/storage/memory-store.ts";
import { createClient } from "../client/api-client.ts";
import type { Client } from "../client/client.ts";
import { inProcessTransport } from "../client/transport.ts";
import { eventually } from "../e2e/waiting.ts";
import { diskFiles } from "../kubelet/node-files.ts";
import { readMachineFacts } from "../kubelet/machine.ts";
import { runKubelet, type KubeletOptions } from "../kubelet/run-kubelet.ts";
import { ignoring, type DockerEngine } from "../kubelet/runtimes/docker-engine.ts";
import { DockerRuntime } from "../kubelet/runtimes/docker-runtime.ts";
import { connectToDocker } from "../kubelet/runtimes/docker.ts";
import { describeBusyboxImage } from "../kubelet/runtimes/sample-images.ts";
import { systemClock } from "../lib/clock.ts";
import { systemExec } from "../lib/exec.ts";
import { errorMessage } from "../lib/error-message.ts";
import type { Handler } from "../lib/http.ts";
import { silentLog } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";

const clock = systemClock();
const never = new AbortController().signal;

export interface DockerNodeOptions {
  readonly socketPath: string;
  readonly subnet: string;
}

/** What stands between a kubelet and the others, so that a test can break it. */
export interface Between {
  readonly engine?: (engine: DockerEngine) => DockerEngine;
  readonly transport?: (transport: Handler) => Handler;
  readonly options?: Partial<KubeletOptions>;
}

export class DockerNode {
  readonly rootDirectory: string;
  readonly client: Client;
  readonly #options: DockerNodeOptions;
  readonly #transport: Handler;
  readonly #server: AbortController;
  readonly #cluster: string;
  #handler: Handler | undefined;
  #kubelet = { abort: () => undefined as void, ended: Promise.resolve() };

  private constructor(
    parts: Pick<DockerNode, "rootDirectory"> & {
      options: DockerNodeOptions;
      transport: Handler;
      server: AbortController;
    },
  ) {
    this.rootDirectory = parts.rootDirectory;
    this.#options = parts.options;
    this.#transport = parts.transport;
    this.#server = parts.server;
    this.#cluster = parts.rootDirectory.slice(parts.rootDirectory.lastIndexOf("/") + 1).toLowerCase();
    this.client = createClient(parts.transport);
  }

  /** Without a kubelet yet. The caller owes a `remove`. */
  static async prepare(options: DockerNodeOptions): Promise<DockerNode> {
    const rootDirectory = await mkdtemp(join(tmpdir(), "gantry-node-"));
    const server = new AbortController();
    const api = createApiServer({
      store: new MemoryStore(),
      resources: builtinResources,
      ...effects(),
      nodeHandler: () => (request) => node.handle(request),
      serviceCidr: "10.96.0.0/16",
      // Nobody makes service accounts here.
      disabledAdmission: ["ServiceAccount"],
    });
    await api.start(server.signal);
    const transport = inProcessTransport(api.handle, { username: "admin", groups: ["system:masters"] });
    const node: DockerNode = new DockerNode({ rootDirectory, options, transport, server });
    const runtime = node.runtime();
    await runtime.images.make(await describeBusyboxImage(systemExec()), never);
    return node;
  }

  /** The kubelet's own endpoint, as the API server asks it. */
  handle(request: Parameters<Handler>[0]): ReturnType<Handler> {
    if (!this.#handler) throw new Error("no kubelet has been started");
    return this.#handler(request);
  }

  /** A new one each time, as a new kubelet has. */
  runtime(through: (engine: DockerEngine) => DockerEngine = (engine) => engine): DockerRuntime {
    const network = { name: `gantry-${this.#cluster}`, subnet: this.#options.subnet };
    const options = { cluster: this.#cluster, node: "n1", network, clock, log: silentLog };
    return new DockerRuntime(through(connectToDocker(this.#options.socketPath)), "test", options);
  }

  async startKubelet({ engine, transport = (direct) => direct, options = {} }: Between = {}): Promise<void> {
    const kubelet = new AbortController();
    const machine = await readMachineFacts({ directory: this.rootDirectory, podsMax: 110 });
    const ended = runKubelet(
      {
        client: createClient(transport(this.#transport), { userAgent: "kubelet" }),
        runtime: this.runtime(engine),
        serve: (handler) => {
          this.#handler = handler;
          return Promise.resolve({ port: 10250, close: () => Promise.resolve() });
        },
        nodeName: "n1",
        nodeAddress: "127.0.0.1",
        rootDirectory: this.rootDirectory,
        machine,
        ...effects(),
        exec: systemExec(),
        ...options,
      },
      kubelet.signal,
    );
    this.#kubelet = { abort: () => kubelet.abort(), ended };
    ended.catch(() => undefined);
    await eventually("the node is registered", async () => (await this.client.list(nodes)).items.length === 1);
  }

  /** Its containers go on. */
  async stopKubelet(): Promise<void> {
    this.#kubelet.abort();
    await this.#kubelet.ended;
  }

  create(name: string, spec: Partial<PodSpec>): Promise<Pod> {
    return this.client.create(pods, {
      metadata: { namespace: "default", name },
      spec: { nodeName: "n1", terminationGracePeriodSeconds: 1, containers: [], ...spec },
    });
  }

  pod(name: string): Promise<Pod> {
    return this.client.get(pods, { namespace: "default", name });
  }

  delete(name: string): Promise<unknown> {
    return this.client.delete(pods, { namespace: "default", name });
  }

  untilPod(name: string, isTrue: (pod: Pod) => boolean): Promise<Pod> {
    let last: Pod | undefined;
    const look = async () => {
      last = await this.pod(name);
      return isTrue(last) && last;
    };
    return eventually(`the pod ${name} is as wanted`, look).catch((error: unknown) => {
      throw new Error(`${errorMessage(error)}; it is ${JSON.stringify(last?.status)}`, { cause: error });
    });
  }

  untilReady(name: string): Promise<Pod> {
    return this.untilPod(name, isPodReady);
  }

  async untilGone(name: string): Promise<void> {
    await eventually(`the pod ${name} is gone`, () => this.pod(name).then(() => false, isNotFound));
  }

  /** Of the node's condition Ready: its status and its message. */
  async ready(): Promise<{ readonly status: string; readonly message: string }> {
    const { conditions = [] } = (await this.client.get(nodes, { name: "n1" })).status;
    const { status = "", message = "" } = conditions.find(({ type }) => type === "Ready") ?? {};
    return { status, message };
  }

  /** What this node has on the machine: containers, mounts, and directories of pods. */
  async leftovers(): Promise<readonly string[]> {
    const engine = connectToDocker(this.#options.socketPath);
    const query = { all: 1, filters: { label: [`gantry.cluster=${this.#cluster}`] } };
    const listed = await engine.call({ method: "GET", path: "/containers/json", query, signal: never });
    const containers = (listed as { readonly Names: readonly string[] }[]).flatMap(({ Names }) => Names);
    const mounts = await diskFiles.mountsBelow(this.rootDirectory);
    const directories = await diskFiles.list(join(this.rootDirectory, "pods"));
    return [...containers, ...mounts, ...directories];
  }

  async untilNothingIsLeft(): Promise<void> {
    await eventually("nothing is left on the machine", async () => {
      const left = await this.leftovers();
      if (left.length > 0) throw new Error(`there is ${left.join(", ")}`);
      return true;
    });
  }

  async remove(): Promise<void> {
    await this.stopKubelet().catch(() => undefined);
    this.#server.abort();
    const runtime = this.runtime();
    for (const { sandboxes } of await runtime.list(never)) {
      for (const { id } of sandboxes) await runtime.removeSandbox(id, never);
    }
    const engine = connectToDocker(this.#options.socketPath);
    const path = `/networks/gantry-${this.#cluster}`;
    await ignoring([404], engine.call({ method: "DELETE", path, signal: never }));
    for (const mount of await diskFiles.mountsBelow(this.rootDirectory)) await systemExec().run("umount", [mount]);
    await rm(this.rootDirectory, { recursive: true, force: true });
  }
}

function effects() {
  return { clock, random: systemRandom(), log: silentLog, metrics: createMetrics() };
}
