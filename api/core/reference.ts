// HEADER

import { type Infer, atomic, byDefault, object, optional, required, string } from "../schema/schema.ts";

export const objectReference = atomic(
  object("io.k8s.api.core.v1.ObjectReference", "", {
    kind: optional(1, string(), ""),
    namespace: optional(2, string(), ""),
    name: optional(3, string(), ""),
    uid: optional(4, string(), ""),
    apiVersion: optional(5, string(), ""),
    resourceVersion: optional(6, string(), ""),
    fieldPath: optional(7, string(), ""),
  }),
);
export interface ObjectReference extends Infer<typeof objectReference> {}

export const localObjectReference = atomic(
  object("io.k8s.api.core.v1.LocalObjectReference", "", {
    name: byDefault("", optional(1, string(), "")),
  }),
);
export interface LocalObjectReference extends Infer<typeof localObjectReference> {}

export const secretReference = atomic(
  object("io.k8s.api.core.v1.SecretReference", "", {
    name: optional(1, string(), ""),
    namespace: optional(2, string(), ""),
  }),
);
export interface SecretReference extends Infer<typeof secretReference> {}

export const typedLocalObjectReference = atomic(
  object("io.k8s.api.core.v1.TypedLocalObjectReference", "", {
    apiGroup: optional(1, string(), ""),
    kind: required(2, string(), ""),
    name: required(3, string(), ""),
  }),
);
export interface TypedLocalObjectReference extends Infer<typeof typedLocalObjectReference> {}

export const typedObjectReference = object("io.k8s.api.core.v1.TypedObjectReference", "", {
  apiGroup: optional(1, string(), ""),
  kind: required(2, string(), ""),
  name: required(3, string(), ""),
  namespace: optional(4, string(), ""),
});
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}
