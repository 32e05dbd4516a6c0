// The last words of containers: what a program left in its terminationMessagePath, or the end of its log. The file lies
// in the pod's directory on the node and is mounted into the container, so that it outlives both of them.

import { join } from "node:path";
import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import type { NodeFiles } from "./node-files.ts";
import type { ContainerId, ContainerRuntime, RuntimeContainer, RuntimePod } from "./runtimes/runtime.ts";

const MESSAGE_BYTES_MAX = 4096;
/** Of all containers together, each of which has an equal share. */
const POD_BYTES_MAX = 12_288;
const LOG_BYTES_MAX = 2048;
const LOG_LINES_MAX = 80;

export interface TerminationMessagesDeps {
  readonly rootDirectory: string;
  readonly runtime: ContainerRuntime;
  readonly files: NodeFiles;
}

export class TerminationMessages {
  readonly #root: string;
  readonly #files: NodeFiles;
  readonly #runtime: ContainerRuntime;
  readonly #signal: AbortSignal;
  /** By pod and container; "" where nothing was left. Bound: the containers that the runtime has of pods with a worker. */
  readonly #messages = new Map<string, Map<ContainerId, string>>();
  readonly #loading = new Set<ContainerId>();

  constructor(deps: TerminationMessagesDeps, signal: AbortSignal) {
    this.#root = deps.rootDirectory;
    this.#files = deps.files;
    this.#runtime = deps.runtime;
    this.#signal = signal;
  }

  of(podUid: string): ReadonlyMap<ContainerId, string> {
    return this.#messages.get(podUid) ?? new Map<ContainerId, string>();
  }

  forget(podUid: string): void {
    this.#messages.delete(podUid);
  }

  /** The file of one attempt, created empty; undefined where the container wants none. */
  createFile(podUid: string, container: Container, attempt: number): string | undefined {
    if (!container.terminationMessagePath) return undefined;
    const path = this.#pathOf(podUid, container.name, attempt);
    this.#files.createEmpty(path);
    return path;
  }

  /** True while messages of ended containers are still being read; `loaded` is called when they are there. */
  load(pod: Pod, runtime: RuntimePod | undefined, loaded: () => void): boolean {
    const { uid } = pod.metadata;
    const known = this.of(uid);
    const ended = (runtime?.containers ?? []).filter(({ state }) => state === "exited");
    const missing = ended.filter(({ id }) => !known.has(id));
    const fresh = missing.filter(({ id }) => !this.#loading.has(id));
    for (const { id } of fresh) this.#loading.add(id);
    if (fresh.length > 0) void this.#readAll(pod, fresh).then(loaded);
    this.#prune(uid, ended);
    return missing.length > 0;
  }

  #prune(podUid: string, ended: readonly RuntimeContainer[]): void {
    const kept = new Set(ended.map(({ id }) => id));
    const messages = this.#messages.get(podUid);
    for (const id of [...(messages?.keys() ?? [])]) if (!kept.has(id)) messages?.delete(id);
  }

  async #readAll(pod: Pod, containers: readonly RuntimeContainer[]): Promise<void> {
    const messages = this.#messages.get(pod.metadata.uid) ?? new Map<ContainerId, string>();
    this.#messages.set(pod.metadata.uid, messages);
    await Promise.all(
      containers.map(async (container) => {
        messages.set(container.id, await this.#read(pod, container));
        this.#loading.delete(container.id);
      }),
    );
  }

  async #read(pod: Pod, container: RuntimeContainer): Promise<string> {
    const { initContainers = [], containers, ephemeralContainers = [] } = pod.spec;
    const all = [...initContainers, ...containers, ...ephemeralContainers];
    const spec = all.find(({ name }) => name === container.name);
    if (!spec?.terminationMessagePath) return "";
    const path = this.#pathOf(pod.metadata.uid, container.name, container.attempt);
    const own = await this.#files.readEnd(path, MESSAGE_BYTES_MAX);
    const fallBack = spec.terminationMessagePolicy === "FallbackToLogsOnError" && container.exitCode !== 0;
    const message = own.length === 0 && fallBack ? await this.#readLog(container.id) : own;
    return Buffer.from(message.subarray(0, Math.floor(POD_BYTES_MAX / all.length))).toString();
  }

  /** A log that cannot be read leaves the message empty: it is an extra. */
  async #readLog(id: ContainerId): Promise<Uint8Array> {
    // No more is kept than is told: a line may be as long as a program likes.
    let end: Uint8Array = new Uint8Array();
    try {
      const options = { tailLines: LOG_LINES_MAX, signal: this.#signal };
      for await (const chunk of this.#runtime.logs(id, options)) {
        end = Buffer.concat([end, chunk]).subarray(-LOG_BYTES_MAX);
      }
    } catch {
      return new Uint8Array();
    }
    return end;
  }

  #pathOf(podUid: string, container: string, attempt: number): string {
    return join(this.#root, "pods", podUid, "containers", container, `termination-${attempt}`);
  }
}
