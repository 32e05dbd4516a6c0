// Lends what running pods have reserved and do not use: keeps what each node offers of reclaimed resources true, and ends pods
// that run on them as soon as others use or claim what they have reserved. Where no pod asks for such resources, nothing is
// offered, and nobody asks what nodes use.

import { nodes, type Node } from "../api/core/node.ts";
import { isPodTerminal } from "../api/core/pod-state.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { planReclamation, reclaimedBy, RECLAIMED_CPU } from "../api/kctl-scheduling/reclaim.ts";
import { resourceAmounts, type ResourceAmounts } from "../api/core/pod-resources.ts";
import { setCondition } from "../api/meta/condition-list.ts";
import { formatKey, keyOf, type ObjectKey } from "../api/meta/object.ts";
import { isNotFound } from "../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import type { Change, Indexers } from "../client/informer.ts";
import { formatTime } from "../lib/clock.ts";
import { NodeUsage, USAGE_INTERVAL_MS } from "./node-usage.ts";
import { BY_NODE, podsByNode } from "./pods-by-node.ts";

/** Pods of the best-effort band can be ended at any time, and others need the room now. */
const GRACE_SECONDS = 1;

export const reclamationController: Controller<Node> = {
  name: "reclamation",
  for: nodes,
  watches: [{ resource: pods, map: (change, deps) => concerned(change as Change<Pod>, deps) }],
  build: (deps) => new ReclamationReconciler(deps),
};

/**
 * Whoever asks for reclaimed resources lets the nodes lend that do not yet. Apart from that a pod concerns its own node, where
 * that one lends.
 */
function concerned({ type, object: pod }: Change<Pod>, { informer }: ControllerDeps): readonly ObjectKey[] {
  const all = informer(nodes);
  if (type === "added" && isBorrowing(pod))
    return all
      .list()
      .filter((node) => !lends(node))
      .map(keyOf);
  const node = pod.spec.nodeName ? all.get({ name: pod.spec.nodeName }) : undefined;
  return node && lends(node) ? [keyOf(node)] : [];
}

const lends = ({ status }: Node) => status.allocatable?.[RECLAIMED_CPU] !== undefined;
const isBorrowing = (pod: Pod) => !isPodTerminal(pod) && reclaimedBy(pod) !== undefined;

const BORROWERS = "borrowers";
const podsByBorrowing: Indexers<Pod> = { [BORROWERS]: (pod) => (isBorrowing(pod) ? [BORROWERS] : []) };

class ReclamationReconciler implements Reconciler<Node> {
  readonly #deps: ControllerDeps;
  readonly #usage: NodeUsage;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#usage = new NodeUsage(deps);
    deps.informer(pods, { ...podsByNode, ...podsByBorrowing });
  }

  async reconcile(node: Node): Promise<Requeue | void> {
    const { informer, clock } = this.#deps;
    const { name } = node.metadata;
    if (informer(pods).byIndex(BORROWERS, BORROWERS).length === 0) return this.#withdraw(node);
    const borrowers = informer(pods).byIndex(BY_NODE, name).filter(isBorrowing);
    const report = await this.#usage.reportOf(name, borrowers);
    const plan = planReclamation({ node, placed: informer(pods).byIndex(BY_NODE, name), report, nowMs: clock.now() });
    // First the offer, so that nothing takes the place of those that have to go.
    await this.#offer(node, plan.offered);
    for (const pod of plan.victims) await this.#end(pod);
    return { afterMs: USAGE_INTERVAL_MS };
  }

  async #offer(node: Node, offered: ResourceAmounts): Promise<void> {
    // In numbers: the server writes 8000 as 8k.
    const current = resourceAmounts(node.status.allocatable);
    const entries = Object.entries(offered);
    if (lends(node) && entries.every(([name, amount]) => (current[name] ?? 0) === amount)) return;
    await this.#patch(node, Object.fromEntries(entries.map(([name, amount]) => [name, String(amount)])));
  }

  /** Nobody asks for it any more. */
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
