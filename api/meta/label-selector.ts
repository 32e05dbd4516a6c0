// HEADER

import { type Infer, atomic, list, map, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const labelSelectorRequirement = object("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement", "", {
  key: required(1, string(), ""),
  operator: required(2, oneOf("In", "NotIn", "Exists", "DoesNotExist"), ""),
  values: optional(3, list(string(), { listType: "atomic" }), ""),
});
export interface LabelSelectorRequirement extends Infer<typeof labelSelectorRequirement> {}

export const labelSelector = atomic(
  object("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector", "", {
    matchLabels: optional(1, map(string()), ""),
    matchExpressions: optional(2, list(labelSelectorRequirement, { listType: "atomic" }), ""),
  }),
);
export interface LabelSelector extends Infer<typeof labelSelector> {}
