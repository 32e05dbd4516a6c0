// ValidatingAdmissionPolicyBinding: puts a policy into force, with parameters. Its rules are in validate-policy-binding.ts.

import { matchResources, paramRef } from "./policy-parts.ts";
import { renderParamRef } from "./policy-columns.ts";
import { validateValidatingAdmissionPolicyBinding } from "./validate-policy-binding.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, oneOf, optional, present, set, string } from "../schema/schema.ts";

export const validatingAdmissionPolicyBindingSpec = object(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec",
  "Which policy is in force, for which requests, and what follows from it.",
  {
    policyName: optional(
      1,
      string(),
      "The name of the policy. Required. A binding to a policy that does not exist has no effect.",
    ),
    paramRef: optional(2, paramRef, "The parameters, for policies that have some."),
    matchResources: optional(
      3,
      matchResources,
      "Narrows down the requests that the policy is about; all of them unless given.",
    ),
    validationActions: optional(
      4,
      set(oneOf("Deny", "Warn", "Audit")),
      "What follows where a condition is not met: Deny refuses the request, Warn tells the client, Audit writes it into the audit log. At least one; Deny and Warn exclude each other.",
    ),
  },
);
export interface ValidatingAdmissionPolicyBindingSpec extends Infer<typeof validatingAdmissionPolicyBindingSpec> {}

export const validatingAdmissionPolicyBinding = kubeObject(
  "io.k8s.api.admissionregistration.v1.ValidatingAdmissionPolicyBinding",
  "Puts a validating admission policy into force.",
  {
    spec: present(2, validatingAdmissionPolicyBindingSpec, "Which policy, for which requests."),
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
  validate: validateValidatingAdmissionPolicyBinding,
  columns: [
    nameColumn,
    column("PolicyName", { description: "The name of the policy." }, ({ spec }) => spec.policyName ?? ""),
    column("ParamRef", { description: "The parameters." }, ({ spec }) => renderParamRef(spec.paramRef)),
    ageColumn,
  ],
  prepare: (binding, old) => withGeneration(binding, old, ({ spec }) => spec),
};
