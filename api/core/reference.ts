// References: the forms in which objects name one another.

import { type Infer, atomic, byDefault, object, optional, required, string } from "../schema/schema.ts";

export const objectReference = atomic(
  object("io.k8s.api.core.v1.ObjectReference", "Names an object, or a part of one, so that it can be looked up.", {
    kind: optional(1, string(), "The kind of the object."),
    namespace: optional(2, string(), "The namespace of the object."),
    name: optional(3, string(), "The name of the object."),
    uid: optional(4, string(), "The UID of the object."),
    apiVersion: optional(5, string(), "The API group and version of the object."),
    resourceVersion: optional(6, string(), "The version of the object that is meant, if one in particular is."),
    fieldPath: optional(7, string(), "The part of the object that is meant, such as spec.containers{web}."),
  }),
);
export interface ObjectReference extends Infer<typeof objectReference> {}

export const localObjectReference = atomic(
  object("io.k8s.api.core.v1.LocalObjectReference", "Names an object in the same namespace.", {
    name: byDefault("", optional(1, string(), "The name of the object.")),
  }),
);
export interface LocalObjectReference extends Infer<typeof localObjectReference> {}

export const secretReference = atomic(
  object("io.k8s.api.core.v1.SecretReference", "Names a secret in any namespace.", {
    name: optional(1, string(), "The name of the secret."),
    namespace: optional(2, string(), "The namespace of the secret."),
  }),
);
export interface SecretReference extends Infer<typeof secretReference> {}

export const typedLocalObjectReference = atomic(
  object("io.k8s.api.core.v1.TypedLocalObjectReference", "Names an object of any kind in the same namespace.", {
    apiGroup: optional(1, string(), "The API group of the object; absent for the core group."),
    kind: required(2, string(), "The kind of the object."),
    name: required(3, string(), "The name of the object."),
  }),
);
export interface TypedLocalObjectReference extends Infer<typeof typedLocalObjectReference> {}

export const typedObjectReference = object(
  "io.k8s.api.core.v1.TypedObjectReference",
  "Names an object of any kind in any namespace.",
  {
    apiGroup: optional(1, string(), "The API group of the object; absent for the core group."),
    kind: required(2, string(), "The kind of the object."),
    name: required(3, string(), "The name of the object."),
    namespace: optional(4, string(), "The namespace of the object; the same one unless given."),
  },
);
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}
