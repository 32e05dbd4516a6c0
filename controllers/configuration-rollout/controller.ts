// Follows the configuration of Deployments that ask for it: keeps an immutable copy of each ConfigMap and Secret that a template
// names, and notes on the Deployment which copies its pods are to run with. The deployment controller does the rest: to it another
// copy is another template. Any crash between two writes is harmless: copies come before the note that names them, and go after.

import { deployments, type Deployment, type DeploymentStatus } from "../../api/apps/deployment.ts";
import {
  CONFIGURATION_CONDITION,
  CONFIGURATION_NOTE,
  followsConfiguration,
} from "../../api/apps/deployment-options.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { ignoreNotFound, isAlreadyExists } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { readHistory } from "../deployment/history.ts";
import { withCondition } from "../deployment/status.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { BY_CONTROLLER, ownershipIndexers } from "../ownership-index.ts";
import { BY_CONFIGURATION, configurationIndexers, configurationKey } from "./configuration-index.ts";
import { ConfigurationCache } from "./configuration-cache.ts";
import { readPinnedNames, renderPinnedNames, withPinnedConfiguration, type PinnedNames } from "./pinned-template.ts";
import { planConfiguration, type ConfigurationPlan, type NewSnapshot } from "./plan-configuration.ts";
import { changeOwners, planOwners } from "./plan-owners.ts";
import { isSnapshotOf, plainOwner, type Configuration } from "./snapshot.ts";
import { referencesIn, RESOURCES, type ConfigurationKind } from "./template-references.ts";

export const configurationRolloutController: Controller<Deployment> = {
  name: "configuration-rollout",
  for: deployments,
  owns: [replicaSets],
  watches: [
    { resource: RESOURCES.ConfigMap, map: (change, deps) => usersOf("ConfigMap", change, deps) },
    { resource: RESOURCES.Secret, map: (change, deps) => usersOf("Secret", change, deps) },
  ],
  build: (deps) => new ConfigurationRolloutReconciler(deps),
};

/** The Deployments that name the object, or run with it. */
const usersOf = (
  kind: ConfigurationKind,
  { object }: Change<Configuration>,
  deps: ControllerDeps,
): readonly ObjectKey[] =>
  deps
    .informer(deployments)
    .byIndex(BY_CONFIGURATION, configurationKey(kind, keyOf(object)))
    .map(keyOf);

/**
 * What nobody seems to use stays for so long: where a configuration is changed and changed back at once, the ReplicaSet that was
 * made with it may not be seen yet.
 */
const UNUSED_MS = 60_000;

