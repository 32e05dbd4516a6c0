// ResourceQuota: limits how much the objects of a namespace may use together. Its rules are in validate-quota.ts; admission
// makes objects keep to it.

import { validateResourceQuota } from "./validate-quota.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  atomic,
  list,
  map,
  object,
  optional,
  present,
  quantity,
  required,
  string,
} from "../schema/schema.ts";

export const scopedResourceSelectorRequirement = object(
  "io.k8s.api.core.v1.ScopedResourceSelectorRequirement",
  "One condition on the objects that a quota counts.",
  {
    scopeName: required(1, string(), "What the condition is about: a scope such as Terminating or PriorityClass."),
    operator: required(
      2,
      string(),
      "How the scope relates to the values: In, NotIn, Exists or DoesNotExist. Only PriorityClass takes others than Exists.",
    ),
    values: optional(
      3,
      list(string(), { listType: "atomic" }),
      "The values for In and NotIn; must be empty for Exists and DoesNotExist.",
    ),
  },
);
export interface ScopedResourceSelectorRequirement extends Infer<typeof scopedResourceSelectorRequirement> {}

export const scopeSelector = atomic(
  object("io.k8s.api.core.v1.ScopeSelector", "Selects the objects that a quota counts.", {
    matchExpressions: optional(
      1,
      list(scopedResourceSelectorRequirement, { listType: "atomic" }),
      "The conditions, all of which must hold.",
    ),
  }),
);
export interface ScopeSelector extends Infer<typeof scopeSelector> {}

export const resourceQuotaSpec = object("io.k8s.api.core.v1.ResourceQuotaSpec", "How much a namespace may use.", {
  hard: optional(
    1,
    map(quantity()),
    "The most that there may be of each resource, by its name, such as requests.cpu, pods or count/jobs.batch.",
  ),
  scopes: optional(
    2,
    list(string(), { listType: "atomic" }),
    "What an object must be to count, such as Terminating or BestEffort; all objects count unless given. It cannot be changed.",
  ),
  scopeSelector: optional(3, scopeSelector, "As scopes, but with values. Both must select an object for it to count."),
});
export interface ResourceQuotaSpec extends Infer<typeof resourceQuotaSpec> {}

export const resourceQuotaStatus = object("io.k8s.api.core.v1.ResourceQuotaStatus", "How much a namespace uses.", {
  hard: optional(1, map(quantity()), "The limits that the use was measured against."),
  used: optional(2, map(quantity()), "How much there is of each resource."),
});
export interface ResourceQuotaStatus extends Infer<typeof resourceQuotaStatus> {}

export const resourceQuota = kubeObject(
  "io.k8s.api.core.v1.ResourceQuota",
  "Limits how much the objects of a namespace may use together.",
  {
    spec: present(2, resourceQuotaSpec, "How much the namespace may use."),
    status: present(3, resourceQuotaStatus, "How much the namespace uses. The server and a controller fill it in."),
  },
);
export interface ResourceQuota extends Infer<typeof resourceQuota> {}

/** The amounts of some resources: `pods: 1/4, requests.cpu: 500m/2`. */
function renderUse({ status: { hard = {}, used = {} } }: ResourceQuota, isShown: (name: string) => boolean): string {
  const names = Object.keys(hard).filter(isShown).sort();
  return names.map((name) => `${name}: ${used[name] ?? "0"}/${hard[name]}`).join(", ");
}

const isLimit = (name: string) => name.startsWith("limits.");

export const resourceQuotas: ResourceDefinition<ResourceQuota> = {
  group: "",
  version: "v1",
  kind: "ResourceQuota",
  plural: "resourcequotas",
  shortNames: ["quota"],
  scope: "Namespaced",
  schema: resourceQuota,
  subresources: ["status"],
  validate: validateResourceQuota,
  columns: [
    nameColumn,
    column("Request", { description: "What is used and allowed of each resource but limits." }, (quota) =>
      renderUse(quota, (name) => !isLimit(name)),
    ),
    column("Limit", { description: "What is used and allowed of limits." }, (quota) => renderUse(quota, isLimit)),
    ageColumn,
  ],
  prepare: (quota, old) => ({ ...quota, status: old?.status ?? {} }),
  prepareStatus: keepSpec,
};
