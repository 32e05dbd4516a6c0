// LabelSelector: the object form of a selector, as specs hold it. Parsing and matching are in selector.ts.

import { type Infer, atomic, list, map, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const labelSelectorRequirement = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement",
  "One condition on the labels of an object.",
  {
    key: required(1, string(), "The label that the condition is about."),
    operator: required(
      2,
      oneOf("In", "NotIn", "Exists", "DoesNotExist"),
      "How the label relates to the values: In, NotIn, Exists or DoesNotExist.",
    ),
    values: optional(
      3,
      list(string(), { listType: "atomic" }),
      "The values for In and NotIn; must be empty for Exists and DoesNotExist.",
    ),
  },
);
export interface LabelSelectorRequirement extends Infer<typeof labelSelectorRequirement> {}

export const labelSelector = atomic(
  object(
    "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector",
    "Selects objects by their labels. All conditions must hold; an empty selector selects everything, an absent one nothing.",
    {
      matchLabels: optional(1, map(string()), "Labels that an object must have with exactly these values."),
      matchExpressions: optional(
        2,
        list(labelSelectorRequirement, { listType: "atomic" }),
        "Conditions that an object's labels must meet.",
      ),
    },
  ),
);
export interface LabelSelector extends Infer<typeof labelSelector> {}
