// Keeps one pod of a DaemonSet on each node that is to have one, and rolls its template out over them.
// What is next is planned anew from what there is, so a crash between two writes is harmless.

import { daemonSets, type DaemonSet } from "../../api/apps/daemon-set.ts";
import type { ControllerRevision } from "../../api/apps/controller-revision.ts";
import { namespaces, type Namespace } from "../../api/core/namespace.ts";
import { nodes, type Node } from "../../api/core/node.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { poolDemand, poolOf } from "../../api/kctl-scheduling/pools.ts";
import { keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import { nextAvailableMs } from "../replicaset/plan.ts";
import { RevisionHistory } from "../revisions/history.ts";
import { POD_REVISION, type RevisionKind } from "../revisions/revision.ts";
import { slowStart } from "../slow-start.ts";
import { daemonNodes, nodeRule, type DaemonNode, type NodeFit } from "./daemon-nodes.ts";
import { buildPod, targetOf } from "./daemon-pod.ts";
import { FailedPodBackoff } from "./failed-pod-backoff.ts";
import { planRepair, type DaemonPlan, type RepairPlan } from "./plan.ts";
import { planRollingUpdate } from "./rolling-update.ts";
import { planStatus } from "./status.ts";

const REVISIONS: RevisionKind<DaemonSet> = { owner: daemonSets, hashLabel: POD_REVISION };
/** At most this many pods are created or deleted in one reconcile, so that one object cannot starve the others. */
const BURST_MAX = 250;

export const daemonSetController: Controller<DaemonSet> = {
  name: "daemonset",
  for: daemonSets,
  owns: [pods],
  watches: [
    { resource: pods, map: (change, deps) => adoptersOf(change as Change<Pod>, deps) },
    { resource: nodes, map: (change, deps) => usersOf(change as Change<Node>, deps) },
    { resource: namespaces, map: (change, deps) => membersOf(change as Change<Namespace>, deps) },
  ],
  build: (deps) => new DaemonSetReconciler(deps),
};

/** The DaemonSets that might adopt a pod which nobody controls. */
function adoptersOf({ object }: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  if (controllerOf(object)) return [];
  return deps
    .informer(daemonSets)
    .list()
    .filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
    .filter(({ spec }) => matchesSelector(selectorOf(spec.selector), object.metadata.labels ?? {}))
    .map(keyOf);
}

/** The DaemonSets for which the change of the node makes a difference: heartbeats make none. */
function usersOf(change: Change<Node>, deps: ControllerDeps): readonly ObjectKey[] {
  const all = deps.informer(daemonSets).list();
  if (change.type === "deleted") return all.map(keyOf);
  const before = change.type === "updated" ? change.before : undefined;
  if (before && hasSameTraits(before, change.object)) return [];
  return all
    .filter((daemonSet) => {
      const rule = ruleOf(daemonSet, deps);
      return before ? !semanticEqual(rule(before), rule(change.object)) : rule(change.object).isWanted;
    })
    .map(keyOf);
}

const hasSameTraits = (a: Node, b: Node) =>
  semanticEqual(a.metadata.labels, b.metadata.labels) && semanticEqual(a.spec.taints, b.spec.taints);

/** The DaemonSets of a namespace that moves to another pool. */
function membersOf(change: Change<Namespace>, deps: ControllerDeps): readonly ObjectKey[] {
  const { object } = change;
  if (change.type !== "updated" || poolOf(change.before.metadata.labels) === poolOf(object.metadata.labels)) return [];
  const all = deps.informer(daemonSets).list();
  return all.filter(({ metadata }) => metadata.namespace === object.metadata.name).map(keyOf);
}

function ruleOf(daemonSet: DaemonSet, deps: ControllerDeps): (node: Node) => NodeFit {
  const { namespace = "" } = daemonSet.metadata;
  const namespaceLabels = deps.informer(namespaces).get({ name: namespace })?.metadata.labels;
  return nodeRule(daemonSet, poolDemand({ namespace, namespaceLabels, isDaemon: true }));
}

interface Present {
  readonly revision: ControllerRevision;
  readonly hash: string;
  readonly collisionCount: number;
}

class DaemonSetReconciler implements Reconciler<DaemonSet> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #ownWrites: OwnWrites<Pod>;
  readonly #history: RevisionHistory<DaemonSet>;
  readonly #backoff: FailedPodBackoff;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, ownershipIndexers);
    this.#nodes = deps.informer(nodes);
    deps.informer(namespaces);
    this.#ownWrites = new OwnWrites(this.#pods, deps.clock);
    this.#history = new RevisionHistory(deps, REVISIONS);
    this.#backoff = new FailedPodBackoff(deps.clock);
  }

  async reconcile(daemonSet: DaemonSet): Promise<Requeue | void> {
    if (selectorOf(daemonSet.spec.selector).length === 0) return this.#refuseToSelectAll(daemonSet);
    // Garbage collection removes what it owns.
    if (daemonSet.metadata.deletionTimestamp) return undefined;
    const history = await this.#history.claim(daemonSet);
    const { revision, collisionCount } = await this.#history.present(daemonSet, history);
    const hash = revision.metadata.labels?.[POD_REVISION] ?? revision.metadata.name;
    const present: Present = { revision, hash, collisionCount };
    const owned = await this.#claimPods(daemonSet);
    const repair = this.#plan(daemonSet, owned, hash);
    const failure = await this.#act(daemonSet, repair, hash);
    await this.#writeStatus(daemonSet, present);
    if (failure) throw failure.error;
    await this.#history.remove(this.#excessRevisions(daemonSet, history, present));
    const waits = [repair.waitMs, nextAvailableMs(daemonSet, this.#cachedPods(daemonSet), this.#deps.clock.now())];
    const due = waits.filter((waitMs) => waitMs !== undefined);
    return due.length > 0 ? { afterMs: Math.min(...due) } : undefined;
  }

  #refuseToSelectAll(daemonSet: DaemonSet): void {
    const message = "This daemon set is selecting all pods. A non-empty selector is required.";
    this.#deps.events.record({ object: daemonSet }, "Warning", "SelectingAll", message);
  }

  async #claimPods(daemonSet: DaemonSet): Promise<readonly Pod[]> {
    const { namespace = "" } = daemonSet.metadata;
    const candidates = [...this.#cachedPods(daemonSet), ...this.#pods.byIndex(ORPHANS, namespace)];
    const claim = planClaim(daemonSet, selectorOf(daemonSet.spec.selector), candidates);
    const context = { client: this.#deps.client, owner: daemonSet, ownerResource: daemonSets, resource: pods };
    return applyClaim(context, claim);
  }

  /** What it owns and selects, its own newest writes included. */
  #cachedPods(daemonSet: DaemonSet): readonly Pod[] {
    const { uid } = daemonSet.metadata;
    const selector = selectorOf(daemonSet.spec.selector);
    const owned = this.#ownWrites.withEnding(uid, this.#pods.byIndex(BY_CONTROLLER, uid));
    return owned.filter(({ metadata }) => matchesSelector(selector, metadata.labels));
  }

  #daemonNodes(daemonSet: DaemonSet, owned: readonly Pod[]): readonly DaemonNode[] {
    return daemonNodes(this.#nodes.list(), owned, ruleOf(daemonSet, this.#deps));
  }

  /** The update goes on only where there is nothing to repair: it counts on what there is. */
  #plan(daemonSet: DaemonSet, owned: readonly Pod[], hash: string): RepairPlan {
    const all = this.#daemonNodes(daemonSet, owned);
    const nowMs = this.#deps.clock.now();
    const backoffMs = (node: string) => this.#backoff.waitMs(backoffKey(daemonSet, node));
    const repair = planRepair(daemonSet, all, { hash, nowMs, backoffMs });
    const isRolling = daemonSet.spec.updateStrategy.type === "RollingUpdate";
    if (!isRolling || repair.create.length > 0 || repair.remove.length > 0) return repair;
    return { ...repair, ...planRollingUpdate(daemonSet, all, { hash, nowMs }) };
  }

  async #act(daemonSet: DaemonSet, plan: RepairPlan, hash: string): Promise<Failure | undefined> {
    for (const pod of plan.ended) this.#tellEnded(daemonSet, pod);
    const created = await this.#create(daemonSet, plan.create.slice(0, BURST_MAX), hash);
    const removed = await this.#remove(daemonSet, plan);
    return created ?? removed;
  }

  #tellEnded(daemonSet: DaemonSet, pod: Pod): void {
    const node = targetOf(pod) ?? "";
    const { namespace, name } = pod.metadata;
    const where = `pod ${namespace}/${name} on node ${node}`;
    if (pod.status.phase === "Succeeded") {
      const message = `Found succeeded daemon ${where}, will try to delete it`;
      this.#deps.events.record({ object: daemonSet }, "Normal", "SucceededDaemonPod", message);
      return;
    }
    this.#backoff.count(backoffKey(daemonSet, node));
    const message = `Found failed daemon ${where}, will try to kill it`;
    this.#deps.events.record({ object: daemonSet }, "Warning", "FailedDaemonPod", message);
  }

  async #create(daemonSet: DaemonSet, targets: readonly string[], hash: string): Promise<Failure | undefined> {
    const { client, events } = this.#deps;
    const waiting = targets.values();
    const { errors } = await slowStart(targets.length, async () => {
      const { value: node } = waiting.next();
      if (node === undefined) return;
      const create = () => client.create(pods, buildPod(daemonSet, node, hash));
      const pod = await this.#ownWrites.create(daemonSet.metadata.uid, create);
      events.record({ object: daemonSet }, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    });
    const error = errors.find((each) => !isNamespaceTerminating(each));
    if (error === undefined) return undefined;
    events.record({ object: daemonSet }, "Warning", "FailedCreate", `Error creating: ${errorMessage(error)}`);
    return { error };
  }

  async #remove(daemonSet: DaemonSet, { remove }: DaemonPlan): Promise<Failure | undefined> {
    const victims = remove.slice(0, BURST_MAX);
    const results = await Promise.allSettled(victims.map((pod) => this.#removeOne(daemonSet, pod)));
    const failed = results.find((each) => each.status === "rejected");
    if (!failed) return undefined;
    const error: unknown = failed.reason;
    const message = `Error deleting: ${errorMessage(error)}`;
    this.#deps.events.record({ object: daemonSet }, "Warning", "FailedDelete", message);
    return { error };
  }

  async #removeOne(daemonSet: DaemonSet, pod: Pod): Promise<void> {
    const { client, events } = this.#deps;
    await client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } }).catch(ignoreNotFound);
    this.#ownWrites.deleted(pod);
    events.record({ object: daemonSet }, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }

  async #writeStatus(daemonSet: DaemonSet, { hash, collisionCount }: Present): Promise<void> {
    const context = { hash, collisionCount, nowMs: this.#deps.clock.now() };
    const status = planStatus(daemonSet, this.#daemonNodes(daemonSet, this.#cachedPods(daemonSet)), context);
    if (semanticEqual(status, daemonSet.status)) return;
    const next = { ...daemonSet, status };
    await this.#deps.client.update(daemonSets, next, { subresource: "status" }).catch(ignoreNotFound);
  }

  /** Old revisions beyond revisionHistoryLimit, the oldest first; those that pods are still of stay. */
  #excessRevisions(
    daemonSet: DaemonSet,
    history: readonly ControllerRevision[],
    { revision }: Present,
  ): readonly ControllerRevision[] {
    const old = history.filter(({ metadata }) => metadata.uid !== revision.metadata.uid);
    const live = new Set(this.#cachedPods(daemonSet).map(({ metadata }) => metadata.labels?.[POD_REVISION]));
    const excess = Math.max(0, old.length - (daemonSet.spec.revisionHistoryLimit ?? 10));
    return old.filter(({ metadata }) => !live.has(metadata.labels?.[POD_REVISION])).slice(0, excess);
  }
}

interface Failure {
  readonly error: unknown;
}

const backoffKey = ({ metadata: { uid } }: DaemonSet, node: string) => `${uid}/${node}`;
