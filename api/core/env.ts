// The environment of containers: variables, and the places that their values come from.

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
    object("io.k8s.api.core.v1.ObjectFieldSelector", "A field of the pod.", {
      apiVersion: optional(1, string(), "The version of the schema that the path refers to; v1 unless given."),
      fieldPath: required(2, string(), "The path of the field."),
    }),
  ),
  (draft) => {
    draft.apiVersion ||= "v1";
  },
);
export interface ObjectFieldSelector extends Infer<typeof objectFieldSelector> {}

export const resourceFieldSelector = completed(
  atomic(
    object("io.k8s.api.core.v1.ResourceFieldSelector", "A request or a limit of a container.", {
      containerName: optional(1, string(), "The container; needed in volumes, the container itself in variables."),
      resource: required(2, string(), "What is meant, such as limits.cpu or requests.memory."),
      divisor: optional(3, quantity(), "The unit that the amount is given in; 1 unless given."),
    }),
  ),
  (draft) => {
    draft.divisor ||= "0";
  },
);
export interface ResourceFieldSelector extends Infer<typeof resourceFieldSelector> {}

export const configMapKeySelector = atomic(
  object("io.k8s.api.core.v1.ConfigMapKeySelector", "An entry of a config map.", {
    ...inlined(1, localObjectReference),
    key: required(2, string(), "The key of the entry."),
    optional: optional(3, boolean(), "If true, the config map or the entry may be missing."),
  }),
);
export interface ConfigMapKeySelector extends Infer<typeof configMapKeySelector> {}

export const secretKeySelector = atomic(
  object("io.k8s.api.core.v1.SecretKeySelector", "An entry of a secret.", {
    ...inlined(1, localObjectReference),
    key: required(2, string(), "The key of the entry."),
    optional: optional(3, boolean(), "If true, the secret or the entry may be missing."),
  }),
);
export interface SecretKeySelector extends Infer<typeof secretKeySelector> {}

export const envVarSource = object(
  "io.k8s.api.core.v1.EnvVarSource",
  "Where the value of a variable comes from. Exactly one is set.",
  {
    fieldRef: optional(1, objectFieldSelector, "A field of the pod, such as metadata.name or status.podIP."),
    resourceFieldRef: optional(2, resourceFieldSelector, "A request or a limit of a container."),
    configMapKeyRef: optional(3, configMapKeySelector, "An entry of a config map."),
    secretKeyRef: optional(4, secretKeySelector, "An entry of a secret."),
  },
);
export interface EnvVarSource extends Infer<typeof envVarSource> {}

export const envVar = object("io.k8s.api.core.v1.EnvVar", "A variable of a container's environment.", {
  name: required(1, string(), "The name of the variable."),
  value: optional(2, string(), "The value. $(NAME) is replaced by the value of an earlier variable; $$ stands for $."),
  valueFrom: optional(3, envVarSource, "Where the value comes from. Cannot be used together with value."),
});
export interface EnvVar extends Infer<typeof envVar> {}

export const configMapEnvSource = object(
  "io.k8s.api.core.v1.ConfigMapEnvSource",
  "A config map whose entries become variables.",
  {
    ...inlined(1, localObjectReference),
    optional: optional(2, boolean(), "If true, the config map may be missing."),
  },
);
export interface ConfigMapEnvSource extends Infer<typeof configMapEnvSource> {}

export const secretEnvSource = object(
  "io.k8s.api.core.v1.SecretEnvSource",
  "A secret whose entries become variables.",
  {
    ...inlined(1, localObjectReference),
    optional: optional(2, boolean(), "If true, the secret may be missing."),
  },
);
export interface SecretEnvSource extends Infer<typeof secretEnvSource> {}

export const envFromSource = object(
  "io.k8s.api.core.v1.EnvFromSource",
  "A config map or a secret whose entries become variables.",
  {
    prefix: optional(1, string(), "What the names of the variables begin with."),
    configMapRef: optional(2, configMapEnvSource, "The config map."),
    secretRef: optional(3, secretEnvSource, "The secret."),
  },
);
export interface EnvFromSource extends Infer<typeof envFromSource> {}
