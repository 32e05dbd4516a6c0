// HEADER

import {
  type Infer,
  any,
  atomic,
  boolean,
  int64,
  list,
  listMap,
  map,
  object,
  oneOf,
  optional,
  required,
  set,
  string,
  time,
} from "../schema/schema.ts";

export const ownerReference = atomic(
  object("io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference", "", {
    kind: required(1, string(), ""),
    name: required(3, string(), ""),
    uid: required(4, string(), ""),
    apiVersion: required(5, string(), ""),
    controller: optional(6, boolean(), ""),
    blockOwnerDeletion: optional(7, boolean(), ""),
  }),
);
export interface OwnerReference extends Infer<typeof ownerReference> {}

export const managedFieldsEntry = object("io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry", "", {
  manager: optional(1, string(), ""),
  operation: optional(2, oneOf("Apply", "Update"), ""),
  apiVersion: optional(3, string(), ""),
  time: optional(4, time(), ""),
  fieldsType: optional(6, string(), ""),
  fieldsV1: optional(7, any(), ""),
  subresource: optional(8, string(), ""),
});
export interface ManagedFieldsEntry extends Infer<typeof managedFieldsEntry> {}

export const objectMeta = object("io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", "", {
  name: optional(1, string(), ""),
  generateName: optional(2, string(), ""),
  namespace: optional(3, string(), ""),
  selfLink: optional(4, string(), ""),
  uid: optional(5, string(), ""),
  resourceVersion: optional(6, string(), ""),
  generation: optional(7, int64(), ""),
  creationTimestamp: optional(8, time(), ""),
  deletionTimestamp: optional(9, time(), ""),
  deletionGracePeriodSeconds: optional(10, int64(), ""),
  labels: optional(11, map(string()), ""),
  annotations: optional(12, map(string()), ""),
  ownerReferences: optional(13, listMap(ownerReference, ["uid"], { mergeKey: "uid", strategy: "merge" }), ""),
  finalizers: optional(14, set(string(), { strategy: "merge" }), ""),
  managedFields: optional(17, list(managedFieldsEntry, { listType: "atomic" }), ""),
});
/** Metadata as a client sends it; see ObjectMeta in object.ts for that of stored objects. */
export interface ObjectMetaFields extends Infer<typeof objectMeta> {}
