// HEADER

import { type Infer, defaulted, object, optional, required, string } from "../schema/schema.ts";

export const objectReference = object(
  "io.k8s.api.core.v1.ObjectReference",
  "",
  {
    kind: optional(1, string(), ""),
    namespace: optional(2, string(), ""),
    name: optional(3, string(), ""),
    uid: optional(4, string(), ""),
    apiVersion: optional(5, string(), ""),
    resourceVersion: optional(6, string(), ""),
    fieldPath: optional(7, string(), ""),
  },
  { structType: "atomic" },
);
export interface ObjectReference extends Infer<typeof objectReference> {}

export const localObjectReference = object(
  "io.k8s.api.core.v1.LocalObjectReference",
  "",
  {
    name: defaulted(1, string(), "", ""),
  },
  { structType: "atomic" },
);
export interface LocalObjectReference extends Infer<typeof localObjectReference> {}

export const secretReference = object(
  "io.k8s.api.core.v1.SecretReference",
  "",
  {
    name: optional(1, string(), ""),
    namespace: optional(2, string(), ""),
  },
  { structType: "atomic" },
);
export interface SecretReference extends Infer<typeof secretReference> {}

export const typedLocalObjectReference = object(
  "io.k8s.api.core.v1.TypedLocalObjectReference",
  "",
  {
    apiGroup: optional(1, string(), ""),
    kind: required(2, string(), ""),
    name: required(3, string(), ""),
  },
  { structType: "atomic" },
);
export interface TypedLocalObjectReference extends Infer<typeof typedLocalObjectReference> {}

export const typedObjectReference = object("io.k8s.api.core.v1.TypedObjectReference", "", {
  apiGroup: optional(1, string(), ""),
  kind: required(2, string(), ""),
  name: required(3, string(), ""),
  namespace: optional(4, string(), ""),
});
export interface TypedObjectReference extends Infer<typeof typedObjectReference> {}
