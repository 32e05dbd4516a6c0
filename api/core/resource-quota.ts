// HEADER: say what ResourceQuota is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  list,
  map,
  object,
  oneOf,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const scopedResourceSelectorRequirement = object("io.k8s.api.core.v1.ScopedResourceSelectorRequirement", "", {
  scopeName: required(
    1,
    oneOf("Terminating", "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity"),
    "",
  ),
  operator: required(2, oneOf("In", "NotIn", "Exists", "DoesNotExist"), ""),
  values: optional(3, list(string(), { listType: "atomic" }), ""),
});
export interface ScopedResourceSelectorRequirement extends Infer<typeof scopedResourceSelectorRequirement> {}

export const scopeSelector = atomic(
  object("io.k8s.api.core.v1.ScopeSelector", "", {
    matchExpressions: optional(1, list(scopedResourceSelectorRequirement, { listType: "atomic" }), ""),
  }),
);
export interface ScopeSelector extends Infer<typeof scopeSelector> {}

export const resourceQuotaSpec = object("io.k8s.api.core.v1.ResourceQuotaSpec", "", {
  hard: optional(1, map(quantity()), ""),
  scopes: optional(
    2,
    list(
      oneOf(
        "Terminating",
        "NotTerminating",
        "BestEffort",
        "NotBestEffort",
        "PriorityClass",
        "CrossNamespacePodAffinity",
      ),
      { listType: "atomic" },
    ),
    "",
  ),
  scopeSelector: optional(3, scopeSelector, ""),
});
export interface ResourceQuotaSpec extends Infer<typeof resourceQuotaSpec> {}

export const resourceQuotaStatus = object("io.k8s.api.core.v1.ResourceQuotaStatus", "", {
  hard: optional(1, map(quantity()), ""),
  used: optional(2, map(quantity()), ""),
});
export interface ResourceQuotaStatus extends Infer<typeof resourceQuotaStatus> {}

export const resourceQuota = kubeObject("io.k8s.api.core.v1.ResourceQuota", "", {
  spec: present(2, resourceQuotaSpec, ""),
  status: present(3, resourceQuotaStatus, ""),
});
export interface ResourceQuota extends Infer<typeof resourceQuota> {}

export const resourceQuotas: ResourceDefinition<ResourceQuota> = {
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  scope: "Namespaced",
  schema: resourceQuota,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
