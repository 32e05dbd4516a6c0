// HEADER

import { localObjectReference } from "./reference.ts";
import {
  type Infer,
  atomic,
  boolean,
  completed,
  inlined,
  object,
  optional,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const objectFieldSelector = completed(
  atomic(
    object("io.k8s.api.core.v1.ObjectFieldSelector", "", {
      apiVersion: optional(1, string(), ""),
      fieldPath: required(2, string(), ""),
    }),
  ),
  (draft) => {
    draft.apiVersion ||= "v1";
  },
);
export interface ObjectFieldSelector extends Infer<typeof objectFieldSelector> {}

export const resourceFieldSelector = completed(
  atomic(
    object("io.k8s.api.core.v1.ResourceFieldSelector", "", {
      containerName: optional(1, string(), ""),
      resource: required(2, string(), ""),
      divisor: optional(3, quantity(), ""),
    }),
  ),
  (draft) => {
    draft.divisor ||= "0";
  },
);
export interface ResourceFieldSelector extends Infer<typeof resourceFieldSelector> {}

export const configMapKeySelector = atomic(
  object("io.k8s.api.core.v1.ConfigMapKeySelector", "", {
    ...inlined(1, localObjectReference),
    key: required(2, string(), ""),
    optional: optional(3, boolean(), ""),
  }),
);
export interface ConfigMapKeySelector extends Infer<typeof configMapKeySelector> {}

export const secretKeySelector = atomic(
  object("io.k8s.api.core.v1.SecretKeySelector", "", {
    ...inlined(1, localObjectReference),
    key: required(2, string(), ""),
    optional: optional(3, boolean(), ""),
  }),
);
export interface SecretKeySelector extends Infer<typeof secretKeySelector> {}

export const envVarSource = object("io.k8s.api.core.v1.EnvVarSource", "", {
  fieldRef: optional(1, objectFieldSelector, ""),
  resourceFieldRef: optional(2, resourceFieldSelector, ""),
  configMapKeyRef: optional(3, configMapKeySelector, ""),
  secretKeyRef: optional(4, secretKeySelector, ""),
});
export interface EnvVarSource extends Infer<typeof envVarSource> {}

export const envVar = object("io.k8s.api.core.v1.EnvVar", "", {
  name: required(1, string(), ""),
  value: optional(2, string(), ""),
  valueFrom: optional(3, envVarSource, ""),
});
export interface EnvVar extends Infer<typeof envVar> {}

export const configMapEnvSource = object("io.k8s.api.core.v1.ConfigMapEnvSource", "", {
  ...inlined(1, localObjectReference),
  optional: optional(2, boolean(), ""),
});
export interface ConfigMapEnvSource extends Infer<typeof configMapEnvSource> {}

export const secretEnvSource = object("io.k8s.api.core.v1.SecretEnvSource", "", {
  ...inlined(1, localObjectReference),
  optional: optional(2, boolean(), ""),
});
export interface SecretEnvSource extends Infer<typeof secretEnvSource> {}

export const envFromSource = object("io.k8s.api.core.v1.EnvFromSource", "", {
  prefix: optional(1, string(), ""),
  configMapRef: optional(2, configMapEnvSource, ""),
  secretRef: optional(3, secretEnvSource, ""),
});
export interface EnvFromSource extends Infer<typeof envFromSource> {}
