// The pods of one node: gives each a worker, tells the workers what changed, and finds what runs without a pod. It decides
// nothing about a pod itself (plan-pod.ts does) and keeps no state of its own that the API or the runtime does not have.

import { join } from "node:path";
import type { Pod } from "../api/core/pod.ts";
import type { Change, Informer } from "../client/informer.ts";
import { pause, type Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { Eviction } from "./eviction/eviction.ts";
import type { NodeFiles } from "./node-files.ts";
import type { ObjectReferences } from "./object-references.ts";
import type { PodTokens } from "./pod-tokens.ts";
import { PodWorker, type PodWorkerDeps } from "./pod-worker.ts";
import type { RuntimeSnapshot } from "./runtime-snapshot.ts";
import type { ContainerRuntime, PodIdentity } from "./runtimes/runtime.ts";
import type { PodVolumes } from "./volumes/pod-volumes.ts";

export interface KubeletDeps {
  /** The pods of this node, and no others. */
  readonly pods: Pick<Informer<Pod>, "list" | "onChange" | "synced">;
  readonly runtime: ContainerRuntime;
  readonly snapshot: RuntimeSnapshot;
  readonly references: ObjectReferences;
  readonly tokens: Pick<PodTokens, "forget">;
  readonly volumes: PodVolumes;
  readonly rootDirectory: string;
  readonly files: NodeFiles;
  readonly worker: Omit<PodWorkerDeps, "finished" | "snapshot">;
  /** Why a pod that is new here is not to run on this node; undefined where it is. */
  refuse(pod: Pod): Eviction | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * A runtime that reports nothing is asked now and then whether it is still there: with the time for a list and for a report,
 * the cluster knows of a runtime that is gone within 40 s.
 */
const HEALTH_CHECK_MS = 10_000;

export class Kubelet {
  readonly #deps: KubeletDeps;
  /** By uid. Bound: the pods of this node, and what the runtime has besides. */
  readonly #workers = new Map<string, PodWorker>();
  #knowsAll = false;

  constructor(deps: KubeletDeps) {
    this.#deps = deps;
  }

  /** Runs until `signal` is aborted. Containers go on running afterwards. */
  async run(signal: AbortSignal): Promise<void> {
    const { pods, snapshot } = this.#deps;
    await snapshot.refresh();
    if (signal.aborted) return;
    const unsubscribe = pods.onChange((change) => this.#accept(change, signal));
    await Promise.all([this.#followRuntime(signal), this.#checkRuntime(signal), this.#removeLeftovers(signal)]);
    unsubscribe();
  }

  /** Not before all pods are known: an empty cache must not be taken for an empty node. */
  async #removeLeftovers(signal: AbortSignal): Promise<void> {
    await this.#deps.pods.synced.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    if (signal.aborted) return;
    this.#knowsAll = true;
    this.#adoptOrphans(signal);
    await this.#removeOldDirectories(signal);
  }

  /** A pod of this node that has a worker, by its name. */
  find({ namespace, name }: Omit<PodIdentity, "uid">): Pod | undefined {
    return this.list().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  list(): readonly Pod[] {
    return [...this.#workers.values()].map(({ pod }) => pod);
  }

  /** An object that the pod refers to has changed, or a token of it is to be renewed. */
  referenceChanged(podUid: string): void {
    this.#workers.get(podUid)?.referenceChanged();
  }

  /** Gives the pod up. False: it has ended already, or is not here. */
  evict(podUid: string, eviction: Eviction): boolean {
    return this.#workers.get(podUid)?.evict(eviction) ?? false;
  }

  #accept(change: Change<Pod>, signal: AbortSignal): void {
    const { uid } = change.object.metadata;
    const worker = this.#workers.get(uid);
    if (change.type === "deleted") worker?.remove();
    else if (worker) {
      this.#deps.references.hold(change.object);
      worker.update(change.object);
    } else this.#addNew(change.object, signal);
  }

  #addNew(pod: Pod, signal: AbortSignal): void {
    const worker = this.#addWorker(pod, signal);
    // What has run here before goes on running.
    const isNew = pod.status.startTime === undefined && !this.#deps.snapshot.get(pod.metadata.uid);
    const refusal = isNew ? this.#deps.refuse(pod) : undefined;
    if (refusal) worker.evict(refusal);
    worker.mark();
  }

  #addWorker(pod: Pod, signal: AbortSignal): PodWorker {
    const { references, worker, snapshot } = this.#deps;
    references.hold(pod);
    const finished = (uid: string) => this.#removeWorker(uid);
    const added = new PodWorker(pod, { ...worker, snapshot, finished }, signal);
    this.#workers.set(pod.metadata.uid, added);
    return added;
  }

  #removeWorker(uid: string): void {
    const { references, tokens, worker } = this.#deps;
    this.#workers.delete(uid);
    references.release(uid);
    tokens.forget(uid);
    worker.prober.forget(uid);
    worker.messages.forget(uid);
    worker.status.forget(uid);
  }

  /** What runs for a pod that is not in the API (any more) is stopped and removed. */
  #adoptOrphans(signal: AbortSignal): void {
    if (!this.#knowsAll) return;
    const known = new Set(this.#deps.pods.list().map(({ metadata }) => metadata.uid));
    for (const { pod } of this.#deps.snapshot.pods) {
      if (known.has(pod.uid) || this.#workers.has(pod.uid)) continue;
      this.#deps.log.info("What runs for a pod that does not exist is removed", {
        pod: `${pod.namespace}/${pod.name}`,
      });
      this.#addWorker(orphan(pod), signal).remove();
    }
  }

  async #followRuntime(signal: AbortSignal): Promise<void> {
    const { runtime, snapshot } = this.#deps;
    for await (const { podUid } of runtime.watch(signal)) {
      // Not waited for: changes that come during a list are merged into the next one.
      void snapshot.refresh().then(() => {
        const worker = podUid === undefined ? undefined : this.#workers.get(podUid);
        if (worker) return worker.mark();
        // A runtime may do late what a kubelet, or a worker that has ended, asked for and did not wait for.
        this.#adoptOrphans(signal);
        if (podUid !== undefined) return;
        for (const worker of this.#workers.values()) worker.mark();
      });
    }
  }

  async #checkRuntime(signal: AbortSignal): Promise<void> {
    const { clock, snapshot } = this.#deps;
    while (!signal.aborted) {
      await pause(clock, HEALTH_CHECK_MS, signal);
      if (signal.aborted) return;
      await snapshot.refresh();
      // What came up just when its worker had ended and its pod was still listed was taken for somebody's.
      this.#adoptOrphans(signal);
    }
  }

  /** Pods that ended while no kubelet ran left their directories. */
  async #removeOldDirectories(signal: AbortSignal): Promise<void> {
    const { volumes, rootDirectory, files, log } = this.#deps;
    for (const uid of await files.list(join(rootDirectory, "pods"))) {
      if (this.#workers.has(uid)) continue;
      await volumes.tearDown(uid, signal).catch((error: unknown) => {
        log.warn("The directory of a pod that is gone could not be removed", { uid, error });
      });
    }
  }
}

const orphan = ({ namespace, name, uid }: PodIdentity): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { namespace, name, uid, resourceVersion: "0", creationTimestamp: "", deletionGracePeriodSeconds: 1 },
  spec: { containers: [] },
  status: {},
});
