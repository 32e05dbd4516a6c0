// The volumes of the pod's claims can be reached from the node. Claims that have none yet, because they wait for their pod, find
// one there, or somebody who makes one; the stage in volumes/ then sees to it that they get it before the pod goes there.

import { unresolvable, type SchedulerPlugin } from "../framework.ts";
import { findProblems } from "../volumes/find-volumes.ts";
import { claimsUnchanged, sortClaims } from "../volumes/pod-claims.ts";

export const volumeBinding: SchedulerPlugin = {
  name: "VolumeBinding",
  unblockedBy: ["NodeAdded", "NodeLabels", "Claim", "Volume", "StorageClass", "StorageDriver", "NodeDrivers"],
  prepare(pod, { storage }) {
    if (pod.claims.length === 0) return undefined;
    const isCurrent = claimsUnchanged(pod, storage);
    const claims = sortClaims(pod, storage);
    if ("refusal" in claims) return { refusal: claims.refusal, isCurrent };
    return {
      isCurrent,
      ignoresPods: true,
      filter({ node }) {
        const problems = findProblems(claims, node, storage);
        return problems.length > 0 ? unresolvable(...problems) : undefined;
      },
    };
  },
};
