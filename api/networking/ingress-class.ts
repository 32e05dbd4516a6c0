// HEADER: say what IngressClass is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, optional, present, required, string } from "../schema/schema.ts";

export const ingressClassParametersReference = object("io.k8s.api.networking.v1.IngressClassParametersReference", "", {
  apiGroup: optional(1, string(), ""),
  kind: required(2, string(), ""),
  name: required(3, string(), ""),
  scope: optional(4, string(), ""),
  namespace: optional(5, string(), ""),
});
export interface IngressClassParametersReference extends Infer<typeof ingressClassParametersReference> {}

export const ingressClassSpec = object("io.k8s.api.networking.v1.IngressClassSpec", "", {
  controller: optional(1, string(), ""),
  parameters: optional(2, ingressClassParametersReference, ""),
});
export interface IngressClassSpec extends Infer<typeof ingressClassSpec> {}

export const ingressClass = kubeObject("io.k8s.api.networking.v1.IngressClass", "", {
  spec: present(2, ingressClassSpec, ""),
});
export interface IngressClass extends Infer<typeof ingressClass> {}

export const ingressClasses: ResourceDefinition<IngressClass> = {
  group: "networking.k8s.io",
  version: "v1",
  kind: "IngressClass",
  plural: "ingressclasses",
  scope: "Cluster",
  schema: ingressClass,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
