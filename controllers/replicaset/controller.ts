// Keeps as many pods running as a ReplicaSet asks for: claims pods by selector, creates and deletes, reports the status.

import { isPodActive } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { pods } from "../../api/core/pod.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { keyOf, type NewObject } from "../../api/meta/object.ts";
import { controllerOf, ownerReferenceTo } from "../../api/meta/owner.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import { slowStart } from "../slow-start.ts";
import { nextAvailableMs, planReplicas, planStatus, type ReplicaFailure } from "./plan.ts";

export const replicaSetController: Controller<ReplicaSet> = {
  name: "replicaset",
  for: replicaSets,
  owns: [pods],
  watches: [{ resource: pods, map: (change, deps) => adoptersOf(change as Change<Pod>, deps) }],
  build: (deps) => new ReplicaSetReconciler(deps),
};

/** The ReplicaSets that might adopt a pod which nobody controls. */
function adoptersOf({ object }: Change<Pod>, deps: ControllerDeps) {
  if (controllerOf(object)) return [];
  return deps
    .informer(replicaSets)
    .list()
    .filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
    .filter(({ spec }) => matchesSelector(selectorOf(spec.selector), object.metadata.labels ?? {}))
    .map(keyOf);
}

class ReplicaSetReconciler implements Reconciler<ReplicaSet> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #ownWrites: OwnWrites<Pod>;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, ownershipIndexers);
    this.#replicaSets = deps.informer(replicaSets, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#pods, deps.clock);
  }

  async reconcile(replicaSet: ReplicaSet): Promise<Requeue | void> {
    const owned = await this.#claimPods(replicaSet);
    const related = this.#relatedPods(replicaSet, owned);
    const plan = planReplicas(replicaSet, owned, { related, nowMs: this.#deps.clock.now() });
    const failure = (await this.#create(replicaSet, plan.create)) ?? (await this.#remove(replicaSet, plan.remove));
    await this.#writeStatus(replicaSet, failure?.shown);
    if (failure) throw failure.error;
    const waitMs = nextAvailableMs(replicaSet, owned, this.#deps.clock.now());
    return waitMs === undefined ? undefined : { afterMs: waitMs };
  }

  async #claimPods(replicaSet: ReplicaSet): Promise<readonly Pod[]> {
    const { client } = this.#deps;
    const { uid, namespace = "" } = replicaSet.metadata;
    const candidates = [...this.#cachedPods(uid), ...this.#pods.byIndex(ORPHANS, namespace)];
    // Pods that have ended count no more: they are neither adopted nor released.
    const active = candidates.filter(isPodActive);
    const claim = planClaim(replicaSet, selectorOf(replicaSet.spec.selector), active);
    return applyClaim({ client, owner: replicaSet, ownerResource: replicaSets, resource: pods }, claim);
  }

  #cachedPods(ownerUid: string): readonly Pod[] {
    return this.#ownWrites.effective(ownerUid, this.#pods.byIndex(BY_CONTROLLER, ownerUid));
  }

  /** The pods of all ReplicaSets that share this one's owner (a Deployment's), its own included. */
  #relatedPods(replicaSet: ReplicaSet, owned: readonly Pod[]): readonly Pod[] {
    const owner = controllerOf(replicaSet);
    if (!owner) return owned;
    return this.#replicaSets
      .byIndex(BY_CONTROLLER, owner.uid)
      .flatMap(({ metadata }) => this.#cachedPods(metadata.uid));
  }

  async #create(replicaSet: ReplicaSet, count: number): Promise<Failure | undefined> {
    const { client, events } = this.#deps;
    const { errors } = await slowStart(count, async () => {
      const create = () => client.create(pods, podOf(replicaSet));
      const pod = await this.#ownWrites.create(replicaSet.metadata.uid, create);
      events.record({ object: replicaSet }, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    });
    const error = errors.find((each) => !isNamespaceTerminating(each));
    if (error === undefined) return undefined;
    const message = errorMessage(error);
    events.record({ object: replicaSet }, "Warning", "FailedCreate", `Error creating: ${message}`);
    return { error, shown: { reason: "FailedCreate", message } };
  }

  async #remove(replicaSet: ReplicaSet, victims: readonly Pod[]): Promise<Failure | undefined> {
    const results = await Promise.allSettled(victims.map((pod) => this.#removeOne(replicaSet, pod)));
    const failed = results.find((each) => each.status === "rejected");
    if (!failed) return undefined;
    const error: unknown = failed.reason;
    const message = errorMessage(error);
    this.#deps.events.record({ object: replicaSet }, "Warning", "FailedDelete", `Error deleting: ${message}`);
    return { error, shown: { reason: "FailedDelete", message } };
  }

  async #removeOne(replicaSet: ReplicaSet, pod: Pod): Promise<void> {
    const { client, events } = this.#deps;
    await client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } }).catch(ignoreNotFound);
    this.#ownWrites.deleted(pod);
    events.record({ object: replicaSet }, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }

  async #writeStatus(replicaSet: ReplicaSet, failure: ReplicaFailure | undefined): Promise<void> {
    const owned = this.#cachedPods(replicaSet.metadata.uid);
    const status = planStatus(replicaSet, owned, { nowMs: this.#deps.clock.now(), failure });
    if (semanticEqual(status, replicaSet.status)) return;
    const next = { ...replicaSet, status };
    await this.#deps.client.update(replicaSets, next, { subresource: "status" }).catch(ignoreNotFound);
  }
}

interface Failure {
  readonly error: unknown;
  readonly shown: ReplicaFailure;
}

function podOf(replicaSet: ReplicaSet): NewObject<Pod> {
  const { metadata, spec } = replicaSet.spec.template;
  return {
    metadata: {
      generateName: `${replicaSet.metadata.name}-`,
      namespace: replicaSet.metadata.namespace,
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(replicaSet, replicaSets)],
    },
    spec,
  };
}
