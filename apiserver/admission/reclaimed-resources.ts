// Reclaimed resources are lent only to pods that may be ended at any time: those of the best-effort band.

import { pods, type Pod } from "../../api/core/pod.ts";
import { bandOf } from "../../api/kctl-scheduling/bands.ts";
import { reclaimedBy } from "../../api/kctl-scheduling/reclaim.ts";
import { isAbout, refused, type AdmissionStep } from "./admission-step.ts";

export const reclaimedResources: AdmissionStep = {
  name: "ReclaimedResources",
  isFixed: true,
  validate(request) {
    const { operation, object } = request;
    if (operation !== "CREATE" || !object || !isAbout(request, pods)) return undefined;
    const pod = object as Pod;
    const names = Object.keys(reclaimedBy(pod) ?? {});
    if (names.length === 0 || bandOf(pod) === "best-effort") return undefined;
    throw refused(
      request,
      `only pods of the best-effort band may request ${names.join(", ")}, which others may need at any time`,
    );
  },
};
