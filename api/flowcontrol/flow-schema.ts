// FlowSchema: sorts requests to the API server into flows. Its rules are in validate-flow-schema.ts; nothing is limited yet.

import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpecAndMetadata } from "../meta/status-write.ts";
import { validateFlowSchema } from "./validate-flow-schema.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  completed,
  int32,
  list,
  listMap,
  object,
  optional,
  present,
  required,
  set,
  string,
  time,
} from "../schema/schema.ts";

// What a client leaves out of required fields reaches the rules of the kind as Go has it, so that they say what is missing.

export const priorityLevelConfigurationReference = completed(
  object("io.k8s.api.flowcontrol.v1.PriorityLevelConfigurationReference", "Names a priority level.", {
    name: required(1, string(), "The name of the priority level."),
  }),
  (draft) => {
    draft.name ??= "";
  },
);
export interface PriorityLevelConfigurationReference extends Infer<typeof priorityLevelConfigurationReference> {}

export const flowDistinguisherMethod = completed(
  object(
    "io.k8s.api.flowcontrol.v1.FlowDistinguisherMethod",
    "How the requests of a schema are told apart into flows.",
    {
      type: required(1, string(), "ByUser: one flow for each user; ByNamespace: one for each namespace."),
    },
  ),
  (draft) => {
    draft.type ??= "";
  },
);
export interface FlowDistinguisherMethod extends Infer<typeof flowDistinguisherMethod> {}

export const userSubject = completed(
  object("io.k8s.api.flowcontrol.v1.UserSubject", "Selects requests by their user.", {
    name: required(1, string(), "The name of the user; '*' means all."),
  }),
  (draft) => {
    draft.name ??= "";
  },
);
export interface UserSubject extends Infer<typeof userSubject> {}

export const groupSubject = completed(
  object("io.k8s.api.flowcontrol.v1.GroupSubject", "Selects requests by a group of their user.", {
    name: required(1, string(), "The name of the group; '*' means all."),
  }),
  (draft) => {
    draft.name ??= "";
  },
);
export interface GroupSubject extends Infer<typeof groupSubject> {}

export const serviceAccountSubject = completed(
  object("io.k8s.api.flowcontrol.v1.ServiceAccountSubject", "Selects requests by their service account.", {
    namespace: required(1, string(), "The namespace of the service account."),
    name: required(2, string(), "The name of the service account; '*' means all of the namespace."),
  }),
  (draft) => {
    draft.namespace ??= "";
    draft.name ??= "";
  },
);
export interface ServiceAccountSubject extends Infer<typeof serviceAccountSubject> {}

export const subject = completed(
  object(
    "io.k8s.api.flowcontrol.v1.Subject",
    "Selects requests by who makes them. The field for its kind is required, the others must be absent.",
    {
      kind: required(1, string(), "What is selected by: User, Group or ServiceAccount."),
      user: optional(2, userSubject, "The user, for the kind User."),
      group: optional(3, groupSubject, "The group, for the kind Group."),
      serviceAccount: optional(4, serviceAccountSubject, "The service account, for the kind ServiceAccount."),
    },
  ),
  (draft) => {
    draft.kind ??= "";
  },
);
export interface Subject extends Infer<typeof subject> {}

export const resourcePolicyRule = completed(
  object(
    "io.k8s.api.flowcontrol.v1.ResourcePolicyRule",
    "Selects requests for resources: verb, group, resource and namespace must all match.",
    {
      verbs: required(1, set(string()), "The verbs, at least one; '*' alone means all."),
      apiGroups: required(2, set(string()), "The API groups, at least one; '*' alone means all."),
      resources: required(
        3,
        set(string()),
        "The resources, at least one, with the subresource after a slash; '*' alone means all.",
      ),
      clusterScope: optional(
        4,
        boolean(),
        "Whether requests that name no namespace are selected: those for resources of the cluster and across all namespaces. False unless given.",
      ),
      namespaces: optional(
        5,
        set(string()),
        "The namespaces; '*' alone means all. May be empty only with clusterScope.",
      ),
    },
  ),
  (draft) => {
    draft.verbs ??= [];
    draft.apiGroups ??= [];
    draft.resources ??= [];
  },
);
export interface ResourcePolicyRule extends Infer<typeof resourcePolicyRule> {}

export const nonResourcePolicyRule = completed(
  object(
    "io.k8s.api.flowcontrol.v1.NonResourcePolicyRule",
    "Selects requests for URLs that are no resources: verb and URL must match.",
    {
      verbs: required(1, set(string()), "The verbs, at least one; '*' alone means all."),
      nonResourceURLs: required(
        6,
        set(string()),
        "The paths, at least one, such as /healthz or /apis/*; '*' alone means all.",
      ),
    },
  ),
  (draft) => {
    draft.verbs ??= [];
    draft.nonResourceURLs ??= [];
  },
);
export interface NonResourcePolicyRule extends Infer<typeof nonResourcePolicyRule> {}

