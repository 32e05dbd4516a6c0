// Which requests an admission webhook or policy is about. The rules of these rules are in validate-admission-rule.ts.

import { type Infer, completed, inlined, list, object, oneOf, optional, string } from "../schema/schema.ts";

const strings = list(string(), { listType: "atomic" });

export const rule = completed(
  object("io.k8s.api.admissionregistration.v1.Rule", "Selects resources: all fields must match.", {
    apiGroups: optional(1, strings, "The API groups, at least one; '*' alone means all."),
    apiVersions: optional(2, strings, "The versions, at least one; '*' alone means all."),
    resources: optional(
      3,
      strings,
      "The resources, at least one: pods, pods/log for a subresource, '*' for all resources, pods/* for all subresources, '*/scale', or '*/*' for all.",
    ),
    scope: optional(
      4,
      oneOf("Cluster", "Namespaced", "*"),
      "Cluster for resources outside of namespaces, Namespaced for those inside, '*' (the default) for both.",
    ),
  }),
  (draft) => {
    draft.scope ??= "*";
  },
);
export interface Rule extends Infer<typeof rule> {}

export const ruleWithOperations = completed(
  object(
    "io.k8s.api.admissionregistration.v1.RuleWithOperations",
    "Selects requests by what they do and by their resource.",
    {
      ...inlined(2, rule),
      operations: optional(
        1,
        list(oneOf("*", "CREATE", "UPDATE", "DELETE", "CONNECT"), { listType: "atomic" }),
        "What the requests do, at least one; '*' alone means all.",
      ),
    },
  ),
  (draft) => {
    draft.scope ??= "*";
  },
);
export interface RuleWithOperations extends Infer<typeof ruleWithOperations> {}
