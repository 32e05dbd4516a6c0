// CSIDriver: tells the cluster about a CSI driver that is installed. Its rules are in validate-csi.ts.

import { validateCsiDriver } from "./validate-csi.ts";
import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  boolean,
  int64,
  list,
  object,
  oneOf,
  optional,
  presentRequired,
  required,
  set,
  string,
} from "../schema/schema.ts";

export const tokenRequest = completed(
  object("io.k8s.api.storage.v1.TokenRequest", "A token of the pod's service account that a driver wants.", {
    audience: required(1, string(), "Whom the token is for; the API server if empty."),
    expirationSeconds: optional(
      2,
      int64(),
      "How many seconds the token is valid, from 600 to 4294967296; as the API server decides unless given.",
    ),
  }),
  (draft) => {
    draft.audience ??= "";
  },
);
export interface TokenRequest extends Infer<typeof tokenRequest> {}

export const csiDriverSpec = completed(
  object("io.k8s.api.storage.v1.CSIDriverSpec", "What a CSI driver can do and wants to know.", {
    attachRequired: optional(
      1,
      boolean(),
      "Whether volumes must be attached to a node before they are mounted; true unless given. It cannot be changed.",
    ),
    podInfoOnMount: optional(
      2,
      boolean(),
      "Whether the driver is told about the pod when a volume is mounted; false unless given.",
    ),
    volumeLifecycleModes: optional(
      3,
      set(string()),
      "The sorts of volumes: Persistent, which have objects of their own (the default), and Ephemeral, which live as long as a pod. It cannot be changed.",
    ),
    storageCapacity: optional(
      4,
      boolean(),
      "Whether the scheduler has to consider how much room there is, as the driver reports it; false unless given.",
    ),
    fsGroupPolicy: optional(
      5,
      oneOf("ReadWriteOnceWithFSType", "File", "None"),
      "Whether volumes are given to a pod's fsGroup: None, File (always), or ReadWriteOnceWithFSType, which decides by the volume (the default).",
    ),
    tokenRequests: optional(
      6,
      list(tokenRequest, { listType: "atomic" }),
      "The tokens that the driver is given when a volume is mounted, each for another audience.",
    ),
    requiresRepublish: optional(
      7,
      boolean(),
      "Whether the driver wants to be called regularly for volumes that are mounted, to renew what is in them; false unless given.",
    ),
    seLinuxMount: optional(
      8,
      boolean(),
      "Whether the driver can mount volumes with an SELinux context; false unless given.",
    ),
  }),
  (draft) => {
    draft.attachRequired ??= true;
    draft.podInfoOnMount ??= false;
    draft.storageCapacity ??= false;
    draft.fsGroupPolicy ??= "ReadWriteOnceWithFSType";
    if (!draft.volumeLifecycleModes?.length) draft.volumeLifecycleModes = ["Persistent"];
    draft.requiresRepublish ??= false;
    draft.seLinuxMount ??= false;
  },
);
export interface CSIDriverSpec extends Infer<typeof csiDriverSpec> {}

export const csiDriver = kubeObject(
  "io.k8s.api.storage.v1.CSIDriver",
  "Tells the cluster about a CSI driver that is installed. It has the name of the driver.",
  {
    spec: presentRequired(2, csiDriverSpec, "What the driver can do and wants to know."),
  },
);
export interface CSIDriver extends Infer<typeof csiDriver> {}

export const csiDrivers: ResourceDefinition<CSIDriver> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "CSIDriver",
  plural: "csidrivers",
  scope: "Cluster",
  schema: csiDriver,
  validate: validateCsiDriver,
  columns: [
    nameColumn,
    column(
      "AttachRequired",
      { type: "boolean", description: "Whether volumes must be attached before they are mounted." },
      ({ spec }) => spec.attachRequired ?? true,
    ),
    column(
      "PodInfoOnMount",
      { type: "boolean", description: "Whether the driver is told about the pod." },
      ({ spec }) => spec.podInfoOnMount ?? false,
    ),
    column(
      "StorageCapacity",
      { type: "boolean", description: "Whether the scheduler considers how much room there is." },
      ({ spec }) => spec.storageCapacity ?? false,
    ),
    column(
      "TokenRequests",
      { description: "Whom the tokens are for that the driver is given." },
      ({ spec }) => spec.tokenRequests?.map(({ audience }) => audience).join(",") ?? "<unset>",
    ),
    column(
      "RequiresRepublish",
      { type: "boolean", description: "Whether the driver is called regularly for mounted volumes." },
      ({ spec }) => spec.requiresRepublish ?? false,
    ),
    column(
      "Modes",
      { description: "The sorts of volumes that the driver has." },
      ({ spec }) => spec.volumeLifecycleModes?.join(",") || "<none>",
    ),
    ageColumn,
  ],
  prepare: (driver, old) => withGeneration(driver, old, ({ spec }) => spec),
};
