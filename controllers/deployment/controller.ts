// Rolls a Deployment's template out: owns one ReplicaSet per template and moves pods between them, a step per reconcile.
// Each step is one write; the change that it causes brings the next reconcile, so a crash between two writes is harmless.

import { deployments, type Deployment } from "../../api/apps/deployment.ts";
import { COMPLETE_LABEL } from "../../api/apps/deployment-options.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { controllerOf, isControlledBy } from "../../api/meta/owner.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound, isAlreadyExists } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { applyClaim, planClaim } from "../claim.ts";
import { withPinnedConfiguration } from "../configuration-rollout/pinned-template.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { BY_CONTROLLER, ORPHANS, ownershipIndexers } from "../ownership-index.ts";
import { rolloutBounds } from "./bounds.ts";
import { readCanary } from "./canary.ts";
import { planCompleteLabel } from "./complete.ts";
import { failureCause } from "./failure-cause.ts";
import {
  currentAnnotations,
  nextRevision,
  planCleanup,
  readHistory,
  replicasOf,
  REVISION,
  revisionOf,
  sameTemplate,
  sizeAnnotations,
  type History,
} from "./history.ts";
import { planAnnouncements } from "./option-conditions.ts";
import { CREATE_FAILED, deadlineAfterMs, failedCreate, hasDeadline, isComplete } from "./progress.ts";
import { planRollback, restoreTemplate, type RollbackPlan } from "./rollback.ts";
import { planCanary, planRollout, type RolloutStep } from "./rollout.ts";
import { planStatus, withCondition } from "./status.ts";
import { buildReplicaSet } from "./template.ts";

export const deploymentController: Controller<Deployment> = {
  name: "deployment",
  for: deployments,
  owns: [replicaSets],
  watches: [
    { resource: replicaSets, map: (change, deps) => adoptersOf(change as Change<ReplicaSet>, deps) },
    { resource: pods, map: (change, deps) => recreatorsOf(change as Change<Pod>, deps) },
  ],
  // As for ReplicaSets: each waits for the server most of the time.
  concurrency: 30,
  build: (deps) => new DeploymentReconciler(deps),
};

/** The Deployments that might adopt a ReplicaSet which nobody controls. */
function adoptersOf({ object }: Change<ReplicaSet>, deps: ControllerDeps): readonly ObjectKey[] {
  if (controllerOf(object)) return [];
  return deps
    .informer(deployments)
    .list()
    .filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
    .filter(({ spec }) => matchesSelector(selectorOf(spec.selector), object.metadata.labels ?? {}))
    .map(keyOf);
}

/** Recreate waits for the last old pod, whose end changes no ReplicaSet any more. */
function recreatorsOf({ type, object }: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  if (type !== "deleted" && !isPodTerminal(object)) return [];
  const owner = controllerOf(object);
  const namespace = object.metadata.namespace;
  const replicaSet = owner && deps.informer(replicaSets).get({ namespace, name: owner.name });
  const deployment = replicaSet && controllerOf(replicaSet);
  const found = deployment && deps.informer(deployments).get({ namespace, name: deployment.name });
  return found?.spec.strategy.type === "Recreate" ? [keyOf(found)] : [];
}

