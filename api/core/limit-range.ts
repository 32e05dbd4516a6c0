// HEADER: say what LimitRange is and what it must never do.

import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, list, map, object, oneOf, optional, present, quantity, required } from "../schema/schema.ts";

export const limitRangeItem = object("io.k8s.api.core.v1.LimitRangeItem", "", {
  type: required(1, oneOf("Pod", "Container", "PersistentVolumeClaim"), ""),
  max: optional(2, map(quantity()), ""),
  min: optional(3, map(quantity()), ""),
  default: optional(4, map(quantity()), ""),
  defaultRequest: optional(5, map(quantity()), ""),
  maxLimitRequestRatio: optional(6, map(quantity()), ""),
});
export interface LimitRangeItem extends Infer<typeof limitRangeItem> {}

export const limitRangeSpec = object("io.k8s.api.core.v1.LimitRangeSpec", "", {
  limits: required(1, list(limitRangeItem, { listType: "atomic" }), ""),
});
export interface LimitRangeSpec extends Infer<typeof limitRangeSpec> {}

export const limitRange = kubeObject("io.k8s.api.core.v1.LimitRange", "", {
  spec: present(2, limitRangeSpec, ""),
});
export interface LimitRange extends Infer<typeof limitRange> {}

export const limitRanges: ResourceDefinition<LimitRange> = {
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  scope: "Namespaced",
  schema: limitRange,
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
