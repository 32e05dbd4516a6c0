// Watches heartbeats: a node whose kubelet falls silent is marked unknown, tainted, and in time emptied. Time is measured on
// this controller's own monotonic clock, from the moment it sees a heartbeat change: clocks of other machines do not matter.

import { leases, type Lease } from "../../api/coordination/lease.ts";
import { nodes, type Node, type Taint } from "../../api/core/node.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { findCondition, setCondition } from "../../api/meta/condition-list.ts";
import { keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { isNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { formatTime } from "../../lib/clock.ts";
import { BY_NODE, podsByNode } from "../pods-by-node.ts";
import { evictionTaint, isBeingEmptied, isReadinessDoubtful, planTaints, readiness, silentConditions } from "./plan.ts";
import { EVICTION_RATES, evictionRate, isBlind, readZones, zoneOf, type EvictionRates } from "./zones.ts";

const HEARTBEATS = "kube-node-lease";
const STARTUP_GRACE_MS = 60_000;
/** Of the grace period: 35 s of 40 s, by which three heartbeats are missing. */
const HEARD_SHARE = 7 / 8;

export interface NodeLifecycleOptions {
  /** A node without a heartbeat for this long is not ready; 40 s in Kubernetes. */
  readonly gracePeriodMs: number;
  /** The same for a node that has never posted a status; a minute unless given. */
  readonly startupGracePeriodMs?: number;
  /** How fast nodes are emptied; as in Kubernetes unless given. */
  readonly evictionRates?: Partial<EvictionRates>;
}

export const nodeLifecycleController = (options: NodeLifecycleOptions): Controller<Node> => ({
  name: "node-lifecycle",
  for: nodes,
  watches: [
    {
      resource: leases,
      map: ({ object }) => (object.metadata.namespace === HEARTBEATS ? [{ name: object.metadata.name }] : []),
    },
    { resource: nodes, map: (change, deps) => unreadyNodes(change as Change<Node>, deps) },
  ],
  build: (deps) => new NodeLifecycleReconciler(deps, options),
});

/** Whether pods are driven out of one node depends on how the others do. */
function unreadyNodes(change: Change<Node>, deps: ControllerDeps): readonly ObjectKey[] {
  if (change.type === "updated" && readiness(change.object) === readiness(change.before)) return [];
  return deps
    .informer(nodes)
    .list()
    .filter((node) => readiness(node) !== "True")
    .map(keyOf);
}

interface Heartbeat {
  /** What changes with each heartbeat. */
  readonly mark: string;
  /** When it was seen to change, on the monotonic clock. */
  readonly seenMs: number;
}

class NodeLifecycleReconciler implements Reconciler<Node> {
  readonly #deps: ControllerDeps;
  readonly #graceMs: number;
  readonly #startupGraceMs: number;
  readonly #rates: EvictionRates;
  readonly #nodes: Informer<Node>;
  readonly #leases: Informer<Lease>;
  readonly #pods: Informer<Pod>;
  readonly #heartbeats = new Map<string, Heartbeat>();
  /** When each zone may have its next node emptied, on the monotonic clock. */
  readonly #nextEvictionMs = new Map<string, number>();

  constructor(deps: ControllerDeps, options: NodeLifecycleOptions) {
    this.#deps = deps;
    this.#graceMs = options.gracePeriodMs;
    this.#startupGraceMs = options.startupGracePeriodMs ?? STARTUP_GRACE_MS;
    this.#rates = { ...EVICTION_RATES, ...options.evictionRates };
    this.#nodes = deps.informer(nodes);
    this.#leases = deps.informer(leases);
    this.#pods = deps.informer(pods, podsByNode);
  }

  async reconcile(node: Node): Promise<Requeue | void> {
    const silentMs = this.#deps.clock.monotonic() - this.#observe(node).seenMs;
    const graceMs = this.#graceOf(node);
    const isSilent = silentMs >= graceMs;
    const seen = isSilent && readiness(node) !== "Unknown" ? await this.#markSilent(node) : node;
    await this.#markPodsNotReady(seen);
    const waitMs = await this.#taint(seen);
    const silentAfterMs = isSilent ? undefined : graceMs - silentMs;
    const waits = [waitMs, silentAfterMs].filter((each) => each !== undefined);
    return waits.length > 0 ? { afterMs: Math.min(...waits) } : undefined;
  }

  forget({ name }: ObjectKey): void {
    this.#heartbeats.delete(name);
  }

  /** A renewed Lease or a newly posted status is a heartbeat. */
  #observe(node: Node): Heartbeat {
    const { name } = node.metadata;
    const lease = this.#leases.get({ namespace: HEARTBEATS, name });
    const posted = findCondition(node.status.conditions, "Ready");
    // What this controller itself wrote (Unknown) is no sign of life.
    const mark = `${lease?.spec.renewTime ?? ""} ${posted?.lastHeartbeatTime ?? ""}`;
    const known = this.#heartbeats.get(name);
    if (known?.mark === mark) return known;
    const heartbeat = { mark, seenMs: this.#deps.clock.monotonic() };
    this.#heartbeats.set(name, heartbeat);
    return heartbeat;
  }

  #graceOf(node: Node): number {
    return readiness(node) === undefined ? this.#startupGraceMs : this.#graceMs;
  }

  /** Ready, and not about to be silent for too long: nodes that fall silent together are judged together. */
  #isHeard(node: Node): boolean {
    const known = this.#heartbeats.get(node.metadata.name);
    const silentMs = known ? this.#deps.clock.monotonic() - known.seenMs : 0;
    return readiness(node) === "True" && silentMs < this.#graceOf(node) * HEARD_SHARE;
  }

  /** A change of a node's readiness brings the next look; of nodes in doubt it is known in a moment. */
  #untilSettled(): { readonly waitMs?: number } {
    const isInDoubt = (node: Node) => readiness(node) === "True" && !this.#isHeard(node);
    return this.#nodes.list().some(isInDoubt) ? { waitMs: this.#graceMs * (1 - HEARD_SHARE) } : {};
  }

  async #markSilent(node: Node): Promise<Node> {
    const conditions = silentConditions(node, this.#deps.clock.now());
    const next = { ...node, status: { ...node.status, conditions } };
    const written = await this.#deps.client.update(nodes, next, { subresource: "status" });
    this.#deps.events.record(
      { object: node },
      "Normal",
      "NodeNotReady",
      `Node ${node.metadata.name} status is now: NodeNotReady`,
    );
    return written;
  }

  /** Services stop sending to pods that nobody can vouch for. */
  async #markPodsNotReady(node: Node): Promise<void> {
    if (readiness(node) === "True") return;
    const onNode = this.#pods.byIndex(BY_NODE, node.metadata.name);
    const doubtful = onNode.filter((pod) => isReadinessDoubtful(node, pod));
    await Promise.all(doubtful.map((pod) => this.#markPodNotReady(pod)));
  }

  async #markPodNotReady(pod: Pod): Promise<void> {
    const known = podCondition(pod, "Ready");
    if (!known) return;
    const lastTransitionTime = formatTime(this.#deps.clock.now());
    const conditions = setCondition(pod.status.conditions, { ...known, status: "False", lastTransitionTime });
    try {
      await this.#deps.client.update(
        pods,
        { ...pod, status: { ...pod.status, conditions } },
        { subresource: "status" },
      );
    } catch (error) {
      if (isNotFound(error)) return;
      throw error;
    }
    this.#deps.events.record({ object: pod }, "Warning", "NodeNotReady", "Node is not ready");
  }

  /** Returns how long to wait for the right to drive pods out, where it has to be waited for. */
  async #taint(node: Node): Promise<number | undefined> {
    const { eviction, waitMs } = this.#planEviction(node);
    const taints = planTaints(node, { eviction, nowMs: this.#deps.clock.now() });
    if (!semanticEqual(taints, node.spec.taints)) {
      await this.#deps.client.update(nodes, { ...node, spec: { ...node.spec, taints } });
    }
    return waitMs;
  }

  #planEviction(node: Node): { readonly eviction?: Taint; readonly waitMs?: number } {
    const eviction = evictionTaint(node);
    if (!eviction) return {};
    const zones = readZones(this.#nodes.list(), this.#rates, (each) => this.#isHeard(each));
    if (isBlind(zones)) return this.#untilSettled();
    if (isBeingEmptied(node)) return { eviction };
    const zone = zoneOf(node);
    const rate = evictionRate(zones, zone, this.#rates);
    if (rate === 0) return this.#untilSettled();
    const nowMs = this.#deps.clock.monotonic();
    const waitMs = (this.#nextEvictionMs.get(zone) ?? nowMs) - nowMs;
    if (waitMs > 0) return { waitMs };
    this.#nextEvictionMs.set(zone, nowMs + 1000 / rate);
    return { eviction };
  }
}
