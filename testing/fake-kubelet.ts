// Stands in for schedulers, kubelets and machines in tests of controllers: binds pods to the nodes in turn, reports them
// running and ready after a while, ends them when they are deleted, and keeps the nodes' heartbeats. Runs nothing.

import { leases } from "../api/coordination/lease.ts";
import { nodes } from "../api/core/node.ts";
import { matchesNodeAffinity } from "../api/core/node-affinity.ts";
import { isPodTerminal } from "../api/core/pod-state.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { toleratesAny } from "../api/core/taints.ts";
import { keyOf } from "../api/meta/object.ts";
import { isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../client/controller.ts";
import { formatMicroTime, formatTime, sleep, type Clock } from "../lib/clock.ts";

const HEARTBEAT_MS = 10_000;
const CORDONED = { key: "node.kubernetes.io/unschedulable", effect: "NoSchedule" } as const;

export class FakeKubelet {
  /** How long a pod takes from being bound to being ready. */
  readyAfterMs = 10;
  /** Whether it binds pods, too; not where a scheduler does. */
  binds = true;
  /** Pods for which this says no never become ready. */
  isHealthy: (pod: Pod) => boolean = () => true;
  /** Nodes that have fallen silent: neither heartbeats nor their pods' changes are reported. */
  readonly silent = new Set<string>();

  /** Acts on pods. */
  readonly controller: Controller<Pod> = {
    name: "fake-kubelet",
    for: pods,
    watches: [{ resource: nodes, map: (_change, deps) => deps.informer(pods).list().map(keyOf) }],
    build: (deps) => new FakeKubeletReconciler(this, deps),
  };

  /** Renews the Lease of each node that exists and is not silent, every ten seconds. */
  readonly heartbeats = async (
    { client, clock }: { readonly client: Client; readonly clock: Clock },
    signal: AbortSignal,
  ): Promise<void> => {
    while (!signal.aborted) {
      for (const { metadata } of (await client.list(nodes)).items) {
        if (this.silent.has(metadata.name)) continue;
        const key = { namespace: "kube-node-lease", name: metadata.name };
        const spec = { holderIdentity: metadata.name, renewTime: formatMicroTime(clock.now()) };
        await client.patch(leases, key, { type: "merge", patch: { spec } }).catch(async (error: unknown) => {
          if (!isNotFound(error)) throw error;
          await client.create(leases, { metadata: key, spec });
        });
      }
      await sleep(clock, HEARTBEAT_MS, signal).catch(() => undefined);
    }
  };
}

class FakeKubeletReconciler implements Reconciler<Pod> {
  readonly #kubelet: FakeKubelet;
  readonly #deps: ControllerDeps;
  readonly #boundMs = new Map<string, number>();
  #turn = 0;

  constructor(kubelet: FakeKubelet, deps: ControllerDeps) {
    this.#kubelet = kubelet;
    this.#deps = deps;
    deps.informer(nodes);
  }

  async reconcile(pod: Pod): Promise<Requeue | void> {
    const { client, clock } = this.#deps;
    if (!pod.spec.nodeName) {
      const isGated = pod.spec.schedulingGates?.length;
      return this.#kubelet.binds && !isGated ? this.#bind(pod) : undefined;
    }
    if (this.#kubelet.silent.has(pod.spec.nodeName)) return;
    if (pod.metadata.deletionTimestamp) {
      const options = { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } };
      return client.delete(pods, keyOf(pod), options).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
    if (isPodTerminal(pod)) return;
    const boundMs = this.#boundMs.get(pod.metadata.uid) ?? clock.monotonic();
    this.#boundMs.set(pod.metadata.uid, boundMs);
    const waitMs = boundMs + this.#kubelet.readyAfterMs - clock.monotonic();
    if (waitMs > 0) return { afterMs: waitMs };
    if (pod.status.phase !== "Running") await this.#report(pod);
  }

  async #bind(pod: Pod): Promise<void> {
    const { client, informer } = this.#deps;
    const usable = informer(nodes)
      .list()
      .filter(({ spec }) => !spec.unschedulable || toleratesAny(pod.spec.tolerations, CORDONED))
      .filter((node) => matchesNodeAffinity(pod, node) && !this.#kubelet.silent.has(node.metadata.name));
    const node = usable[this.#turn++ % usable.length];
    if (!node || pod.metadata.deletionTimestamp) return;
    const target = { ...keyOf(pod), subresource: "binding" };
    const { name, namespace } = pod.metadata;
    const binding = { metadata: { name, namespace }, target: { kind: "Node", name: node.metadata.name } };
    await client.createSubresource(pods, target, binding);
  }

  async #report(pod: Pod): Promise<void> {
    const { client, clock } = this.#deps;
    const lastTransitionTime = formatTime(clock.now());
    const ready = this.#kubelet.isHealthy(pod) ? "True" : "False";
    const status: PodStatus = {
      ...pod.status,
      phase: "Running",
      startTime: pod.status.startTime ?? lastTransitionTime,
      podIP: addressOf(pod),
      podIPs: [{ ip: addressOf(pod) }],
      conditions: [
        ...(pod.status.conditions ?? []).filter(({ type }) => type !== "Ready"),
        { type: "Ready", status: ready, lastTransitionTime },
      ],
    };
    await client.update(pods, { ...pod, status }, { subresource: "status" });
  }
}

/** A stable address made from the uid. */
function addressOf({ metadata: { uid } }: Pod): string {
  const hash = [...uid].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) >>> 0, 7);
  return `10.244.${(hash >>> 8) & 255}.${hash & 255}`;
}
