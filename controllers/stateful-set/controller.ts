// Keeps the pods of a StatefulSet: each has a name and volumes that last, and they come, go and are updated in order.
// What is next is planned anew from what there is, so a crash between two writes is harmless.

import { statefulSets, type StatefulSet, type StatefulSetStatus } from "../../api/apps/stateful-set.ts";
import type { ControllerRevision } from "../../api/apps/controller-revision.ts";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { KubeObject, ObjectKey } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import { nextAvailableMs } from "../replicaset/plan.ts";
import { RevisionHistory } from "../revisions/history.ts";
import { findPresent, POD_REVISION, templateOf, type RevisionKind } from "../revisions/revision.ts";
import { slowStart } from "../slow-start.ts";
import { isMember } from "./identity.ts";
import { isParallel, planActions, type Action } from "./plan.ts";
import { PodControl } from "./pod-control.ts";
import { planStatus } from "./status.ts";

const REVISIONS: RevisionKind<StatefulSet> = { owner: statefulSets, hashLabel: "controller.kubernetes.io/hash" };

export const statefulSetController: Controller<StatefulSet> = {
  name: "statefulset",
  for: statefulSets,
  owns: [pods],
  watches: [
    { resource: pods, map: (change, deps) => adoptersOf(change as Change<Pod>, deps) },
    { resource: persistentVolumeClaims, map: ({ object }, deps) => usersOf(object, deps) },
  ],
  build: (deps) => new StatefulSetReconciler(deps),
};

/** The StatefulSets that might adopt a pod which nobody controls. */
function adoptersOf({ object }: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  if (controllerOf(object)) return [];
  const { namespace, name, labels = {} } = object.metadata;
  const key = { namespace, name: name.replace(/-[0-9]+$/, "") };
  const set = deps.informer(statefulSets).get(key);
  return set && matchesSelector(selectorOf(set.spec.selector), labels) ? [key] : [];
}

/** The StatefulSets that a claim may be of: whatever follows a dash, up to the number, may be one's name. */
function usersOf({ metadata: { namespace, name } }: KubeObject, deps: ControllerDeps): readonly ObjectKey[] {
  const parts = /^(.*)-[0-9]+$/.exec(name)?.[1]?.split("-") ?? [];
  const keys = parts.slice(1).map((_, index) => ({ namespace, name: parts.slice(index + 1).join("-") }));
  return keys.filter((key) => deps.informer(statefulSets).get(key));
}

interface Revisions {
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  readonly collisionCount: number;
}

