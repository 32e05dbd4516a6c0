// HEADER: say what PriorityClass is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, any, boolean, int32, optional, required, string } from "../schema/schema.ts";

export const priorityClass = kubeObject("io.k8s.api.scheduling.v1.PriorityClass", "", {
  value: required(2, int32(), ""),
  globalDefault: optional(3, boolean(), ""),
  description: optional(4, string(), ""),
  preemptionPolicy: optional(5, any(), ""),
});
export interface PriorityClass extends Infer<typeof priorityClass> {}

export const priorityClasses: ResourceDefinition<PriorityClass> = {
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  schema: priorityClass,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
