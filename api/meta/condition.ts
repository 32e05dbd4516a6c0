// Condition: the form in which newer kinds report one aspect of their state. Older kinds have forms of their own.

import { type Infer, int64, object, oneOf, optional, required, string, time } from "../schema/schema.ts";

export const condition = object(
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition",
  "One aspect of an object's state, as its controller sees it now.",
  {
    type: required(1, string(), "The name of the aspect, in CamelCase or with a domain in front."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    observedGeneration: optional(3, int64(), "The generation of the object that the condition was judged by."),
    lastTransitionTime: required(4, time(), "When the status last changed from one value to another."),
    reason: required(5, string(), "Why it changed, in one CamelCase word for programs."),
    message: required(6, string(), "Why it changed, in words for people."),
  },
);
export interface Condition extends Infer<typeof condition> {}
