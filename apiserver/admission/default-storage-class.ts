// Claims that do not say which storage class they want get the cluster's default class, if there is one.

import { saysStorageClass } from "../../api/core/claim-quota.ts";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import { storageClasses } from "../../api/storage/storage-class.ts";
import { isAbout, listSeen, type AdmissionRequest, type AdmissionStep, type Admitted } from "./admission-step.ts";
import { newestDefault } from "./newest-default.ts";

const MARKS = ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];

export const defaultStorageClass: AdmissionStep = {
  name: "DefaultStorageClass",
  admit(request) {
    if (request.operation !== "CREATE" || !isAbout(request, persistentVolumeClaims)) return undefined;
    const claim = request.object as PersistentVolumeClaim;
    return saysStorageClass(claim) ? undefined : withDefault(request, claim);
  },
};

async function withDefault(request: AdmissionRequest, claim: PersistentVolumeClaim): Promise<Admitted | undefined> {
  const byDefault = newestDefault(await listSeen(request, storageClasses), MARKS);
  if (!byDefault) return undefined;
  const changed: PersistentVolumeClaim = {
    ...claim,
    spec: { ...claim.spec, storageClassName: byDefault.metadata.name },
  };
  return { object: changed };
}
