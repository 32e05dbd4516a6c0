// PodTemplate: a template of a pod, stored by itself. Nothing here makes pods from it; it is kept for those who do.

import { podTemplateSpec } from "./pod-template.ts";
import { containerColumns } from "./template-columns.ts";
import { validatePodTemplate } from "./validate-pod-template.ts";
import { withGeneration } from "../meta/generation.ts";
import { renderLabels } from "../meta/labels.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, present } from "../schema/schema.ts";

export const podTemplate = kubeObject("io.k8s.api.core.v1.PodTemplate", "A template of a pod, stored by itself.", {
  template: present(2, podTemplateSpec, "What pods are to be made from."),
});
export interface PodTemplate extends Infer<typeof podTemplate> {}

export const podTemplates: ResourceDefinition<PodTemplate> = {
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  schema: podTemplate,
  validate: (object, old) => [
    ...validateMetadata(object, old, { name: subdomainProblems }),
    ...validatePodTemplate(object.template, "template"),
  ],
  columns: [
    nameColumn,
    ...containerColumns(({ template }: PodTemplate) => template).map((wide) => ({ ...wide, priority: 0 as const })),
    column("Pod Labels", { description: "The labels of the template." }, ({ template }) =>
      renderLabels(template.metadata?.labels),
    ),
  ],
  prepare: (object, old) => withGeneration(object, old, ({ template }) => template),
};
