// Keeps the phases of volumes true, and takes them back: from claims that have another volume, and after claims that are gone.
// In Kubernetes it is a part of persistentvolume-binder. It deletes nothing but what is said in planReclaim.

import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes, type PersistentVolume } from "../../api/core/persistent-volume.ts";
import { definedFields } from "../../api/meta/defined-fields.ts";
import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { ignoreNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../client/controller.ts";
import type { Change, Informer } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { BY_CLAIM, volumeIndexers } from "./latest-volumes.ts";
import { planReclaim, planVolume, unbindVolume, type VolumePlan } from "./plan-volume.ts";

export interface VolumeReclaimerOptions {
  /**
   * Removes a directory below /tmp of the machine that the controllers run on, with all that is in it; idempotent. Without it
   * volumes that want that fail, as they do where it rejects.
   */
  readonly removeHostPath?: (path: string) => Promise<void>;
}

type Phase = NonNullable<PersistentVolume["status"]["phase"]>;

export const volumeReclaimerController = (options: VolumeReclaimerOptions): Controller<PersistentVolume> => ({
  name: "persistentvolume-reclaimer",
  for: persistentVolumes,
  watches: [
    {
      resource: persistentVolumeClaims,
      map: (change, deps) => volumesFor(change as Change<PersistentVolumeClaim>, deps),
    },
  ],
  build: (deps) => new VolumeReclaimer(deps, options),
});

/** The volumes that the claim has, or that are reserved for it. */
function volumesFor(change: Change<PersistentVolumeClaim>, { informer }: ControllerDeps): readonly ObjectKey[] {
  const { object } = change;
  const reserved = informer(persistentVolumes, volumeIndexers).byIndex(BY_CLAIM, formatKey(keyOf(object)));
  const named = object.spec.volumeName ? [{ name: object.spec.volumeName }] : [];
  return [...reserved.map(keyOf), ...named];
}

class VolumeReclaimer implements Reconciler<PersistentVolume> {
  readonly #deps: ControllerDeps;
  readonly #options: VolumeReclaimerOptions;
  readonly #claims: Informer<PersistentVolumeClaim>;

  constructor(deps: ControllerDeps, options: VolumeReclaimerOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#claims = deps.informer(persistentVolumeClaims);
    deps.informer(persistentVolumes, volumeIndexers);
  }

  async reconcile(volume: PersistentVolume, signal: AbortSignal): Promise<void> {
    const claim = await this.#claimOf(volume, signal);
    await this.#apply(volume, planVolume(volume, claim), claim);
  }

  async #apply(volume: PersistentVolume, plan: VolumePlan, claim: PersistentVolumeClaim | undefined): Promise<void> {
    const { client, events } = this.#deps;
    switch (plan.kind) {
      case "wait":
        return;
      case "set-phase":
        return this.#setPhase(volume, plan.phase);
      case "unbind": {
        const stored = await client.update(persistentVolumes, unbindVolume(volume));
        return this.#setPhase(stored, "Available");
      }
      case "refuse": {
        const { volumeEvent, claimEvent } = plan;
        events.record({ object: volume }, volumeEvent.type, volumeEvent.reason, volumeEvent.message);
        if (claim) events.record({ object: claim }, claimEvent.type, claimEvent.reason, claimEvent.message);
        return;
      }
      case "reclaim":
        return this.#reclaim(volume);
    }
  }

  /** What the cache does not know is looked up: a volume is taken from a claim only when the claim is surely gone. */
  async #claimOf({ spec }: PersistentVolume, signal: AbortSignal): Promise<PersistentVolumeClaim | undefined> {
    const { namespace, name = "", uid } = spec.claimRef ?? {};
    if (!uid) return undefined;
    const cached = this.#claims.get({ namespace, name });
    if (cached?.metadata.uid === uid) return cached;
    const stored = await this.#deps.client
      .get(persistentVolumeClaims, { namespace, name }, { signal })
      .catch(ignoreNotFound);
    return stored?.metadata.uid === uid ? stored : undefined;
  }

  async #reclaim(volume: PersistentVolume): Promise<void> {
    const { phase } = volume.status;
    // What has failed stays so, for people to see; a new attempt may succeed all the same.
    const released = phase === "Failed" || phase === "Released" ? volume : await this.#writePhase(volume, "Released");
    const plan = planReclaim(released);
    if (plan.kind === "fail") await this.#fail(released, plan.reason, plan.message);
    if (plan.kind === "delete-host-path") await this.#deleteHostPath(released, plan.path);
  }

  async #deleteHostPath(volume: PersistentVolume, path: string): Promise<void> {
    try {
      const { removeHostPath } = this.#options;
      if (!removeHostPath) throw new Error(`host paths are not deleted by these controllers: ${path} stays`);
      await removeHostPath(path);
    } catch (error) {
      return this.#fail(volume, "VolumeFailedDelete", errorMessage(error));
    }
    const { uid } = volume.metadata;
    await this.#deps.client.delete(persistentVolumes, keyOf(volume), { preconditions: { uid } }).catch(ignoreNotFound);
  }

  async #fail(volume: PersistentVolume, reason: string, message: string): Promise<void> {
    if (volume.status.phase === "Failed") return;
    await this.#writePhase(volume, "Failed", message);
    this.#deps.events.record({ object: volume }, "Warning", reason, message);
  }

  async #setPhase(volume: PersistentVolume, phase: Phase): Promise<void> {
    if (volume.status.phase !== phase) await this.#writePhase(volume, phase);
  }

  #writePhase(volume: PersistentVolume, phase: Phase, message?: string): Promise<PersistentVolume> {
    const status = definedFields({ ...volume.status, phase, message });
    return this.#deps.client.update(persistentVolumes, { ...volume, status }, { subresource: "status" });
  }
}
