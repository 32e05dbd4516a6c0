// HEADER: say what ValidatingAdmissionPolicyBinding is and what it must never do.

import { matchResources } from "./validating-admission-policy.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, atomic, object, oneOf, optional, present, set, string } from "../schema/schema.ts";

export const paramRef = atomic(
  object("io.k8s.api.admissionregistration.v1.ParamRef", "", {
    name: optional(1, string(), ""),
    namespace: optional(2, string(), ""),
    selector: optional(3, labelSelector, ""),
    parameterNotFoundAction: optional(4, oneOf("Allow", "Deny"), ""),
  }),
);
export interface ParamRef extends Infer<typeof paramRef> {}

export const validatingAdmissionPolicyBindingSpec = object(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec",
  "",
  {
    policyName: optional(1, string(), ""),
    paramRef: optional(2, paramRef, ""),
    matchResources: optional(3, matchResources, ""),
    validationActions: optional(4, set(oneOf("Deny", "Warn", "Audit")), ""),
  },
);
export interface ValidatingAdmissionPolicyBindingSpec extends Infer<typeof validatingAdmissionPolicyBindingSpec> {}

export const validatingAdmissionPolicyBinding = kubeObject(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
  "",
  {
    spec: present(2, validatingAdmissionPolicyBindingSpec, ""),
  },
);
export interface ValidatingAdmissionPolicyBinding extends Infer<typeof validatingAdmissionPolicyBinding> {}

export const validatingAdmissionPolicyBindings: ResourceDefinition<ValidatingAdmissionPolicyBinding> = {
  group: "admissionregistration.k8s.io",
  version: "v1",
  kind: "ValidatingAdmissionPolicyBinding",
  plural: "validatingadmissionpolicybindings",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: validatingAdmissionPolicyBinding,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
