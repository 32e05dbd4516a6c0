// Carries out what a StatefulSet's plan says, one action at a time: pods and their claims. Tells of each in an event.

import type { StatefulSet } from "../../api/apps/stateful-set.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { keyOf, type NewObject } from "../../api/meta/object.ts";
import { ignoreNotFound, isAlreadyExists } from "../../api/meta/status.ts";
import type { ControllerDeps } from "../../client/controller.ts";
import type { Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import type { OwnWrites } from "../own-writes.ts";
import { buildClaims, claimNames, hasIdentity, withIdentity } from "./identity.ts";
import type { Action } from "./plan.ts";
import { withRetention, type ClaimUser } from "./retention.ts";

interface Deed {
  readonly set: StatefulSet;
  readonly verb: "Create" | "Update" | "Delete";
  readonly pod: ClaimUser;
}

export class PodControl {
  readonly #deps: ControllerDeps;
  readonly #ownWrites: OwnWrites<Pod>;
  readonly #claims: Informer<PersistentVolumeClaim>;

  constructor(deps: ControllerDeps, ownWrites: OwnWrites<Pod>) {
    this.#deps = deps;
    this.#ownWrites = ownWrites;
    this.#claims = deps.informer(persistentVolumeClaims);
  }

  claim(namespace: string | undefined, name: string): PersistentVolumeClaim | undefined {
    return this.#claims.get({ namespace, name });
  }

  apply(set: StatefulSet, action: Action): Promise<void> {
    switch (action.type) {
      case "create":
        return this.#create(set, action.pod);
      case "delete":
        return this.#tell({ set, verb: "Delete", pod: action.pod }, () => this.#delete(action.pod));
      case "createClaims":
        return this.#createClaims(set, action.pod);
      case "correct":
        return this.#tell({ set, verb: "Update", pod: action.pod }, () => this.#correct(set, action.pod));
      case "ownClaims":
        return this.#ownClaims(set, action.pod);
    }
  }

  async #create(set: StatefulSet, pod: NewObject<Pod>): Promise<void> {
    const { client } = this.#deps;
    await this.#tell({ set, verb: "Create", pod }, async () => {
      await this.#createClaims(set, pod);
      const created = await this.#ownWrites.create(set.metadata.uid, () => client.create(pods, pod));
      await this.#ownClaims(set, created);
    });
  }

  async #delete(pod: Pod): Promise<void> {
    const preconditions = { uid: pod.metadata.uid };
    await this.#deps.client.delete(pods, keyOf(pod), { preconditions }).catch(ignoreNotFound);
    this.#ownWrites.deleted(pod);
  }

  /** Claims that are there stay as they are: they hold the data of the pod's predecessors. */
  async #createClaims(set: StatefulSet, pod: Pod | NewObject<Pod>): Promise<void> {
    const { namespace } = set.metadata;
    const failures: string[] = [];
    for (const wanted of buildClaims(set, pod)) {
      const name = wanted.metadata.name ?? "";
      const found = this.claim(namespace, name);
      if (found?.metadata.deletionTimestamp) failures.push(`pvc ${name} is being deleted`);
      if (found) continue;
      await this.#createClaim(set, pod, wanted).catch((error: unknown) => {
        if (isNamespaceTerminating(error)) throw error;
        failures.push(`failed to create PVC ${name}: ${errorMessage(error)}`);
      });
    }
    if (failures.length === 1) throw new Error(failures[0]);
    if (failures.length > 0) throw new Error(`[${failures.join(", ")}]`);
  }

  async #createClaim(set: StatefulSet, pod: ClaimUser, wanted: NewObject<PersistentVolumeClaim>): Promise<void> {
    const what = `Claim ${wanted.metadata.name}`;
    const where = `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await this.#deps.client.create(persistentVolumeClaims, wanted);
      this.#record(set, "SuccessfulCreate", `create ${what} ${where} success`);
    } catch (error) {
      if (isAlreadyExists(error)) return;
      this.#record(set, "FailedCreate", `create ${what} for ${where} failed error: ${errorMessage(error)}`);
      throw error;
    }
  }

  async #correct(set: StatefulSet, pod: Pod): Promise<void> {
    const isWhole = hasIdentity(set, pod);
    if (!isWhole) await this.#createClaims(set, pod);
    await this.#ownClaims(set, pod);
    if (!isWhole) await this.#deps.client.update(pods, withIdentity(set, pod));
  }

  async #ownClaims(set: StatefulSet, pod: ClaimUser): Promise<void> {
    for (const { claim: name } of claimNames(set, pod)) {
      const claim = this.claim(set.metadata.namespace, name);
      const changed = claim && withRetention(claim, set, pod);
      if (changed) await this.#deps.client.update(persistentVolumeClaims, changed);
    }
  }

  async #tell({ set, verb, pod }: Deed, act: () => Promise<void>): Promise<void> {
    const what = `${verb.toLowerCase()} Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`;
    try {
      await act();
      this.#record(set, `Successful${verb}`, `${what} successful`);
    } catch (error) {
      // Neither is anybody's fault: the cache lags, or everything here is about to go.
      const isExpected = isAlreadyExists(error) || isNamespaceTerminating(error);
      if (!isExpected) this.#record(set, `Failed${verb}`, `${what} failed error: ${errorMessage(error)}`);
      throw error;
    }
  }

  #record(set: StatefulSet, reason: string, message: string): void {
    const type = reason.startsWith("Failed") ? "Warning" : "Normal";
    this.#deps.events.record({ object: set }, type, reason, message);
  }
}
