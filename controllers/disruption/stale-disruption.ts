// Takes back the condition DisruptionTarget of pods that were to go and have stayed: an eviction that was refused in the end,
// say. As in Kubernetes, two minutes after the condition was set.

import { isPodTerminal, podCondition } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { keyOf } from "../../api/meta/object.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import { formatTime } from "../../lib/clock.ts";

const STALE_AFTER_MS = 120_000;
/** The kubelet says it long before the pod goes, and means it. */
const BY_KUBELET = "TerminationByKubelet";

export const staleDisruptionController: Controller<Pod> = {
  name: "stale-disruption",
  for: pods,
  build: (deps) => new StaleDisruptionReconciler(deps),
};

/** How long until the pod's condition is out of date; undefined where it has none that can be. */
export function staleAfterMs(pod: Pod, nowMs: number): number | undefined {
  const condition = podCondition(pod, "DisruptionTarget");
  if (condition?.status !== "True" || condition.reason === BY_KUBELET) return undefined;
  if (pod.metadata.deletionTimestamp || isPodTerminal(pod)) return undefined;
  const sinceMs = Date.parse(condition.lastTransitionTime ?? "") || 0;
  return Math.max(0, sinceMs + STALE_AFTER_MS - nowMs);
}

class StaleDisruptionReconciler implements Reconciler<Pod> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
  }

  async reconcile(pod: Pod): Promise<Requeue | void> {
    const { client, clock } = this.#deps;
    const waitMs = staleAfterMs(pod, clock.now());
    if (waitMs === undefined) return undefined;
    if (waitMs > 0) return { afterMs: waitMs };
    const condition = { type: "DisruptionTarget", status: "False", lastTransitionTime: formatTime(clock.now()) };
    // The version: what has happened to the pod meanwhile decides anew.
    const { uid, resourceVersion } = pod.metadata;
    const patch = { metadata: { uid, resourceVersion }, status: { conditions: [condition] } };
    await client.patch(pods, keyOf(pod), { type: "strategic", patch }, { subresource: "status" }).catch(ignoreNotFound);
  }
}
