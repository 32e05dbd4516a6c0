// HEADER: say what RuntimeClass is and what it must never do.

import { toleration } from "../core/affinity.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, map, object, optional, quantity, required, string } from "../schema/schema.ts";

export const overhead = object("io.k8s.api.node.v1.Overhead", "", {
  podFixed: optional(1, map(quantity()), ""),
});
export interface Overhead extends Infer<typeof overhead> {}

export const scheduling = object("io.k8s.api.node.v1.Scheduling", "", {
  nodeSelector: optional(1, map(string(), { mapType: "atomic" }), ""),
  tolerations: optional(2, list(toleration, { listType: "atomic" }), ""),
});
export interface Scheduling extends Infer<typeof scheduling> {}

export const runtimeClass = kubeObject("io.k8s.api.node.v1.RuntimeClass", "", {
  handler: required(2, string(), ""),
  overhead: optional(3, overhead, ""),
  scheduling: optional(4, scheduling, ""),
});
export interface RuntimeClass extends Infer<typeof runtimeClass> {}

export const runtimeClasses: ResourceDefinition<RuntimeClass> = {
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  schema: runtimeClass,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
