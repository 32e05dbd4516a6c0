// Binds claims to volumes. Each write can be the last one before a crash: the next look at the claim finds what is missing.
// Kubernetes calls it persistentvolume-binder.

import {
  persistentVolumeClaims,
  type PersistentVolumeClaim,
  type PersistentVolumeClaimStatus,
} from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes, type PersistentVolume } from "../../api/core/persistent-volume.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { claimKeysOf } from "../../api/core/pod-claims.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { storageClassOf } from "../../api/core/claim-quota.ts";
import { bindClaim, BIND_COMPLETED, bindVolume, hasAnnotation, volumeClassOf } from "../../api/core/volume-binding.ts";
import { definedFields } from "../../api/meta/defined-fields.ts";
import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { storageClasses, type StorageClass } from "../../api/storage/storage-class.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../client/controller.ts";
import type { Change, Indexers, Informer } from "../../client/informer.ts";
import { LatestVolumes, volumeIndexers } from "./latest-volumes.ts";
import { planClaim, type ClaimPlan, type ClaimWorld, type PlannedEvent } from "./plan-claim.ts";

const OPEN_OF_CLASS = "open-of-class";
const BY_VOLUME = "volume";
const UNSCHEDULED_BY_CLAIM = "unscheduled-by-claim";
const PROVISIONER_ANNOTATIONS = [
  "volume.beta.kubernetes.io/storage-provisioner",
  "volume.kubernetes.io/storage-provisioner",
];

export const claimIndexers: Indexers<PersistentVolumeClaim> = {
  /** Those that any volume of the class may be for. */
  [OPEN_OF_CLASS]: (claim) =>
    claim.spec.volumeName || hasAnnotation(claim, BIND_COMPLETED) ? [] : [storageClassOf(claim)],
  [BY_VOLUME]: ({ spec: { volumeName } }) => (volumeName ? [volumeName] : []),
};

const podIndexers: Indexers<Pod> = {
  [UNSCHEDULED_BY_CLAIM]: (pod) => (pod.spec.nodeName || isPodTerminal(pod) ? [] : claimKeysOf(pod).map(formatKey)),
};

export const volumeBinderController: Controller<PersistentVolumeClaim> = {
  name: "persistentvolume-binder",
  for: persistentVolumeClaims,
  watches: [
    { resource: persistentVolumes, map: (change, deps) => claimsFor(change as Change<PersistentVolume>, deps) },
    {
      resource: storageClasses,
      map: ({ type, object }, deps) =>
        type === "deleted" ? [] : [...openClaims(deps, object.metadata.name), ...openClaims(deps, "")],
    },
    // What is said of a claim that waits for its first pod names the pods.
    { resource: pods, map: ({ type, object }) => (type === "added" ? claimKeysOf(object as Pod) : []) },
  ],
  // The choices of two claims at once would only meet in the server's refusal.
  concurrency: 1,
  build: (deps) => new VolumeBinder(deps),
};

const openClaims = ({ informer }: ControllerDeps, className: string): readonly ObjectKey[] =>
  informer(persistentVolumeClaims, claimIndexers).byIndex(OPEN_OF_CLASS, className).map(keyOf);

/** The claims that have the volume, had it, or may get it. */
function claimsFor(change: Change<PersistentVolume>, deps: ControllerDeps): readonly ObjectKey[] {
  const versions = change.type === "updated" ? [change.before, change.object] : [change.object];
  const named = versions.flatMap(({ spec: { claimRef } }) =>
    claimRef?.name ? [{ namespace: claimRef.namespace, name: claimRef.name }] : [],
  );
  const { metadata, spec, status } = change.object;
  const naming = deps.informer(persistentVolumeClaims, claimIndexers).byIndex(BY_VOLUME, metadata.name).map(keyOf);
  const isFree = change.type !== "deleted" && !spec.claimRef && status.phase === "Available";
  return [...named, ...naming, ...(isFree ? openClaims(deps, volumeClassOf(change.object)) : [])];
}