class StatefulSetReconciler implements Reconciler<StatefulSet> {
  readonly #deps: ControllerDeps;
  readonly #pods: Informer<Pod>;
  readonly #ownWrites: OwnWrites<Pod>;
  readonly #history: RevisionHistory<StatefulSet>;
  readonly #control: PodControl;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = deps.informer(pods, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#pods, deps.clock);
    this.#history = new RevisionHistory(deps, REVISIONS);
    this.#control = new PodControl(deps, this.#ownWrites);
  }

  async reconcile(set: StatefulSet): Promise<Requeue | void> {
    const history = await this.#history.claim(set);
    const revisions = await this.#revisionsOf(set, history);
    if (!revisions) return undefined;
    const owned = await this.#claimPods(set);
    const nowMs = this.#deps.clock.now();
    const actions = planActions(set, {
      pods: owned,
      current: { template: templateOf(revisions.current), revision: revisions.current.metadata.name },
      update: { template: set.spec.template, revision: revisions.update.metadata.name },
      claim: (name) => this.#control.claim(set.metadata.namespace, name),
      nowMs,
    });
    const failure = await this.#act(set, actions);
    await this.#writeStatus(set, this.#statusOf(set, revisions));
    if (failure) throw failure.error;
    await this.#history.remove(excessRevisions(set, { history, revisions, pods: owned }));
    const waitMs = nextAvailableMs(set, owned, nowMs);
    return waitMs === undefined ? undefined : { afterMs: waitMs };
  }

  /** Undefined for a set on its way out that lacks them: there is nothing to be told about it any more. */
  async #revisionsOf(set: StatefulSet, history: readonly ControllerRevision[]): Promise<Revisions | undefined> {
    const isGoing = set.metadata.deletionTimestamp !== undefined;
    if (isGoing && !findPresent(set, history)) return undefined;
    const { revision: update, collisionCount } = await this.#history.present(set, history);
    const current = history.find(({ metadata }) => metadata.name === set.status.currentRevision) ?? update;
    return { current, update, collisionCount };
  }

  async #claimPods(set: StatefulSet): Promise<readonly Pod[]> {
    const { uid, namespace = "" } = set.metadata;
    const cached = this.#cachedPods(uid);
    const candidates = [...cached, ...this.#pods.byIndex(ORPHANS, namespace)].filter((pod) => isMember(set, pod));
    const claim = planClaim(set, selectorOf(set.spec.selector), candidates);
    // What bears no name of the set's is none of its pods, whatever owner it has been given.
    const strangers = set.metadata.deletionTimestamp ? [] : cached.filter((pod) => !isMember(set, pod));
    const context = { client: this.#deps.client, owner: set, ownerResource: statefulSets, resource: pods };
    return applyClaim(context, { ...claim, release: [...claim.release, ...strangers] });
  }

  #cachedPods(uid: string): readonly Pod[] {
    return this.#ownWrites.withEnding(uid, this.#pods.byIndex(BY_CONTROLLER, uid));
  }

  /** One after the other, or many at once. What comes after a failure is left for the next time. */
  async #act(set: StatefulSet, actions: readonly Action[]): Promise<{ readonly error: unknown } | undefined> {
    const errors: unknown[] = [];
    if (isParallel(set)) {
      const waiting = actions.values();
      const next = async () => {
        const { value } = waiting.next();
        if (value) await this.#control.apply(set, value);
      };
      errors.push(...(await slowStart(actions.length, next)).errors);
    } else {
      for (const action of actions) {
        await this.#control.apply(set, action).catch((error: unknown) => errors.push(error));
        if (errors.length > 0) break;
      }
    }
    const error = errors.find((each) => !isNamespaceTerminating(each));
    return error === undefined ? undefined : { error };
  }

  #statusOf(set: StatefulSet, { current, update, collisionCount }: Revisions): StatefulSetStatus {
    return planStatus(set, {
      pods: this.#cachedPods(set.metadata.uid).filter((pod) => isMember(set, pod)),
      currentRevision: current.metadata.name,
      updateRevision: update.metadata.name,
      collisionCount,
      nowMs: this.#deps.clock.now(),
    });
  }

  async #writeStatus(set: StatefulSet, status: StatefulSetStatus): Promise<void> {
    if (semanticEqual(status, set.status)) return;
    await this.#deps.client.update(statefulSets, { ...set, status }, { subresource: "status" }).catch(ignoreNotFound);
  }
}

interface Past {
  readonly history: readonly ControllerRevision[];
  readonly revisions: Revisions;
  readonly pods: readonly Pod[];
}

/** Revisions that nothing is made from, but for the newest of them: as many as revisionHistoryLimit says. */
function excessRevisions(set: StatefulSet, { history, revisions, pods: owned }: Past): readonly ControllerRevision[] {
  const { current, update } = revisions;
  const live = new Set(owned.map(({ metadata }) => metadata.labels?.[POD_REVISION]));
  const dead = history
    .filter(({ metadata: { name } }) => name !== current.metadata.name && name !== update.metadata.name)
    .filter(({ metadata }) => !live.has(metadata.name));
  const limit = set.spec.revisionHistoryLimit ?? 10;
  return dead.slice(0, Math.max(0, dead.length - limit));
}
