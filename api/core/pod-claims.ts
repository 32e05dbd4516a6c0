// The claims that a pod uses: those that its volumes name, and those that are made for it. Pure.

import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import type { Pod } from "./pod.ts";
import type { Volume } from "./volume.ts";
import { formatKey, keyOf, type ObjectKey } from "../meta/object.ts";

/** The name of the claim that the volume of the pod stands for; undefined: it stands for none. */
export const claimNameOf = (podName: string, { name, persistentVolumeClaim, ephemeral }: Volume): string | undefined =>
  persistentVolumeClaim?.claimName ?? (ephemeral && `${podName}-${name}`);

export const claimKeysOf = ({ metadata, spec }: Pod): readonly ObjectKey[] =>
  (spec.volumes ?? []).flatMap((volume) => {
    const name = claimNameOf(metadata.name, volume);
    return name === undefined ? [] : [{ namespace: metadata.namespace, name }];
  });

/** Why the claim, which has the name of one that is made for the pod, may not be used, in Kubernetes' words. */
export const describeForeignClaim = (claim: PersistentVolumeClaim, pod: Pod): string =>
  `PVC ${formatKey(keyOf(claim))} was not created for pod ${formatKey(keyOf(pod))} (pod is not owner)`;
