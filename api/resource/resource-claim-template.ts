// ResourceClaimTemplate: what claims are made from, one for each pod that names the template. Its rules are in
// validate-resource-claim.ts.

import { resourceClaimSpec } from "./resource-claim.ts";
import { validateResourceClaimTemplate } from "./validate-resource-claim.ts";
import { objectMeta } from "../meta/object-meta.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, present, presentRequired } from "../schema/schema.ts";

export const resourceClaimTemplateSpec = object(
  "io.k8s.api.resource.v1beta1.ResourceClaimTemplateSpec",
  "What claims are made from.",
  {
    metadata: present(1, objectMeta, "Labels and annotations of the claims; nothing else may be given."),
    spec: presentRequired(2, resourceClaimSpec, "What the claims ask for."),
  },
);
export interface ResourceClaimTemplateSpec extends Infer<typeof resourceClaimTemplateSpec> {}

export const resourceClaimTemplate = kubeObject(
  "io.k8s.api.resource.v1beta1.ResourceClaimTemplate",
  "What claims are made from, one for each pod that names the template.",
  {
    spec: presentRequired(2, resourceClaimTemplateSpec, "What the claims are made from. It cannot be changed."),
  },
);
export interface ResourceClaimTemplate extends Infer<typeof resourceClaimTemplate> {}

export const resourceClaimTemplates: ResourceDefinition<ResourceClaimTemplate> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
  schema: resourceClaimTemplate,
  validate: validateResourceClaimTemplate,
  columns: [nameColumn, ageColumn],
};
