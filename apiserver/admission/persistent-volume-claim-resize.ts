// A claim may only grow where it has a volume, and where its storage class says that volumes can grow.

import { storageClassOf } from "../../api/core/claim-quota.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { compareQuantities, parseQuantity } from "../../api/meta/quantity.ts";
import { storageClasses } from "../../api/storage/storage-class.ts";
import { findSeen, isAbout, refused, type AdmissionRequest, type AdmissionStep } from "./admission-step.ts";

export const persistentVolumeClaimResize: AdmissionStep = {
  name: "PersistentVolumeClaimResize",
  validate(request) {
    const { operation, object, old } = request;
    if (operation !== "UPDATE" || !object || !old || !isAbout(request, persistentVolumeClaims)) return undefined;
    const [claim, before] = [object as PersistentVolumeClaim, old as PersistentVolumeClaim];
    return compareQuantities(sizeOf(claim), sizeOf(before)) > 0 ? assertGrowable(request, claim, before) : undefined;
  },
};

const sizeOf = ({ spec }: PersistentVolumeClaim) => parseQuantity(spec.resources.requests?.storage ?? "0");

async function assertGrowable(
  request: AdmissionRequest,
  claim: PersistentVolumeClaim,
  old: PersistentVolumeClaim,
): Promise<undefined> {
  if (old.status.phase !== "Bound") throw refused(request, "Only bound persistent volume claims can be expanded");
  const className = storageClassOf(claim);
  const isSame = className !== "" && className === storageClassOf(old);
  const storageClass = isSame ? await findSeen(request, storageClasses, className) : undefined;
  if (storageClass?.allowVolumeExpansion) return;
  const detail =
    "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
  throw refused(request, detail);
}
