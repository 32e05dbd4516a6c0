// Claims and volumes get a finalizer that keeps them while they are in use; the protection controllers take it away.

import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import { isAbout, type AdmissionStep } from "./admission-step.ts";

export const storageObjectInUseProtection: AdmissionStep = {
  name: "StorageObjectInUseProtection",
  admit(request) {
    const { operation, object } = request;
    if (operation !== "CREATE" || !object) return undefined;
    const finalizer = isAbout(request, persistentVolumeClaims)
      ? "kubernetes.io/pvc-protection"
      : isAbout(request, persistentVolumes)
        ? "kubernetes.io/pv-protection"
        : undefined;
    const { finalizers = [] } = object.metadata;
    if (finalizer === undefined || finalizers.includes(finalizer)) return undefined;
    return { object: { ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } } };
  },
};
