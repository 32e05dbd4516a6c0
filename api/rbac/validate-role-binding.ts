// Rules for role bindings and cluster role bindings, from Kubernetes' validation.

import type { ClusterRoleBinding } from "./cluster-role-binding.ts";
import { RBAC_GROUP } from "./rbac-group.ts";
import type { RoleBinding, RoleRef, Subject } from "./role-binding.ts";
import { checkFormat, checkRequired, eachItem, when } from "../meta/field-checks.ts";
import { pathSegmentProblems, subdomainProblems } from "../meta/names.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateRoleBinding(binding: RoleBinding, old?: RoleBinding): FieldError[] {
  return [
    ...validateMetadata(binding, old, { name: pathSegmentProblems }),
    ...validateRoleRef(binding.roleRef, ["Role", "ClusterRole"]),
    ...eachItem(binding.subjects, "subjects", validateSubject),
    ...checkRoleRefKept(binding.roleRef, old?.roleRef),
  ];
}

export function validateClusterRoleBinding(binding: ClusterRoleBinding, old?: ClusterRoleBinding): FieldError[] {
  return [
    ...validateMetadata(binding, old, { name: pathSegmentProblems, scope: "Cluster" }),
    ...validateRoleRef(binding.roleRef, ["ClusterRole"]),
    ...eachItem(binding.subjects, "subjects", (subject, at) => [
      ...validateSubject(subject, at),
      ...when(subject.kind === "ServiceAccount" && !subject.namespace, requiredField(`${at}.namespace`)),
    ]),
    ...checkRoleRefKept(binding.roleRef, old?.roleRef),
  ];
}

function validateRoleRef({ apiGroup, kind, name }: RoleRef, kinds: readonly string[]): Errors {
  return [
    ...when(apiGroup !== RBAC_GROUP, unsupportedField("roleRef.apiGroup", apiGroup, [RBAC_GROUP])),
    ...when(!kinds.includes(kind), unsupportedField("roleRef.kind", kind, kinds)),
    ...checkRequired("roleRef.name", name),
    ...checkFormat("roleRef.name", name, pathSegmentProblems),
  ];
}

/** Who may change the subjects must not thereby be able to give another role. */
function checkRoleRefKept(roleRef: RoleRef, old: RoleRef | undefined): Errors {
  const { apiGroup, kind, name } = roleRef;
  const refusal = invalidField("roleRef", { apiGroup, kind, name }, "cannot change roleRef");
  return when(old && !semanticEqual(roleRef, old), refusal);
}

const KINDS = ["ServiceAccount", "User", "Group"];

function validateSubject({ kind, apiGroup = "", name }: Subject, path: string): Errors {
  const nameErrors = checkRequired(`${path}.name`, name);
  switch (kind) {
    case "ServiceAccount":
      return [
        ...nameErrors,
        ...checkFormat(`${path}.name`, name, subdomainProblems),
        ...when(apiGroup, unsupportedField(`${path}.apiGroup`, apiGroup, [""])),
      ];
    case "User":
    case "Group":
      return [
        ...nameErrors,
        ...when(apiGroup !== RBAC_GROUP, unsupportedField(`${path}.apiGroup`, apiGroup, [RBAC_GROUP])),
      ];
    default:
      return [...nameErrors, unsupportedField(`${path}.kind`, kind, KINDS)];
  }
}
