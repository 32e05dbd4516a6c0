// HEADER: say what ResourceClaimTemplate is and what it must never do.

import { objectMeta } from "../meta/object-meta.ts";
import { resourceClaimSpec } from "./resource-claim.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, optional, required } from "../schema/schema.ts";

export const resourceClaimTemplateSpec = object("io.k8s.api.resource.v1beta1.ResourceClaimTemplateSpec", "", {
  metadata: optional(1, objectMeta, ""),
  spec: required(2, resourceClaimSpec, ""),
});
export interface ResourceClaimTemplateSpec extends Infer<typeof resourceClaimTemplateSpec> {}

export const resourceClaimTemplate = kubeObject("io.k8s.api.resource.v1beta1.ResourceClaimTemplate", "", {
  spec: required(2, resourceClaimTemplateSpec, ""),
});
export interface ResourceClaimTemplate extends Infer<typeof resourceClaimTemplate> {}

export const resourceClaimTemplates: ResourceDefinition<ResourceClaimTemplate> = {
  group: "resource.k8s.io",
  version: "v1beta1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
  schema: resourceClaimTemplate,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