class ConfigurationRolloutReconciler implements Reconciler<Deployment> {
  readonly #deps: ControllerDeps;
  readonly #replicaSets: Informer<ReplicaSet>;
  readonly #cache: ConfigurationCache;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    deps.informer(deployments, configurationIndexers);
    this.#replicaSets = deps.informer(replicaSets, ownershipIndexers);
    this.#cache = new ConfigurationCache(deps);
  }

  async reconcile(deployment: Deployment): Promise<Requeue | void> {
    if (deployment.metadata.deletionTimestamp) return;
    const noted = deployment.metadata.annotations?.[CONFIGURATION_NOTE];
    if (followsConfiguration(deployment)) return this.#follow(deployment, noted);
    if (noted !== undefined) return this.#letGo(deployment);
  }

  async #follow(deployment: Deployment, noted: string | undefined): Promise<Requeue | void> {
    const { namespace } = deployment.metadata;
    const names = readPinnedNames(deployment) ?? {};
    const find = (kind: ConfigurationKind, name: string) => this.#cache.get(kind, { namespace, name });
    const plan = planConfiguration(referencesIn(deployment.spec.template), { names, find });
    for (const each of plan.create) await this.#create(deployment, each);
    // What is not needed any more goes once the ReplicaSet of what is needed now is there: then those before it are, too.
    const mayRemove = noted === renderPinnedNames(plan.names) && this.#hasCurrent(deployment);
    const requeue = await this.#keepOwnersInStep(deployment, plan.names, mayRemove);
    await this.#writeNote(deployment, plan);
    return requeue;
  }

  /** The option was taken back: the live configuration is rolled out, then the copies are left to the ReplicaSets that use them. */
  async #letGo(deployment: Deployment): Promise<Requeue | void> {
    if (!this.#hasCurrent(deployment)) return;
    const requeue = await this.#keepOwnersInStep(deployment, {}, true);
    // The note is what makes this controller come back.
    if (requeue) return requeue;
    await this.#writeNote(deployment, undefined);
  }

  #ownReplicaSets({ metadata }: Deployment): readonly ReplicaSet[] {
    return this.#replicaSets.byIndex(BY_CONTROLLER, metadata.uid);
  }

  #hasCurrent(deployment: Deployment): boolean {
    const pinned = withPinnedConfiguration(deployment);
    return pinned !== undefined && readHistory(pinned, this.#ownReplicaSets(deployment)).current !== undefined;
  }

  async #create(deployment: Deployment, { kind, original, snapshot }: NewSnapshot): Promise<void> {
    const { client } = this.#deps;
    const ownerReferences = [plainOwner(deployment, "Deployment")];
    const wanted = { ...snapshot, metadata: { ...snapshot.metadata, ownerReferences } };
    try {
      await client.create(RESOURCES[kind], wanted);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      if (!isAlreadyExists(error)) return this.#refused(deployment, error);
      // Made a moment ago: by us, or for another Deployment. What else has the name is seen by the cache soon.
      const key = { namespace: deployment.metadata.namespace, name: snapshot.metadata.name ?? "" };
      const found = await client.get(RESOURCES[kind], key);
      if (!isSnapshotOf(original, found)) throw error;
      const { owners, isChanged } = changeOwners(found, ownerReferences, () => false);
      if (isChanged) await this.#writeOwners(kind, found, owners);
    }
  }

  /** Nothing is rolled out then, which must not look as if nothing were to be done. */
  async #refused(deployment: Deployment, error: unknown): Promise<never> {
    const message = `a copy cannot be made, so that nothing is rolled out: ${errorMessage(error)}`;
    if (findCondition(deployment.status.conditions, CONFIGURATION_CONDITION)?.message !== message) {
      const facts = { type: CONFIGURATION_CONDITION, status: "False", reason: "CopyRefused", message } as const;
      const status = withCondition(deployment, facts, this.#deps.clock.now());
      this.#deps.events.record({ object: deployment }, "Warning", "CopyRefused", message);
      await this.#deps.client.update(deployments, { ...deployment, status }, { subresource: "status" });
    }
    throw error;
  }

  /** Asks to be called again where something unused is not old enough to be removed. */
  async #keepOwnersInStep(
    deployment: Deployment,
    names: PinnedNames,
    mayRemove: boolean,
  ): Promise<Requeue | undefined> {
    const own = this.#ownReplicaSets(deployment);
    const wanted = planOwners(deployment, own, names);
    const uids = new Set([deployment.metadata.uid, ...own.map(({ metadata }) => metadata.uid)]);
    const waits: number[] = [];
    for (const { kind, key, object } of this.#cache.snapshots(deployment, [...wanted.keys()], uids)) {
      const { owners, isChanged } = changeOwners(object, wanted.get(key) ?? [], (uid) => mayRemove && uids.has(uid));
      const leftMs = Date.parse(object.metadata.creationTimestamp) + UNUSED_MS - this.#deps.clock.now();
      if (!isChanged) continue;
      if (owners.length > 0) await this.#writeOwners(kind, object, owners);
      else if (leftMs > 0) waits.push(leftMs);
      else await this.#delete(kind, object);
    }
    return waits.length > 0 ? { afterMs: Math.min(...waits) } : undefined;
  }

  async #writeOwners(
    kind: ConfigurationKind,
    object: Configuration,
    ownerReferences: Configuration["metadata"]["ownerReferences"],
  ): Promise<void> {
    const changed = { ...object, metadata: { ...object.metadata, ownerReferences } };
    await this.#deps.client.update(RESOURCES[kind], changed);
  }

  async #delete(kind: ConfigurationKind, object: Configuration): Promise<void> {
    const { uid, resourceVersion } = object.metadata;
    const options = { preconditions: { uid, resourceVersion } };
    await this.#deps.client.delete(RESOURCES[kind], keyOf(object), options).catch(ignoreNotFound);
  }

  /** Note and condition in one write; both go where `plan` is undefined. */
  async #writeNote(deployment: Deployment, plan: ConfigurationPlan | undefined): Promise<void> {
    const { [CONFIGURATION_NOTE]: noted, ...others } = deployment.metadata.annotations ?? {};
    const note = plan && renderPinnedNames(plan.names);
    const status = this.#withCondition(deployment, plan?.missing ?? []);
    if (note === noted && status === deployment.status) return;
    const annotations = { ...others, ...(note !== undefined && { [CONFIGURATION_NOTE]: note }) };
    const changed = { ...deployment, metadata: { ...deployment.metadata, annotations }, status };
    await this.#deps.client.update(deployments, changed, { subresource: "status" }).catch(ignoreNotFound);
    if (plan) this.#announce(deployment, plan);
  }

  /** The same object where nothing changes. */
  #withCondition(deployment: Deployment, missing: readonly string[]): DeploymentStatus {
    const { status } = deployment;
    const known = findCondition(status.conditions, CONFIGURATION_CONDITION);
    if (missing.length === 0) {
      if (!known) return status;
      return { ...status, conditions: status.conditions?.filter((each) => each !== known) };
    }
    const message = missing.join("; ");
    if (known?.message === message) return status;
    const facts = { type: CONFIGURATION_CONDITION, status: "False", reason: "ConfigurationMissing", message } as const;
    return withCondition(deployment, facts, this.#deps.clock.now());
  }

  #announce(deployment: Deployment, { names, missing }: ConfigurationPlan): void {
    const known = findCondition(deployment.status.conditions, CONFIGURATION_CONDITION);
    const record = (type: "Normal" | "Warning", reason: string, message: string) =>
      this.#deps.events.record({ object: deployment }, type, reason, message);
    if (missing.length > 0 && known?.message !== missing.join("; "))
      record("Warning", "ConfigurationMissing", missing.join("; "));
    const before = readPinnedNames(deployment) ?? {};
    for (const [key, name] of Object.entries(names)) {
      if (before[key] === undefined || before[key] === name) continue;
      record("Normal", "ConfigurationChanged", `${key} has changed: ${before[key]} is replaced by ${name}`);
    }
  }
}
