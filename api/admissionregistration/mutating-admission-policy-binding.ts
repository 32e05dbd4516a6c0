// MutatingAdmissionPolicyBinding, a beta of Kubernetes 1.34 that is off unless asked for: puts a policy into force, with
// parameters. Its rules are in validate-policy-binding.ts.

import { renderParamRef } from "./policy-columns.ts";
import { policyParts } from "./policy-parts.ts";
import { validateMutatingAdmissionPolicyBinding } from "./validate-policy-binding.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, object, optional, present, string } from "../schema/schema.ts";

const { matchResources, paramRef } = policyParts("v1beta1");

export const mutatingAdmissionPolicyBindingSpec = object(
  "io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyBindingSpec",
  "Which policy is in force, and for which requests.",
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
  },
);
export interface MutatingAdmissionPolicyBindingSpec extends Infer<typeof mutatingAdmissionPolicyBindingSpec> {}

export const mutatingAdmissionPolicyBinding = kubeObject(
  "io.k8s.api.admissionregistration.v1beta1.MutatingAdmissionPolicyBinding",
  "Puts a mutating admission policy into force.",
  {
    spec: present(2, mutatingAdmissionPolicyBindingSpec, "Which policy, for which requests."),
  },
);
export interface MutatingAdmissionPolicyBinding extends Infer<typeof mutatingAdmissionPolicyBinding> {}

export const mutatingAdmissionPolicyBindings: ResourceDefinition<MutatingAdmissionPolicyBinding> = {
  group: "admissionregistration.k8s.io",
  version: "v1beta1",
  kind: "MutatingAdmissionPolicyBinding",
  plural: "mutatingadmissionpolicybindings",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: mutatingAdmissionPolicyBinding,
  validate: validateMutatingAdmissionPolicyBinding,
  columns: [
    nameColumn,
    column("PolicyName", { description: "The name of the policy." }, ({ spec }) => spec.policyName ?? ""),
    column("ParamRef", { description: "The parameters." }, ({ spec }) => renderParamRef(spec.paramRef)),
    ageColumn,
  ],
  prepare: (binding, old) => withGeneration(binding, old, ({ spec }) => spec),
};
