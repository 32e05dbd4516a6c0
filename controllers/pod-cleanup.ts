// Removes pods that nobody else will: bound to a node that is gone, or is known to be out of service; deleted before they were
// bound; or finished so long ago that newer ones crowd them out. Kubernetes calls it the pod garbage collector.

import { nodes, type Node } from "../api/core/node.ts";
import { isPodTerminal } from "../api/core/pod-state.ts";
import type { PodCondition } from "../api/core/pod-status.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { isConditionTrue, setCondition } from "../api/meta/condition-list.ts";
import { formatKey, keyOf, type ObjectKey } from "../api/meta/object.ts";
import { ignoreNotFound, isNotFound } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import type { Change, Informer } from "../client/informer.ts";
import { formatTime } from "../lib/clock.ts";
import { BY_NODE, podsByNode } from "./pods-by-node.ts";

/** A node may be deleted and registered again: its pods are given this long. */
const QUARANTINE_MS = 40_000;
/** Finished pods that are kept for people to look at. */
const FINISHED_MAX = 12_500;

const FINISHED = "finished";
const NODE_GONE = { reason: "DeletionByPodGC", message: "PodGC: node no longer exists" };
const OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";

export const podCleanupController: Controller<Pod> = {
  name: "pod-cleanup",
  for: pods,
  watches: [
    {
      resource: nodes,
      map: (change, deps) => {
        const { type, object } = change as Change<Node>;
        const isOver = type === "updated" && !isOutOfService(object);
        return isOver ? [] : deps.informer(pods, podsByNode).byIndex(BY_NODE, object.metadata.name).map(keyOf);
      },
    },
  ],
  build: (deps) => new PodCleanupReconciler(deps),
};

/** Somebody vouches for it that nothing runs there any more, and its kubelet does not say otherwise. */
const isOutOfService = ({ spec, status }: Node): boolean =>
  !isConditionTrue(status.conditions, "Ready") && (spec.taints ?? []).some(({ key }) => key === OUT_OF_SERVICE);

class PodCleanupReconciler implements Reconciler<Pod> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  /** Since when the node of a pod has been missing, on the monotonic clock, by the pod's namespace and name. */
  readonly #orphaned = new Map<string, { readonly uid: string; readonly sinceMs: number }>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#nodes = deps.informer(nodes);
    this.#pods = deps.informer(pods, {
      ...podsByNode,
      [FINISHED]: (pod) => (isPodTerminal(pod) && !pod.metadata.deletionTimestamp ? [FINISHED] : []),
    });
  }

  async reconcile(pod: Pod): Promise<Requeue | void> {
    if (!pod.spec.nodeName) return pod.metadata.deletionTimestamp ? this.#remove(pod) : undefined;
    const node = this.#nodes.get({ name: pod.spec.nodeName });
    if (!node) return this.#quarantine(pod, pod.spec.nodeName);
    this.#orphaned.delete(formatKey(keyOf(pod)));
    if (pod.metadata.deletionTimestamp && isOutOfService(node)) {
      await this.#fail(pod);
      return this.#remove(pod);
    }
    if (isPodTerminal(pod)) await this.#makeRoom();
  }

  forget(key: ObjectKey): void {
    this.#orphaned.delete(formatKey(key));
  }

  async #quarantine(pod: Pod, nodeName: string): Promise<Requeue | void> {
    const id = formatKey(keyOf(pod));
    const nowMs = this.#deps.clock.monotonic();
    const known = this.#orphaned.get(id);
    const orphaned = known?.uid === pod.metadata.uid ? known : { uid: pod.metadata.uid, sinceMs: nowMs };
    this.#orphaned.set(id, orphaned);
    const waitMs = orphaned.sinceMs + QUARANTINE_MS - nowMs;
    if (waitMs > 0) return { afterMs: waitMs };
    if (await this.#nodeExists(nodeName)) return;
    await this.#fail(pod, NODE_GONE);
    await this.#remove(pod);
    this.#orphaned.delete(id);
  }

  /** Asks the server: a cache may lag behind a node that was registered again. */
  async #nodeExists(name: string): Promise<boolean> {
    return this.#deps.client.get(nodes, { name }).then(
      () => true,
      (error: unknown) => {
        if (isNotFound(error)) return false;
        throw error;
      },
    );
  }

  /** Owners count on a pod that ends to say so. */
  async #fail(pod: Pod, why?: Pick<PodCondition, "reason" | "message">): Promise<void> {
    if (isPodTerminal(pod)) return;
    const lastTransitionTime = formatTime(this.#deps.clock.now());
    const conditions =
      why &&
      setCondition(pod.status.conditions, { type: "DisruptionTarget", status: "True", ...why, lastTransitionTime });
    const { uid, resourceVersion } = pod.metadata;
    const patch = { metadata: { uid, resourceVersion }, status: { phase: "Failed", ...(why && { conditions }) } };
    const options = { subresource: "status" };
    await this.#deps.client.patch(pods, keyOf(pod), { type: "merge", patch }, options).catch(ignoreNotFound);
  }

  async #remove(pod: Pod): Promise<void> {
    const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
    await this.#deps.client.delete(pods, keyOf(pod), options).catch(ignoreNotFound);
  }

  /** The oldest finished pods go first. */
  async #makeRoom(): Promise<void> {
    const finished = this.#pods.byIndex(FINISHED, FINISHED);
    const excess = finished.length - FINISHED_MAX;
    if (excess <= 0) return;
    const created = ({ metadata }: Pod) => metadata.creationTimestamp;
    const oldest = [...finished].sort((a, b) => created(a).localeCompare(created(b))).slice(0, excess);
    await Promise.all(oldest.map((pod) => this.#remove(pod)));
  }
}
