// The cluster that all tests of PodSpec share: one node on real Docker, whose pods are followed with one watch.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { events, type Event } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { pods, type Pod, type PodSpec } from "../../api/core/pod.ts";
import { containerStatusOf } from "../../api/core/pod-state.ts";
import { serviceAccounts } from "../../api/core/service-account.ts";
import { createClient } from "../../client/api-client.ts";
import type { Client } from "../../client/client.ts";
import { connectByKubeconfig } from "../../client/connect-by-kubeconfig.ts";
import { DockerImages } from "../../kubelet/runtimes/docker-images.ts";
import { connectToDocker } from "../../kubelet/runtimes/docker.ts";
import { describeBusyboxImage } from "../../kubelet/runtimes/sample-images.ts";
import { systemExec } from "../../lib/exec.ts";
import { runOrFail, type CommandOptions } from "../command.ts";
import { InProcessCluster } from "../in-process-cluster.ts";
import { eventually } from "../waiting.ts";
import { LockedRegistry } from "./locked-registry.ts";
import { SHARED_DIRECTORY, THIS_NODE, THIS_REGISTRY, type PodCase, type SeenPod } from "./pod-case.ts";

const namespace = "default";
const WAIT_MS = 90_000;

interface Waiter {
  readonly name: string;
  readonly isTrue: (pod: Pod) => boolean;
  readonly resolve: (pod: Pod) => void;
}

interface LabParts {
  readonly cluster: InProcessCluster;
  readonly registry: LockedRegistry;
  readonly client: Client;
  readonly nodeName: string;
}

export class PodLab {
  readonly client: Client;
  readonly nodeName: string;
  readonly #cluster: InProcessCluster;
  readonly #registry: LockedRegistry;
  /** By name, in their newest state. */
  readonly #pods = new Map<string, Pod>();
  readonly #waiters = new Set<Waiter>();
  readonly #stop = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor({ cluster, registry, client, nodeName }: LabParts) {
    this.#cluster = cluster;
    this.#registry = registry;
    this.client = client;
    this.nodeName = nodeName;
  }

  static async start(): Promise<PodLab> {
    await makeImage();
    const components = ["apiserver", "controllers", "scheduler", "kubelet"] as const;
    const cluster = await InProcessCluster.start(components, undefined, "docker");
    const client = createClient(await connectByKubeconfig(cluster.kubeconfigPath, (name) => readFile(name, "utf8")));
    const [node] = (await client.list(nodes)).items;
    const registry = await LockedRegistry.start();
    const lab = new PodLab({ cluster, registry, client, nodeName: node?.metadata.name ?? "" });
    await mkdir(SHARED_DIRECTORY, { recursive: true });
    await runOrFail(["mount", "-t", "tmpfs", "shared", SHARED_DIRECTORY]);
    await runOrFail(["mount", "--make-shared", SHARED_DIRECTORY]);
    await eventually("the namespace has its service account", () =>
      client.get(serviceAccounts, { namespace, name: "default" }),
    );
    lab.#watching = lab.#follow();
    return lab;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    this.#registry.stop();
    await this.#cluster.remove();
    await runOrFail(["umount", "--recursive", SHARED_DIRECTORY]);
    await rm(SHARED_DIRECTORY, { recursive: true, force: true });
  }

  /** Mounts something on the node below the directory that pods have mounted before. */
  async mountLate(text: string): Promise<void> {
    const late = join(SHARED_DIRECTORY, "late");
    await mkdir(late);
    await runOrFail(["mount", "-t", "tmpfs", "late", late]);
    await writeFile(join(late, "file"), text);
  }

  get registryHost(): string {
    return this.#registry.host;
  }

  /** Below the kubelet's directory. */
  async writeNodeFile(path: string, text: string): Promise<void> {
    const file = join(this.#cluster.directory, "nodes", this.nodeName, path);
    await mkdir(join(file, ".."), { recursive: true });
    await writeFile(file, text);
  }

  kubectl(args: readonly string[], options: CommandOptions = {}): Promise<string> {
    const environment = { KUBECONFIG: this.#cluster.kubeconfigPath };
    return runOrFail(["kubectl", ...args], { ...options, environment });
  }

  create(name: string, spec: Partial<PodSpec>, metadata: Partial<Pod["metadata"]> = {}): Promise<Pod> {
    const filled = JSON.stringify(spec)
      .replaceAll(THIS_NODE, this.nodeName)
      .replaceAll(THIS_REGISTRY, this.#registry.host);
    const { containers = [], ...rest } = JSON.parse(filled) as Partial<PodSpec>;
    const grace = { terminationGracePeriodSeconds: 1 };
    return this.client.create(pods, {
      metadata: { ...metadata, namespace, name },
      spec: { ...grace, containers, ...rest },
    });
  }

  /** The pod in the first state in which it is so. Rejects with its status when that takes too long. */
  until(name: string, isTrue: (pod: Pod) => boolean): Promise<Pod> {
    const now = this.#pods.get(name);
    if (now && isTrue(now)) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      const limit = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`pod ${name} is not so yet: ${JSON.stringify(this.#pods.get(name)?.status)}`));
      }, WAIT_MS);
      const done = (pod: Pod) => {
        clearTimeout(limit);
        resolve(pod);
      };
      const waiter: Waiter = { name, isTrue, resolve: done };
      this.#waiters.add(waiter);
    });
  }

  /** The first event of this reason about the pod. */
  event(pod: string, reason: string, containing = ""): Promise<Event> {
    return eventually(`pod ${pod} has an event ${reason}`, async () => {
      const selection = { namespace, fieldSelector: `involvedObject.name=${pod},reason=${reason}` };
      const { items } = await this.client.list(events, selection);
      return items.find(({ message }) => message?.includes(containing));
    });
  }

  async look({ until = hasEnded }: PodCase, name: string): Promise<SeenPod> {
    const pod = await this.until(name, until);
    const said = (container = pod.spec.containers[0]?.name ?? "") => {
      const { state, lastState } = containerStatusOf(pod, container) ?? { state: {}, lastState: {} };
      return (state.terminated ?? lastState.terminated)?.message ?? "";
    };
    return { pod, lab: this, said };
  }

  async remove(name: string, gracePeriodSeconds = 1): Promise<void> {
    await this.client.delete(pods, { namespace, name }, { gracePeriodSeconds });
  }

  async #follow(): Promise<void> {
    const { signal } = this.#stop;
    const { items, resourceVersion } = await this.client.list(pods, { namespace });
    for (const pod of items) this.#pods.set(pod.metadata.name, pod);
    try {
      const from = { namespace, resourceVersion, signal };
      for await (const event of this.client.watch(pods, from)) {
        if (event.type !== "BOOKMARK") this.#see(event.object);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #see(pod: Pod): void {
    this.#pods.set(pod.metadata.name, pod);
    for (const waiter of [...this.#waiters]) {
      if (waiter.name !== pod.metadata.name || !waiter.isTrue(pod)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(pod);
    }
  }
}

const hasEnded = ({ status }: Pod) => status.phase === "Succeeded" || status.phase === "Failed";

async function makeImage(): Promise<void> {
  const images = new DockerImages(connectToDocker("/var/run/docker.sock"));
  await images.make(await describeBusyboxImage(systemExec()), new AbortController().signal);
}
