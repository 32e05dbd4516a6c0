// HEADER

import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  list,
  listMap,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const namespaceSpec = object("io.k8s.api.core.v1.NamespaceSpec", "", {
  finalizers: optional(1, list(string(), { listType: "atomic" }), ""),
});
export interface NamespaceSpec extends Infer<typeof namespaceSpec> {}

export const namespaceCondition = object("io.k8s.api.core.v1.NamespaceCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  lastTransitionTime: optional(4, time(), ""),
  reason: optional(5, string(), ""),
  message: optional(6, string(), ""),
});
export interface NamespaceCondition extends Infer<typeof namespaceCondition> {}

export const namespaceStatus = object("io.k8s.api.core.v1.NamespaceStatus", "", {
  phase: optional(1, oneOf("Active", "Terminating"), ""),
  conditions: optional(2, listMap(namespaceCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface NamespaceStatus extends Infer<typeof namespaceStatus> {}

export const namespace = kubeObject("io.k8s.api.core.v1.Namespace", "", {
  spec: present(2, namespaceSpec, ""),
  status: present(3, namespaceStatus, ""),
});
export interface Namespace extends Infer<typeof namespace> {}

export const namespaces: ResourceDefinition<Namespace> = {
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  schema: namespace,
  subresources: ["status", "finalize"],
  columns: [],
};