export const policyRulesWithSubjects = completed(
  object(
    "io.k8s.api.flowcontrol.v1.PolicyRulesWithSubjects",
    "Selects requests by who makes them and what they want. A subject and a rule of either list must match.",
    {
      subjects: required(1, list(subject, { listType: "atomic" }), "Who makes the requests, at least one."),
      resourceRules: optional(
        2,
        list(resourcePolicyRule, { listType: "atomic" }),
        "Requests for resources. One of the two lists of rules must not be empty.",
      ),
      nonResourceRules: optional(3, list(nonResourcePolicyRule, { listType: "atomic" }), "Requests for other URLs."),
    },
  ),
  (draft) => {
    draft.subjects ??= [];
  },
);
export interface PolicyRulesWithSubjects extends Infer<typeof policyRulesWithSubjects> {}

export const flowSchemaSpec = completed(
  object("io.k8s.api.flowcontrol.v1.FlowSchemaSpec", "Which requests a schema is for, and how they are treated.", {
    priorityLevelConfiguration: {
      ...required(1, priorityLevelConfigurationReference, "The priority level that the requests are served at."),
      default: {},
    },
    matchingPrecedence: optional(
      2,
      int32(),
      "Of the schemas that match a request the one with the smallest number counts. 1 to 10000; 1000 unless given.",
    ),
    distinguisherMethod: optional(
      3,
      flowDistinguisherMethod,
      "How the requests are told apart into flows. Absent, they are one flow.",
    ),
    rules: optional(
      4,
      list(policyRulesWithSubjects, { listType: "atomic" }),
      "Which requests are meant: those that any of the rules selects. Without rules, none.",
    ),
  }),
  (draft) => {
    draft.matchingPrecedence ||= 1000;
  },
);
export interface FlowSchemaSpec extends Infer<typeof flowSchemaSpec> {}

export const flowSchemaCondition = object(
  "io.k8s.api.flowcontrol.v1.FlowSchemaCondition",
  "One aspect of a flow schema's state.",
  {
    type: optional(1, string(), "The name of the aspect, such as Dangling."),
    status: optional(2, string(), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface FlowSchemaCondition extends Infer<typeof flowSchemaCondition> {}

export const flowSchemaStatus = object("io.k8s.api.flowcontrol.v1.FlowSchemaStatus", "The state of a flow schema.", {
  conditions: optional(
    1,
    listMap(flowSchemaCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The flow schema's conditions.",
  ),
});
export interface FlowSchemaStatus extends Infer<typeof flowSchemaStatus> {}

export const flowSchema = kubeObject(
  "io.k8s.api.flowcontrol.v1.FlowSchema",
  "Sorts requests to the API server into flows, and says at what priority level they are served.",
  {
    spec: present(2, flowSchemaSpec, "Which requests, and at what level."),
    status: present(3, flowSchemaStatus, "The state of the flow schema."),
  },
);
export interface FlowSchema extends Infer<typeof flowSchema> {}

export const flowSchemas: ResourceDefinition<FlowSchema> = {
  group: "flowcontrol.apiserver.k8s.io",
  version: "v1",
  kind: "FlowSchema",
  plural: "flowschemas",
  scope: "Cluster",
  schema: flowSchema,
  subresources: ["status"],
  validate: validateFlowSchema,
  columns: [
    nameColumn,
    column("PriorityLevel", { description: "The priority level." }, ({ spec }) => spec.priorityLevelConfiguration.name),
    column(
      "MatchingPrecedence",
      { description: "Of the schemas that match the smallest counts.", type: "integer" },
      ({ spec }) => spec.matchingPrecedence ?? 0,
    ),
    column(
      "DistinguisherMethod",
      { description: "How requests are told apart into flows." },
      ({ spec }) => spec.distinguisherMethod?.type ?? "<none>",
    ),
    ageColumn,
    column(
      "MissingPL",
      { description: "Whether the priority level does not exist." },
      ({ status }) => findCondition(status.conditions, "Dangling")?.status ?? "?",
    ),
  ],
  prepare: (flowSchema, old) =>
    withGeneration({ ...flowSchema, status: old ? old.status : {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpecAndMetadata,
};

/** Conditions of this kind may lack their type and status. */
const findCondition = (conditions: readonly FlowSchemaCondition[] | undefined, type: string) =>
  conditions?.find((each) => each.type === type);
