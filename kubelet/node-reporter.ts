// Tells the cluster of the node and that it lives: registers the Node, renews its Lease, and writes its status when that
// changed, and now and then besides. Nothing here depends on pods.

import { leases, type Lease } from "../api/coordination/lease.ts";
import { nodes, type Node, type NodeStatus } from "../api/core/node.ts";
import { ignoreNotFound, isAlreadyExists, isConflict, isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import { withDeadline } from "../client/deadline.ts";
import { backoffDelayMs, type Backoff } from "../lib/backoff.ts";
import { formatMicroTime, pause, type Clock } from "../lib/clock.ts";
import { deepEqual } from "../lib/deep-equal.ts";
import type { Log } from "../lib/log.ts";
import type { Random } from "../lib/random.ts";
import type { PressureCondition } from "./eviction/thresholds.ts";
import { buildNode, buildNodeLabels, buildNodeStatus, type NodeFactsInput, type NodeHealth } from "./node-status.ts";

export interface NodeReporterDeps {
  readonly client: Client;
  readonly node: NodeFactsInput;
  readonly rhythm: NodeRhythm;
  /** Why the node cannot run pods; undefined when it can. */
  problem(): string | undefined;
  /** The node as it was seen in the API last; as it was written last unless given. */
  observed?(): Node | undefined;
  /** What the node is short of; nothing unless given. */
  pressure?(): readonly PressureCondition[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface NodeRhythm {
  readonly leaseSeconds: number;
  readonly leaseRenewMs: number;
  /** A status that stays the same is written this often. */
  readonly statusReportMs: number;
}

/** Kubernetes' own. */
export const defaultRhythm: NodeRhythm = { leaseSeconds: 40, leaseRenewMs: 10_000, statusReportMs: 300_000 };

const LEASE_NAMESPACE = "kube-node-lease";
const RETRY: Backoff = { initialMs: 100, maxMs: 5000, jitter: 0.5 };

export class NodeReporter {
  readonly #deps: NodeReporterDeps;
  #node: Node | undefined;
  #lease: Lease | undefined;
  #reportedMs = 0;

  constructor(deps: NodeReporterDeps) {
    this.#deps = deps;
  }

  /** Registers the node, again and again until the server takes it, then reports until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#repeat((failures, until) => this.#renewLease(until, failures), signal),
      this.#repeat((_, until) => this.#reportStatus(until), signal),
    ]);
  }

  /**
   * One turn per renewal interval; after a failure sooner. An answer that does not come is not waited for beyond the interval:
   * a connection that leads nowhere would cost the node its place in the cluster.
   */
  async #repeat(turn: (failures: number, signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    const { clock, random, rhythm, log } = this.#deps;
    let failures = 0;
    while (!signal.aborted) {
      try {
        await withDeadline({ clock, delayMs: rhythm.leaseRenewMs, signal }, (until) => turn(failures, until));
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        log.warn("The node could not be reported; it is tried again", { node: this.#deps.node.name, failures, error });
      }
      const delayMs = failures > 0 ? backoffDelayMs(RETRY, failures, random.float()) : rhythm.leaseRenewMs;
      await pause(clock, delayMs, signal);
    }
  }

  #health(): NodeHealth {
    const { problem, pressure, clock } = this.#deps;
    return { problem: problem(), pressure: pressure?.(), nowMs: clock.now() };
  }

  async #reportStatus(signal: AbortSignal): Promise<void> {
    const { client, node, clock, rhythm } = this.#deps;
    const known = this.#newest() ?? (await this.#register(signal));
    const status = buildNodeStatus(node, known.status, this.#health());
    const due = clock.monotonic() - this.#reportedMs >= rhythm.statusReportMs;
    if (this.#node && !due && deepEqual(withoutHeartbeats(status), withoutHeartbeats(known.status))) return;
    const patch = { metadata: { uid: known.metadata.uid }, status: buildStatusPatch(status, known.status) };
    try {
      this.#node = await client.patch(
        nodes,
        { name: node.name },
        { type: "strategic", patch },
        { subresource: "status", signal },
      );
    } catch (error) {
      // Somebody has deleted the node: it registers anew.
      if (isNotFound(error) || isConflict(error)) this.#node = undefined;
      throw error;
    }
    this.#reportedMs = clock.monotonic();
  }

  /** Others write to the node, too. */
  #newest(): Node | undefined {
    const seen = this.#deps.observed?.();
    const isNewer =
      this.#node && seen && BigInt(seen.metadata.resourceVersion) > BigInt(this.#node.metadata.resourceVersion);
    return isNewer ? seen : this.#node;
  }

  /** Creates the Node, or takes over the one that is there, with the labels that it should have. */
  async #register(signal: AbortSignal): Promise<Node> {
    const { client, node, log } = this.#deps;
    const status = buildNodeStatus(node, {}, this.#health());
    try {
      const created = await client.create(nodes, buildNode(node, status), { signal });
      log.info("The node is registered", { node: node.name });
      return created;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const existing = await client.get(nodes, { name: node.name }, { signal });
    const labels = buildNodeLabels(node);
    const current = existing.metadata.labels ?? {};
    if (Object.entries(labels).every(([key, value]) => current[key] === value)) return existing;
    return client.patch(nodes, { name: node.name }, { type: "merge", patch: { metadata: { labels } } }, { signal });
  }

  async #renewLease(signal: AbortSignal, failures: number): Promise<void> {
    // After a failure the lease in the API may be another than the one at hand.
    if (failures > 0) this.#lease = undefined;
    const { client, node, clock, rhythm } = this.#deps;
    const key = { namespace: LEASE_NAMESPACE, name: node.name };
    const spec = {
      holderIdentity: node.name,
      leaseDurationSeconds: rhythm.leaseSeconds,
      renewTime: formatMicroTime(clock.now()),
    };
    const known = this.#lease ?? (await client.get(leases, key, { signal }).catch(ignoreNotFound));
    this.#lease = known
      ? await client.update(leases, this.#renewed(known, spec), { signal })
      : await client.create(leases, { metadata: { ...key, ...this.#ownerReference() }, spec }, { signal });
  }

  /** The first lease may be older than the node, and gets its owner later. */
  #renewed(known: Lease, spec: Lease["spec"]): Lease {
    const owned = known.metadata.ownerReferences?.length ? {} : this.#ownerReference();
    return { ...known, metadata: { ...known.metadata, ...owned }, spec: { ...known.spec, ...spec } };
  }

  /** The lease goes with its node. */
  #ownerReference(): { ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string }[] } {
    if (!this.#node) return {};
    const { name, uid } = this.#node.metadata;
    return { ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }] };
  }
}

/** Only the fields that a kubelet reports, and no times of reporting. */
function withoutHeartbeats({
  capacity,
  allocatable,
  conditions,
  addresses,
  daemonEndpoints,
  nodeInfo,
}: NodeStatus): unknown {
  const own = conditions?.filter(({ type }) => OWN_CONDITIONS.has(type));
  const kept = own?.map(({ type, status, reason, message }) => ({ type, status, reason, message }));
  return { capacity, allocatable, conditions: kept, addresses, daemonEndpoints, nodeInfo };
}

const OWN_CONDITIONS = new Set(["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"]);

/** A merge would keep addresses that the node does not have any more, and resources that were taken out of its capacity. */
function buildStatusPatch(status: NodeStatus, before: Partial<NodeStatus>): unknown {
  const gone = Object.keys(before.allocatable ?? {}).filter((name) => status.allocatable?.[name] === undefined);
  return {
    ...status,
    allocatable: { ...status.allocatable, ...Object.fromEntries(gone.map((name) => [name, null])) },
    addresses: [{ $patch: "replace" }, ...(status.addresses ?? [])],
  };
}
