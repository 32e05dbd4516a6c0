// HEADER: say what CSIDriver is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, int64, list, object, oneOf, optional, required, set, string } from "../schema/schema.ts";

export const tokenRequest = object("io.k8s.api.storage.v1.TokenRequest", "", {
  audience: required(1, string(), ""),
  expirationSeconds: optional(2, int64(), ""),
});
export interface TokenRequest extends Infer<typeof tokenRequest> {}

export const csiDriverSpec = object("io.k8s.api.storage.v1.CSIDriverSpec", "", {
  attachRequired: optional(1, boolean(), ""),
  podInfoOnMount: optional(2, boolean(), ""),
  volumeLifecycleModes: optional(3, set(oneOf("Persistent", "Ephemeral")), ""),
  storageCapacity: optional(4, boolean(), ""),
  fsGroupPolicy: optional(5, oneOf("ReadWriteOnceWithFSType", "File", "None"), ""),
  tokenRequests: optional(6, list(tokenRequest, { listType: "atomic" }), ""),
  requiresRepublish: optional(7, boolean(), ""),
  seLinuxMount: optional(8, boolean(), ""),
});
export interface CSIDriverSpec extends Infer<typeof csiDriverSpec> {}

export const csiDriver = kubeObject("io.k8s.api.storage.v1.CSIDriver", "", {
  spec: required(2, csiDriverSpec, ""),
});
export interface CSIDriver extends Infer<typeof csiDriver> {}

export const csiDrivers: ResourceDefinition<CSIDriver> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  schema: csiDriver,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