class VolumeBinder implements Reconciler<PersistentVolumeClaim> {
  readonly #deps: ControllerDeps;
  readonly #volumes: LatestVolumes;
  readonly #classes: Informer<StorageClass>;
  readonly #pods: Informer<Pod>;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    deps.informer(persistentVolumeClaims, claimIndexers);
    this.#volumes = new LatestVolumes(deps.informer(persistentVolumes, volumeIndexers));
    this.#classes = deps.informer(storageClasses);
    this.#pods = deps.informer(pods, podIndexers);
  }

  async reconcile(claim: PersistentVolumeClaim): Promise<void> {
    await this.#apply(claim, planClaim(claim, this.#world()));
  }

  #world(): ClaimWorld {
    return {
      volume: (name) => this.#volumes.get(name),
      candidates: (claim, className) => this.#volumes.candidates(claim, className),
      storageClass: (name) => this.#classes.get({ name }),
      storageClasses: () => this.#classes.list(),
      unscheduledPods: (claim) =>
        this.#pods.byIndex(UNSCHEDULED_BY_CLAIM, formatKey(keyOf(claim))).map(({ metadata }) => metadata.name),
    };
  }

  async #apply(claim: PersistentVolumeClaim, plan: ClaimPlan): Promise<void> {
    switch (plan.kind) {
      case "bind":
        return this.#bind(claim, plan.volume);
      case "set-class": {
        const spec = { ...claim.spec, storageClassName: plan.className };
        await this.#deps.client.update(persistentVolumeClaims, { ...claim, spec });
        return;
      }
      case "provision":
        await this.#askProvisioner(claim, plan.provisioner);
        return this.#record(claim, plan.event);
      case "wait":
        this.#record(claim, plan.event);
        return this.#writeStatus(claim, { phase: "Pending" });
      case "lose":
        // It is said once: nothing changes any more.
        if (claim.status.phase !== "Lost") this.#record(claim, plan.event);
        return this.#writeStatus(claim, { phase: "Lost" });
    }
  }

  /** Four writes, of which each can be found done already. */
  async #bind(claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { client } = this.#deps;
    const reserved = bindVolume(volume, claim);
    const stored = reserved === volume ? volume : await client.update(persistentVolumes, reserved);
    this.#volumes.remember(stored);
    if (stored.status.phase !== "Bound") {
      const status = definedFields({ ...stored.status, phase: "Bound" as const, message: undefined });
      const next = { ...stored, status };
      this.#volumes.remember(await client.update(persistentVolumes, next, { subresource: "status" }));
    }
    const bound = bindClaim(claim, volume);
    const storedClaim = bound === claim ? claim : await client.update(persistentVolumeClaims, bound);
    await this.#writeStatus(storedClaim, boundStatus(storedClaim, volume));
  }

  async #askProvisioner(claim: PersistentVolumeClaim, provisioner: string | undefined): Promise<void> {
    if (provisioner === undefined || claim.metadata.annotations?.[PROVISIONER_ANNOTATIONS[0] ?? ""] === provisioner) {
      return;
    }
    const added = Object.fromEntries(PROVISIONER_ANNOTATIONS.map((name) => [name, provisioner]));
    const annotations = { ...claim.metadata.annotations, ...added };
    await this.#deps.client.update(persistentVolumeClaims, { ...claim, metadata: { ...claim.metadata, annotations } });
  }

  /** A claim without a volume has neither modes nor a capacity. */
  async #writeStatus(claim: PersistentVolumeClaim, given: PersistentVolumeClaimStatus): Promise<void> {
    const { phase, accessModes, capacity } = given;
    const status = definedFields({ ...claim.status, phase, accessModes, capacity });
    if (semanticEqual(status, claim.status)) return;
    await this.#deps.client.update(persistentVolumeClaims, { ...claim, status }, { subresource: "status" });
  }

  #record(claim: PersistentVolumeClaim, event: PlannedEvent | undefined): void {
    if (event) this.#deps.events.record({ object: claim }, event.type, event.reason, event.message);
  }
}

/** The capacity is the volume's when they are bound; it may differ later, while a file system grows. */
function boundStatus({ status }: PersistentVolumeClaim, { spec }: PersistentVolume): PersistentVolumeClaimStatus {
  const capacity = status.phase === "Bound" ? status.capacity : spec.capacity;
  return { phase: "Bound", accessModes: spec.accessModes, capacity };
}
