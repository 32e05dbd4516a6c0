// Keeps claims that are deleted as long as pods use them: lets go of the finalizer that protects a claim once no pod that has
// been placed names it. Kubernetes calls it pvc-protection.

import { persistentVolumeClaims, type PersistentVolumeClaim } from "../api/core/persistent-volume-claim.ts";
import { claimKeysOf } from "../api/core/pod-claims.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { formatKey } from "../api/meta/object.ts";
import type { Controller, ControllerDeps, Reconciler } from "../client/controller.ts";
import type { Indexers } from "../client/informer.ts";
import { addFinalizer, removeFinalizer } from "./finalizer.ts";

const FINALIZER = "kubernetes.io/pvc-protection";
const BY_CLAIM = "claim";

/** By namespace and name of the claims that a placed pod uses; before that, its node will refuse a claim on its way out. */
const podsByClaim: Indexers<Pod> = {
  [BY_CLAIM]: (pod) => (pod.spec.nodeName ? claimKeysOf(pod).map(formatKey) : []),
};

export const claimProtectionController: Controller<PersistentVolumeClaim> = {
  name: "pvc-protection",
  for: persistentVolumeClaims,
  watches: [
    {
      resource: pods,
      // One that was deleted and made anew in between counts as it was before, too.
      map: (change) =>
        change.type === "added" ? [] : claimKeysOf((change.type === "updated" ? change.before : change.object) as Pod),
    },
  ],
  build: (deps) => new ClaimProtection(deps),
};

class ClaimProtection implements Reconciler<PersistentVolumeClaim> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    deps.informer(pods, podsByClaim);
  }

  /** The server protects new claims; this is for those from before it did. */
  async reconcile(claim: PersistentVolumeClaim): Promise<void> {
    await addFinalizer(this.#deps.client, { resource: persistentVolumeClaims, object: claim, finalizer: FINALIZER });
  }

  async finalize(claim: PersistentVolumeClaim, signal: AbortSignal): Promise<void> {
    if (!claim.metadata.finalizers?.includes(FINALIZER) || (await this.#isUsed(claim, signal))) return;
    await removeFinalizer(this.#deps.client, { resource: persistentVolumeClaims, object: claim, finalizer: FINALIZER });
  }

  /** What the cache does not show yet counts as well. */
  async #isUsed({ metadata: { namespace = "", name } }: PersistentVolumeClaim, signal: AbortSignal): Promise<boolean> {
    const { client, informer } = this.#deps;
    if (informer(pods, podsByClaim).byIndex(BY_CLAIM, `${namespace}/${name}`).length > 0) return true;
    const { items } = await client.list(pods, { namespace, signal });
    return items.some((pod) => pod.spec.nodeName && claimKeysOf(pod).some((claim) => claim.name === name));
  }
}
