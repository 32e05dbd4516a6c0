// Drives pods out of nodes with NoExecute taints that they do not tolerate, or no longer: tolerationSeconds counts from
// when this controller sees the taint, on its own monotonic clock, as in Kubernetes.

import { findUntoleratedTaint, tolerates } from "../api/core/taints.ts";
import type { Toleration } from "../api/core/affinity.ts";
import { nodes, type Node, type Taint } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { setCondition } from "../api/meta/condition-list.ts";
import { formatKey, keyOf, type ObjectKey } from "../api/meta/object.ts";
import { semanticEqual } from "../api/meta/semantic-equal.ts";
import { isNotFound } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import type { Change, Informer } from "../client/informer.ts";
import { formatTime } from "../lib/clock.ts";
import { BY_NODE, podsByNode } from "./pods-by-node.ts";

export const taintEvictionController: Controller<Pod> = {
  name: "taint-eviction",
  for: pods,
  watches: [{ resource: nodes, map: (change, deps) => podsOfTainted(change as Change<Node>, deps) }],
  build: (deps) => new TaintEvictionReconciler(deps),
};

const executing = (node: Node | undefined): readonly Taint[] =>
  (node?.spec.taints ?? []).filter(({ effect }) => effect === "NoExecute");

function podsOfTainted(change: Change<Node>, deps: ControllerDeps): readonly ObjectKey[] {
  const before = change.type === "updated" ? executing(change.before) : [];
  if (semanticEqual(before, executing(change.object))) return [];
  return deps.informer(pods, podsByNode).byIndex(BY_NODE, change.object.metadata.name).map(keyOf);
}

/** How long the pod may stay under these taints, in seconds: 0 is not at all, undefined for ever. */
export function toleratedSeconds(taints: readonly Taint[], tolerations: readonly Toleration[]): number | undefined {
  if (findUntoleratedTaint(taints, tolerations, ["NoExecute"])) return 0;
  // Of several tolerations of one taint the first counts.
  const used = taints.map((taint) => tolerations.find((toleration) => tolerates(toleration, taint)));
  const limits = used.map((each) => each?.tolerationSeconds ?? undefined).filter((each) => each !== undefined);
  return limits.length > 0 ? Math.max(0, Math.min(...limits)) : undefined;
}

class TaintEvictionReconciler implements Reconciler<Pod> {
  readonly #deps: ControllerDeps;
  readonly #nodes: Informer<Node>;
  /** Since when each pod has been under NoExecute taints that it tolerates for a while, by namespace and name. */
  readonly #since = new Map<string, { readonly uid: string; readonly ms: number }>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#nodes = deps.informer(nodes);
    deps.informer(pods, podsByNode);
  }

  async reconcile(pod: Pod): Promise<Requeue | void> {
    const id = formatKey(keyOf(pod));
    const taints = executing(pod.spec.nodeName ? this.#nodes.get({ name: pod.spec.nodeName }) : undefined);
    const seconds = taints.length > 0 ? toleratedSeconds(taints, pod.spec.tolerations ?? []) : undefined;
    if (seconds === undefined || pod.metadata.deletionTimestamp) {
      if (this.#since.delete(id)) this.#record(pod, `Cancelling deletion of Pod ${id}`);
      return;
    }
    const nowMs = this.#deps.clock.monotonic();
    const known = this.#since.get(id);
    const since = known?.uid === pod.metadata.uid ? known : { uid: pod.metadata.uid, ms: nowMs };
    this.#since.set(id, since);
    const waitMs = since.ms + seconds * 1000 - nowMs;
    if (waitMs > 0) return { afterMs: waitMs };
    await this.#evict(pod);
    this.#since.delete(id);
  }

  forget(key: ObjectKey): void {
    this.#since.delete(formatKey(key));
  }

  async #evict(pod: Pod): Promise<void> {
    const { client, clock } = this.#deps;
    const conditions = setCondition(pod.status.conditions, {
      type: "DisruptionTarget",
      status: "True",
      reason: "DeletionByTaintManager",
      message: "Taint manager: deleting due to NoExecute taint",
      lastTransitionTime: formatTime(clock.now()),
    });
    try {
      await client.update(pods, { ...pod, status: { ...pod.status, conditions } }, { subresource: "status" });
      this.#record(pod, `Marking for deletion Pod ${formatKey(keyOf(pod))}`);
      await client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #record(pod: Pod, message: string): void {
    this.#deps.events.record({ object: pod }, "Normal", "TaintManagerEviction", message);
  }
}
