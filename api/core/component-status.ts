// HEADER: say what ComponentStatus is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, listMap, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const componentCondition = object("io.k8s.api.core.v1.ComponentCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  message: optional(3, string(), ""),
  error: optional(4, string(), ""),
});
export interface ComponentCondition extends Infer<typeof componentCondition> {}

export const componentStatus = kubeObject("io.k8s.api.core.v1.ComponentStatus", "", {
  conditions: optional(2, listMap(componentCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface ComponentStatus extends Infer<typeof componentStatus> {}

export const componentStatuses: ResourceDefinition<ComponentStatus> = {
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  shortNames: ["cs"],
  scope: "Cluster",
  schema: componentStatus,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
