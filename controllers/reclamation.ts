// Lends what running pods have reserved and do not use: keeps what each node offers of reclaimed resources true, and ends pods
// that run on them as soon as others use or claim what they have reserved. Nodes whose usage nobody reports take no part.

import { nodes, type Node } from "../api/core/node.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { planReclamation, RECLAIMED_CPU, USAGE_ANNOTATION } from "../api/kctl-scheduling/reclaim.ts";
import type { ResourceAmounts } from "../api/core/pod-resources.ts";
import { setCondition } from "../api/meta/condition-list.ts";
import { formatKey, keyOf, type ObjectKey } from "../api/meta/object.ts";
import { isNotFound } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import type { Change } from "../client/informer.ts";
import { formatTime } from "../lib/clock.ts";
import { BY_NODE, podsByNode } from "./pods-by-node.ts";

/** Pods of the best-effort band can be ended at any time, and others need the room now. */
const GRACE_SECONDS = 1;

export const reclamationController: Controller<Node> = {
  name: "reclamation",
  for: nodes,
  watches: [{ resource: pods, map: (change, deps) => nodeOf(change as Change<Pod>, deps) }],
  build: (deps) => new ReclamationReconciler(deps),
};

/** Most changes of pods are on nodes that take no part. */
function nodeOf({ object: { spec } }: Change<Pod>, { informer }: ControllerDeps): readonly ObjectKey[] {
  const { nodeName } = spec;
  const node = nodeName ? informer(nodes).get({ name: nodeName }) : undefined;
  return node && reports(node) ? [keyOf(node)] : [];
}

const reports = ({ metadata }: Node) => metadata.annotations?.[USAGE_ANNOTATION] !== undefined;

class ReclamationReconciler implements Reconciler<Node> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    deps.informer(pods, podsByNode);
  }

  async reconcile(node: Node): Promise<Requeue | void> {
    const { informer, clock } = this.#deps;
    const placed = informer(pods, podsByNode).byIndex(BY_NODE, node.metadata.name);
    const plan = planReclamation(node, placed, clock.now());
    if (!plan) return this.#withdraw(node);
    // First the offer, so that nothing takes the place of those that have to go.
    await this.#offer(node, plan.offered);
    for (const pod of plan.victims) await this.#end(pod);
    return plan.validMs > 0 ? { afterMs: plan.validMs } : undefined;
  }

  async #offer(node: Node, offered: ResourceAmounts): Promise<void> {
    const current = node.status.allocatable ?? {};
    const wanted = Object.fromEntries(Object.entries(offered).map(([name, amount]) => [name, String(amount)]));
    if (Object.entries(wanted).every(([name, amount]) => current[name] === amount)) return;
    await this.#patch(node, wanted);
  }

  /** Nobody reports any more what the node uses. */
  async #withdraw(node: Node): Promise<void> {
    const names = Object.keys(node.status.allocatable ?? {}).filter((name) => name.startsWith(RECLAIMED_PREFIX));
    if (names.length > 0) await this.#patch(node, Object.fromEntries(names.map((name) => [name, null])));
  }

  async #patch({ metadata }: Node, amounts: Readonly<Record<string, string | null>>): Promise<void> {
    const patch = { metadata: { uid: metadata.uid }, status: { capacity: amounts, allocatable: amounts } };
    await this.#deps.client.patch(nodes, { name: metadata.name }, { type: "merge", patch }, { subresource: "status" });
  }

  async #end(pod: Pod): Promise<void> {
    const { client, clock, events } = this.#deps;
    const conditions = setCondition(pod.status.conditions, {
      type: "DisruptionTarget",
      status: "True",
      reason: "ReclaimedResourcesNeeded",
      message: "Others use or claim what the pod had borrowed from their reservations",
      lastTransitionTime: formatTime(clock.now()),
    });
    try {
      await client.update(pods, { ...pod, status: { ...pod.status, conditions } }, { subresource: "status" });
      events.record({ object: pod }, "Normal", "ReclaimedResourcesNeeded", `Ending Pod ${formatKey(keyOf(pod))}`);
      const preconditions = { uid: pod.metadata.uid };
      await client.delete(pods, keyOf(pod), { preconditions, gracePeriodSeconds: GRACE_SECONDS });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const RECLAIMED_PREFIX = RECLAIMED_CPU.slice(0, -"cpu".length);
