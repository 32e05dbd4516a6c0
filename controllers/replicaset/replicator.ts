// The controller of ReplicaSets and ReplicationControllers: claims pods by selector, creates and deletes as many as its owner
// asks for, reports the status. Kubernetes runs one controller for both, too.

import { isPodActive } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { pods } from "../../api/core/pod.ts";
import { formatKey, keyOf, type KubeObject, type NewObject, type ObjectKey } from "../../api/meta/object.ts";
import { controllerOf, ownerReferenceTo } from "../../api/meta/owner.ts";
import { matchesSelector, type Selector } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { ResourceDefinition } from "../../api/resource.ts";
import {
  TerminalError,
  type Controller,
  type ControllerDeps,
  type Reconciler,
  type Requeue,
} from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import { OwnWrites } from "../own-writes.ts";
import { slowStart } from "../slow-start.ts";
import { nextAvailableMs, planReplicas, planStatus, type ReplicaFailure, type Replicator } from "./plan.ts";

/** What tells the two kinds apart. */
export interface ReplicatorKind<T extends Replicator> {
  /** The controller's. */
  readonly name: string;
  readonly resource: ResourceDefinition<T>;
  /** Which pods belong to the object. */
  selectorOf(owner: T): Selector;
}

export const replicatorController = <T extends Replicator>(kind: ReplicatorKind<T>): Controller<T> => ({
  name: kind.name,
  for: kind.resource,
  owns: [pods],
  watches: [{ resource: pods, map: (change, deps) => adoptersOf(kind, change, deps) }],
  // Each waits for the server most of the time: few at once would let it wait for its disk, too.
  concurrency: 30,
  build: (deps) => new ReplicatorReconciler(kind, deps),
});

/** Those that might adopt a pod which nobody controls. */
function adoptersOf<T extends Replicator>(
  { resource, selectorOf }: ReplicatorKind<T>,
  { object }: Change<KubeObject>,
  deps: ControllerDeps,
): readonly ObjectKey[] {
  if (controllerOf(object)) return [];
  return deps
    .informer(resource)
    .list()
    .filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
    .filter((owner) => matchesSelector(selectorOf(owner), object.metadata.labels ?? {}))
    .map(keyOf);
}

class ReplicatorReconciler<T extends Replicator> implements Reconciler<T> {
  readonly #kind: ReplicatorKind<T>;
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #owners: Informer<T>;
  readonly #ownWrites: OwnWrites<Pod>;

  constructor(kind: ReplicatorKind<T>, deps: ControllerDeps) {
    this.#kind = kind;
    this.#deps = deps;
    this.#pods = deps.informer(pods, ownershipIndexers);
    this.#owners = deps.informer(kind.resource, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#pods, deps.clock);
  }

  async reconcile(owner: T): Promise<Requeue | void> {
    const owned = await this.#claimPods(owner);
    const related = this.#relatedPods(owner, owned);
    const plan = planReplicas(owner, owned, { related, nowMs: this.#deps.clock.now() });
    const failure = (await this.#create(owner, plan.create)) ?? (await this.#remove(owner, plan.remove));
    await this.#writeStatus(owner, failure?.shown);
    if (failure) throw failure.error;
    const waitMs = nextAvailableMs(owner, owned, this.#deps.clock.now());
    return waitMs === undefined ? undefined : { afterMs: waitMs };
  }

  async #claimPods(owner: T): Promise<readonly Pod[]> {
    const { client } = this.#deps;
    const { uid, namespace = "" } = owner.metadata;
    const candidates = [...this.#cachedPods(uid), ...this.#pods.byIndex(ORPHANS, namespace)];
    // Pods that have ended count no more: they are neither adopted nor released.
    const active = candidates.filter(isPodActive);
    const claim = planClaim(owner, this.#kind.selectorOf(owner), active);
    return applyClaim({ client, owner, ownerResource: this.#kind.resource, resource: pods }, claim);
  }

  #cachedPods(ownerUid: string): readonly Pod[] {
    return this.#ownWrites.effective(ownerUid, this.#pods.byIndex(BY_CONTROLLER, ownerUid));
  }

  /** The pods of all that share this one's owner (a Deployment's ReplicaSets), its own included. */
  #relatedPods(owner: T, owned: readonly Pod[]): readonly Pod[] {
    const above = controllerOf(owner);
    if (!above) return owned;
    return this.#owners.byIndex(BY_CONTROLLER, above.uid).flatMap(({ metadata }) => this.#cachedPods(metadata.uid));
  }

  async #create(owner: T, count: number): Promise<Failure | undefined> {
    const { client, events } = this.#deps;
    const { errors } = await slowStart(count, async () => {
      const create = () => client.create(pods, podOf(owner, this.#kind.resource));
      const pod = await this.#ownWrites.create(owner.metadata.uid, create);
      events.record({ object: owner }, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    });
    const error = errors.find((each) => !isNamespaceTerminating(each));
    if (error === undefined) return undefined;
    const message = errorMessage(error);
    events.record({ object: owner }, "Warning", "FailedCreate", `Error creating: ${message}`);
    return { error, shown: { reason: "FailedCreate", message } };
  }

  async #remove(owner: T, victims: readonly Pod[]): Promise<Failure | undefined> {
    const results = await Promise.allSettled(victims.map((pod) => this.#removeOne(owner, pod)));
    const failed = results.find((each) => each.status === "rejected");
    if (!failed) return undefined;
    const error: unknown = failed.reason;
    const message = errorMessage(error);
    this.#deps.events.record({ object: owner }, "Warning", "FailedDelete", `Error deleting: ${message}`);
    return { error, shown: { reason: "FailedDelete", message } };
  }

  async #removeOne(owner: T, pod: Pod): Promise<void> {
    const { client, events } = this.#deps;
    await client.delete(pods, keyOf(pod), { preconditions: { uid: pod.metadata.uid } }).catch(ignoreNotFound);
    this.#ownWrites.deleted(pod);
    events.record({ object: owner }, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
  }

  async #writeStatus(owner: T, failure: ReplicaFailure | undefined): Promise<void> {
    const owned = this.#cachedPods(owner.metadata.uid);
    const status = planStatus(owner, owned, { nowMs: this.#deps.clock.now(), failure });
    if (semanticEqual(status, owner.status)) return;
    const next = { ...owner, status };
    await this.#deps.client.update(this.#kind.resource, next, { subresource: "status" }).catch(ignoreNotFound);
  }
}

interface Failure {
  readonly error: unknown;
  readonly shown: ReplicaFailure;
}

function podOf<T extends Replicator>(owner: T, resource: ResourceDefinition<T>): NewObject<Pod> {
  const { template } = owner.spec;
  if (!template?.spec) throw new TerminalError(`${resource.kind} ${formatKey(keyOf(owner))} has no template for pods`);
  const { metadata, spec } = template;
  return {
    metadata: {
      generateName: `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      labels: metadata?.labels,
      annotations: metadata?.annotations,
      finalizers: metadata?.finalizers,
      ownerReferences: [ownerReferenceTo(owner, resource)],
    },
    spec,
  };
}
