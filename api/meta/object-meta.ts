// ObjectMeta: the metadata that every stored object carries. Its rules are in validate-metadata.ts.

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
  object(
    "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference",
    "Names an object that owns this one. When the last owner is gone, the garbage collector deletes this object. An owner is in the same namespace or has none.",
    {
      kind: required(1, string(), "The kind of the owner."),
      name: required(3, string(), "The name of the owner."),
      uid: required(4, string(), "The UID of the owner, which tells it from a later object of the same name."),
      apiVersion: required(5, string(), "The API group and version of the owner."),
      controller: optional(6, boolean(), "True for the one owner that manages this object."),
      blockOwnerDeletion: optional(
        7,
        boolean(),
        "If true, deleting the owner in the foreground waits until this object is gone.",
      ),
    },
  ),
);
export interface OwnerReference extends Infer<typeof ownerReference> {}

export const managedFieldsEntry = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry",
  "Records which fields of an object one manager has set, and when.",
  {
    manager: optional(1, string(), "The name of the program that set the fields."),
    operation: optional(2, oneOf("Apply", "Update"), "Whether the fields were set by Apply or by another write."),
    apiVersion: optional(3, string(), "The version of the object's schema that the field paths refer to."),
    time: optional(4, time(), "When the entry was last changed."),
    fieldsType: optional(6, string(), "The format of fieldsV1. FieldsV1 is the only one."),
    fieldsV1: optional(7, any(), "The paths of the fields, as a tree of keys."),
    subresource: optional(
      8,
      string(),
      "The subresource through which the fields were set; empty for the object itself.",
    ),
  },
);
export interface ManagedFieldsEntry extends Infer<typeof managedFieldsEntry> {}

export const objectMeta = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta",
  "What all stored objects have in common: their names, their identity, and what clients attach to them.",
  {
    name: optional(
      1,
      string(),
      "The name, unique among the objects of the kind in the namespace. It cannot be changed.",
    ),
    generateName: optional(2, string(), "A prefix from which the server makes a unique name where no name is given."),
    namespace: optional(
      3,
      string(),
      "The namespace that the object lies in; empty for cluster-wide kinds. It cannot be changed.",
    ),
    selfLink: optional(4, string(), "No longer filled in. It held the path of the object."),
    uid: optional(
      5,
      string(),
      "Identifies the object over all time: a later object of the same name has another UID. Set by the server.",
    ),
    resourceVersion: optional(
      6,
      string(),
      "Identifies this version of the object. Sent with an update it makes the update fail if the object has changed meanwhile. Its form has no meaning to clients.",
    ),
    generation: optional(7, int64(), "Counts the versions of what users ask for. Set by the server."),
    creationTimestamp: optional(8, time(), "When the object was created. Set by the server."),
    deletionTimestamp: optional(
      9,
      time(),
      "When the object is due to be gone. Set by the server when deletion is asked for; from then on the object only waits for its finalizers or its grace period.",
    ),
    deletionGracePeriodSeconds: optional(
      10,
      int64(),
      "How many seconds the object has to end in good order. Set together with deletionTimestamp.",
    ),
    labels: optional(11, map(string()), "Keys and values by which objects are grouped and selected."),
    annotations: optional(
      12,
      map(string()),
      "Keys and values of any content that tools keep with the object. They cannot be selected by.",
    ),
    ownerReferences: optional(
      13,
      listMap(ownerReference, ["uid"], { mergeKey: "uid", strategy: "merge" }),
      "The objects that this one depends on. One of them at most is its controller.",
    ),
    finalizers: optional(
      14,
      set(string(), { strategy: "merge" }),
      "Names of those who have something to do before the object may go. Each removes its own entry; the object goes with the last one.",
    ),
    managedFields: optional(
      17,
      list(managedFieldsEntry, { listType: "atomic" }),
      "Which manager has set which fields. Kept by the server for server-side apply.",
    ),
  },
);
/** Metadata as a client sends it; see ObjectMeta in object.ts for that of stored objects. */
export interface ObjectMetaFields extends Infer<typeof objectMeta> {}
