// HEADER: say what PodTemplate is and what it must never do.

import { podTemplateSpec } from "./pod-template.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, optional } from "../schema/schema.ts";

export const podTemplate = kubeObject("io.k8s.api.core.v1.PodTemplate", "", {
  template: optional(2, podTemplateSpec, ""),
});
export interface PodTemplate extends Infer<typeof podTemplate> {}

export const podTemplates: ResourceDefinition<PodTemplate> = {
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  schema: podTemplate,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
