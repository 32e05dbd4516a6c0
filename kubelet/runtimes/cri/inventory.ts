// What this node has in a CRI runtime. The runtime's lists lack addresses, times and exit codes; so each item is asked for
// once in each of its states, in which they do not change.

import { Limiter } from "../limiter.ts";
import { groupPods } from "../pod-list.ts";
import type { RuntimePod } from "../runtime.ts";
import { ignoringAbsent, type CriService } from "./cri-service.ts";
import type { Received } from "./schema.ts";
import { scopeLabels, type NodeScope } from "./spec.ts";
import { readContainer, readPod, readPodLabels, readSandbox } from "./state.ts";

const QUESTIONS_MAX = 8;

interface Known<T> {
  readonly state: string;
  readonly details: T;
}

interface Owner {
  readonly podUid: string;
  readonly isSandbox: boolean;
}

type ContainerDetails = Received<"ContainerStatusResponse">;

export class CriInventory {
  readonly #cri: CriService;
  readonly #labels: Readonly<Record<string, string>>;
  readonly #limiter = new Limiter(QUESTIONS_MAX);
  /** By id; no more than the runtime had for this node when it was last listed. */
  #addresses = new Map<string, Known<string>>();
  #containers = new Map<string, Known<ContainerDetails>>();
  #owners = new Map<string, Owner>();
  #running = 0;

  constructor(cri: CriService, scope: NodeScope) {
    this.#cri = cri;
    this.#labels = scopeLabels(scope);
  }

  /** How many containers ran when they were last listed. */
  get running(): number {
    return this.#running;
  }

  async list(signal: AbortSignal): Promise<RuntimePod[]> {
    const [sandboxes, containers] = await Promise.all([this.findSandboxes({}, signal), this.find({}, signal)]);
    const [addresses, details] = await Promise.all([
      Promise.all(sandboxes.map((each) => this.#addressOf(each, signal))),
      Promise.all(containers.map((each) => this.#detailsOf(each, signal))),
    ]);
    this.#remember(sandboxes, containers);
    return groupPods(
      sandboxes.map((each, index) => ({ pod: readPod(each.metadata), state: readSandbox(each, addresses[index]) })),
      containers.flatMap((each, index) => {
        const found = details[index];
        return found ? [{ pod: readPodLabels(each.labels), state: readContainer(each, found) }] : [];
      }),
    );
  }

  /** This node's sandboxes, in any state, of a pod where it is given. */
  async findSandboxes(labels: Readonly<Record<string, string>>, signal: AbortSignal) {
    const filter = { labelSelector: { ...this.#labels, ...labels } };
    return (await this.#cri.runtime("ListPodSandbox", { filter }, signal)).items;
  }

  /** This node's containers, in any state, of a sandbox where it is given. */
  async find({ podSandboxId }: { readonly podSandboxId?: string }, signal: AbortSignal) {
    const filter = { labelSelector: this.#labels, ...(podSandboxId !== undefined && { podSandboxId }) };
    return (await this.#cri.runtime("ListContainers", { filter }, signal)).containers;
  }

  /** Undefined where there is none. */
  async inspect(containerId: string, signal: AbortSignal): Promise<Received<"ContainerStatus"> | undefined> {
    const answer = await ignoringAbsent(this.#cri.runtime("ContainerStatus", { containerId }, signal));
    return answer?.status ?? undefined;
  }

  /** Undefined where there is none. */
  async logPathOf(containerId: string, signal: AbortSignal): Promise<string | undefined> {
    const status = this.#containers.get(containerId)?.details.status ?? (await this.inspect(containerId, signal));
    return status?.logPath;
  }

  /** What belongs to a container or sandbox of this node; undefined where it is not known (yet). */
  ownerOf(id: string): Owner | undefined {
    return this.#owners.get(id);
  }

  /** Something has changed that its state does not tell. */
  forget(id: string): void {
    this.#containers.delete(id);
  }

  #remember(sandboxes: readonly Received<"PodSandbox">[], containers: readonly Received<"Container">[]): void {
    this.#owners = new Map<string, Owner>();
    for (const { id, metadata } of sandboxes) this.#owners.set(id, { podUid: readPod(metadata).uid, isSandbox: true });
    for (const { id, labels } of containers) {
      this.#owners.set(id, { podUid: readPodLabels(labels).uid, isSandbox: false });
    }
    this.#running = containers.filter(({ state }) => state === "CONTAINER_RUNNING").length;
    for (const known of [this.#addresses, this.#containers]) {
      for (const id of known.keys()) if (!this.#owners.has(id)) known.delete(id);
    }
  }

  async #addressOf({ id, state }: Received<"PodSandbox">, signal: AbortSignal): Promise<string | undefined> {
    const known = this.#addresses.get(id);
    if (known?.state === state) return known.details;
    const answer = await this.#limiter.run(signal, () =>
      ignoringAbsent(this.#cri.runtime("PodSandboxStatus", { podSandboxId: id }, signal)),
    );
    const details = answer?.status?.network?.ip ?? "";
    if (answer?.status?.state === state) this.#addresses.set(id, { state, details });
    return details;
  }

  async #detailsOf({ id, state }: Received<"Container">, signal: AbortSignal): Promise<ContainerDetails | undefined> {
    const known = this.#containers.get(id);
    if (known?.state === state) return known.details;
    const details = await this.#limiter.run(signal, () =>
      ignoringAbsent(this.#cri.runtime("ContainerStatus", { containerId: id, verbose: true }, signal)),
    );
    // One that is only created may fail to start, and is asked for again.
    if (details?.status?.state === state && state !== "CONTAINER_CREATED") {
      this.#containers.set(id, { state, details });
    }
    return details;
  }
}