class DeploymentReconciler implements Reconciler<Deployment> {
  readonly #deps: ControllerDeps;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #pods: Informer<Pod>;
  /** The generations that this controller's last resizes have led to, by uid, until the cache shows them. */
  readonly #resized = new Map<string, number>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#replicaSets = deps.informer(replicaSets, ownershipIndexers);
    this.#pods = deps.informer(pods, ownershipIndexers);
    this.#replicaSets.onChange(({ type, object: { metadata } }) => {
      const isSeen = type === "deleted" || (metadata.generation ?? 0) >= (this.#resized.get(metadata.uid) ?? Infinity);
      if (isSeen) this.#resized.delete(metadata.uid);
    });
  }

  async reconcile(wanted: Deployment): Promise<Requeue | void> {
    const selector = selectorOf(wanted.spec.selector);
    if (selector.length === 0) return this.#refuseToSelectAll(wanted);
    const deployment = withPinnedConfiguration(wanted);
    // The controller of its configuration is about to say what the template means; that change brings the next reconcile.
    if (!deployment) return undefined;
    const owned = await this.#claimReplicaSets(deployment);
    // Sizes that are out of date in part would add up to a wrong total. The cache's next change brings the next reconcile.
    if (owned.some(({ metadata }) => this.#resized.has(metadata.uid))) return undefined;
    const history = readHistory(deployment, owned);
    const rollback = planRollback(deployment, history, () => this.#failureCause(history));
    // A Deployment on its way out only reports; garbage collection removes what it owns.
    if (!deployment.metadata.deletionTimestamp) {
      if (rollback.do === "restore") return this.#restore(deployment, rollback);
      if (await this.#takeStep(deployment, history)) return undefined;
    }
    return this.#writeStatus(deployment, history, rollback);
  }

  async #refuseToSelectAll(deployment: Deployment): Promise<void> {
    const message = "This deployment is selecting all pods. A non-empty selector is required.";
    this.#deps.events.record({ object: deployment }, "Warning", "SelectingAll", message);
    const { generation } = deployment.metadata;
    if ((deployment.status.observedGeneration ?? 0) >= (generation ?? 0)) return;
    await this.#update({ ...deployment, status: { ...deployment.status, observedGeneration: generation } });
  }

  async #claimReplicaSets(deployment: Deployment): Promise<readonly ReplicaSet[]> {
    const { uid, namespace = "" } = deployment.metadata;
    const candidates = [
      ...this.#replicaSets.byIndex(BY_CONTROLLER, uid),
      ...this.#replicaSets.byIndex(ORPHANS, namespace),
    ];
    const claim = planClaim(deployment, selectorOf(deployment.spec.selector), candidates);
    const context = { client: this.#deps.client, owner: deployment, ownerResource: deployments, resource: replicaSets };
    return applyClaim(context, claim);
  }

  /** Writes what comes next to ReplicaSets. True when something was written that will bring the next reconcile. */
  async #takeStep(deployment: Deployment, history: History): Promise<boolean> {
    const { current } = history;
    const complete = planCompleteLabel(deployment, history);
    if (complete) return this.#labelComplete(complete);
    if (current && (await this.#keepCurrentInStep(deployment, current, history))) return true;
    const canary = readCanary(deployment, history);
    const step = canary
      ? planCanary(deployment, history, canary)
      : planRollout(deployment, { ...history, oldPodsRunning: this.#oldPodsRunning(history) });
    if (step.create !== undefined) return this.#create(deployment, history, step.create);
    if (await this.#resize(deployment, history, step)) return true;
    if (deployment.spec.paused || isComplete(deployment, deployment.status)) await this.#cleanUp(deployment, history);
    return false;
  }

  async #labelComplete(replicaSet: ReplicaSet): Promise<boolean> {
    const { metadata } = replicaSet;
    const labels = { ...metadata.labels, [COMPLETE_LABEL]: "true" };
    await this.#deps.client.update(replicaSets, { ...replicaSet, metadata: { ...metadata, labels } });
    return true;
  }

  #failureCause({ current }: History): string {
    return failureCause(current, current ? this.#pods.byIndex(BY_CONTROLLER, current.metadata.uid) : []);
  }

  /** The condition and the event follow with the next status, from the note that is written along. */
  async #restore(deployment: Deployment, { to, note }: RollbackPlan & { readonly do: "restore" }): Promise<void> {
    await this.#deps.client.update(deployments, restoreTemplate(deployment, to, note)).catch(ignoreNotFound);
  }

  /** Revision, annotations and minReadySeconds of the current ReplicaSet follow the Deployment. */
  async #keepCurrentInStep(deployment: Deployment, current: ReplicaSet, history: History): Promise<boolean> {
    const annotations = currentAnnotations(deployment, nextRevision(history), current);
    const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
    if (
      semanticEqual(annotations, current.metadata.annotations ?? {}) &&
      minReadySeconds === (current.spec.minReadySeconds ?? 0)
    ) {
      return false;
    }
    const { metadata, spec } = current;
    const next = { ...current, metadata: { ...metadata, annotations }, spec: { ...spec, minReadySeconds } };
    await this.#deps.client.update(replicaSets, next);
    return true;
  }

  #oldPodsRunning({ old }: History): boolean {
    return old.some(
      ({ metadata, status }) =>
        (status.replicas ?? 0) > 0 ||
        this.#pods.byIndex(BY_CONTROLLER, metadata.uid).some((pod) => !isPodTerminal(pod)),
    );
  }

  async #create(deployment: Deployment, history: History, replicas: number): Promise<boolean> {
    const { maxSurge } = rolloutBounds(deployment);
    const annotations = {
      ...currentAnnotations(deployment, nextRevision(history)),
      ...sizeAnnotations(deployment, maxSurge),
    };
    const wanted = buildReplicaSet(deployment, { replicas, annotations });
    const { name = "" } = wanted.metadata;
    try {
      await this.#deps.client.create(replicaSets, wanted);
    } catch (error) {
      if (isAlreadyExists(error)) return this.#resolveCollision(deployment, name);
      if (isNamespaceTerminating(error)) return false;
      await this.#reportFailedCreate(deployment, name, error);
      throw error;
    }
    if (replicas > 0) this.#recordScaling(deployment, `Scaled up replica set ${name} from 0 to ${replicas}`);
    return true;
  }

  /** The name is taken: by what we made a moment ago (the cache lags), or by another template with the same hash. */
  async #resolveCollision(deployment: Deployment, name: string): Promise<boolean> {
    const { client } = this.#deps;
    const taken = await client.get(replicaSets, { namespace: deployment.metadata.namespace, name });
    if (isControlledBy(taken, deployment) && sameTemplate(taken.spec.template, deployment.spec.template)) return true;
    const collisionCount = (deployment.status.collisionCount ?? 0) + 1;
    const status = { ...deployment.status, collisionCount };
    await this.#update({ ...deployment, status });
    return true;
  }

  async #reportFailedCreate(deployment: Deployment, name: string, error: unknown): Promise<void> {
    const message = `Failed to create new replica set "${name}": ${errorMessage(error)}`;
    this.#deps.events.record({ object: deployment }, "Warning", CREATE_FAILED, message);
    if (!hasDeadline(deployment)) return;
    const status = withCondition(deployment, failedCreate(message), this.#deps.clock.now());
    if (!semanticEqual(status, deployment.status)) await this.#update({ ...deployment, status });
  }

  async #resize(deployment: Deployment, history: History, { sizes }: RolloutStep): Promise<boolean> {
    const { maxSurge } = rolloutBounds(deployment);
    const annotations = sizeAnnotations(deployment, maxSurge);
    const all = [...history.old, ...(history.current ? [history.current] : [])];
    const changed = all.filter((each) => needsResize(each, sizes.get(each.metadata.name), annotations));
    for (const each of changed) {
      const { metadata, spec } = each;
      const from = replicasOf(each);
      const to = sizes.get(metadata.name) ?? from;
      const next = { ...metadata, annotations: { ...metadata.annotations, ...annotations } };
      const resized = { ...each, metadata: next, spec: { ...spec, replicas: to } };
      this.#rememberResized(await this.#deps.client.update(replicaSets, resized));
      if (from === to) continue;
      const verb = to > from ? "up" : "down";
      this.#recordScaling(deployment, `Scaled ${verb} replica set ${metadata.name} from ${from} to ${to}`);
    }
    return changed.length > 0;
  }

  #rememberResized({ metadata: { uid, namespace, name, generation = 0 } }: ReplicaSet): void {
    const cached = this.#replicaSets.get({ namespace, name });
    if (cached?.metadata.uid === uid && (cached.metadata.generation ?? 0) < generation)
      this.#resized.set(uid, generation);
  }

  #recordScaling(deployment: Deployment, message: string): void {
    this.#deps.events.record({ object: deployment }, "Normal", "ScalingReplicaSet", message);
  }

  async #cleanUp(deployment: Deployment, { old }: History): Promise<void> {
    for (const replicaSet of planCleanup(deployment, old)) {
      const preconditions = { uid: replicaSet.metadata.uid, resourceVersion: replicaSet.metadata.resourceVersion };
      await this.#deps.client.delete(replicaSets, keyOf(replicaSet), { preconditions }).catch(ignoreNotFound);
    }
  }

  /** Writes status and annotations. */
  async #update(deployment: Deployment): Promise<void> {
    await this.#deps.client.update(deployments, deployment, { subresource: "status" }).catch(ignoreNotFound);
  }

  async #writeStatus(deployment: Deployment, history: History, rollback: RollbackPlan): Promise<Requeue | void> {
    const nowMs = this.#deps.clock.now();
    const options = { rollback, canary: readCanary(deployment, history) };
    const status = planStatus(deployment, { history, options, nowMs });
    for (const { type, reason, message } of planAnnouncements(deployment.status, status))
      this.#deps.events.record({ object: deployment }, type, reason, message);
    const revision = history.current ? revisionOf(history.current) : 0n;
    const numbered = revision === 0n || revision === revisionOf(deployment);
    if (!numbered || !semanticEqual(status, deployment.status)) {
      const annotations = numbered
        ? deployment.metadata.annotations
        : { ...deployment.metadata.annotations, [REVISION]: String(revision) };
      await this.#update({ ...deployment, metadata: { ...deployment.metadata, annotations }, status });
    }
    const waitMs = deadlineAfterMs(deployment, status, nowMs);
    return waitMs === undefined ? undefined : { afterMs: waitMs };
  }
}

function needsResize(
  replicaSet: ReplicaSet,
  size: number | undefined,
  annotations: Readonly<Record<string, string>>,
): boolean {
  if (size !== undefined && size !== replicasOf(replicaSet)) return true;
  // Sizes are remembered for the Deployment's next scaling only where there are pods.
  if (replicasOf(replicaSet) === 0) return false;
  return Object.entries(annotations).some(([key, value]) => replicaSet.metadata.annotations?.[key] !== value);
}
