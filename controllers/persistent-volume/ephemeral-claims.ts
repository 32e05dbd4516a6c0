// Makes the claims of generic ephemeral volumes: each is named after its pod and volume, and owned by the pod, so that it goes
// with it. Kubernetes calls it ephemeral-volume.

import type { PersistentVolumeClaimTemplate } from "../../api/core/claim-spec.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { describeForeignClaim } from "../../api/core/pod-claims.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { isControlledBy, ownerReferenceTo } from "../../api/meta/owner.ts";
import { isAlreadyExists } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps, Reconciler } from "../../client/controller.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";

export const ephemeralClaimController: Controller<Pod> = {
  name: "ephemeral-volume",
  for: pods,
  owns: [persistentVolumeClaims],
  build: (deps) => new EphemeralClaims(deps),
};

class EphemeralClaims implements Reconciler<Pod> {
  readonly #deps: ControllerDeps;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    deps.informer(persistentVolumeClaims);
  }

  async reconcile(pod: Pod): Promise<void> {
    if (isPodTerminal(pod)) return;
    for (const volume of pod.spec.volumes ?? []) {
      const template = volume.ephemeral?.volumeClaimTemplate;
      if (template) await this.#ensureClaim(pod, volume.name, claimOf(pod, volume.name, template));
    }
  }

  async finalize(): Promise<void> {
    // A pod on its way out gets nothing new.
  }

  async #ensureClaim(pod: Pod, volumeName: string, wanted: NewObject<PersistentVolumeClaim>): Promise<void> {
    const { client, informer, events } = this.#deps;
    const { namespace, name = "" } = wanted.metadata;
    try {
      const found =
        informer(persistentVolumeClaims).get({ namespace, name }) ??
        (await client.create(persistentVolumeClaims, wanted).catch(async (error: unknown) => {
          if (!isAlreadyExists(error)) throw new Error(`create PVC ${name}: ${errorMessage(error)}`, { cause: error });
          return client.get(persistentVolumeClaims, { namespace, name });
        }));
      if (!isControlledBy(found, pod)) throw new Error(describeForeignClaim(found, pod));
    } catch (error) {
      if (error instanceof Error && isNamespaceTerminating(error.cause)) return;
      const message = `ephemeral volume ${volumeName}: ${errorMessage(error)}`;
      events.record({ object: pod }, "Warning", "FailedBinding", message);
      throw error;
    }
  }
}

const claimOf = (
  pod: Pod,
  volumeName: string,
  { metadata, spec }: PersistentVolumeClaimTemplate,
): NewObject<PersistentVolumeClaim> => ({
  metadata: {
    name: `${pod.metadata.name}-${volumeName}`,
    namespace: pod.metadata.namespace,
    labels: metadata?.labels,
    annotations: metadata?.annotations,
    ownerReferences: [ownerReferenceTo(pod, pods)],
  },
  spec,
});
