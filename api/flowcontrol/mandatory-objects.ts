// The flow schemas and priority levels that every cluster has and that nobody may change: requests of administrators are
// never held up, and requests that nothing else is for are still served somewhere.

import type { FlowSchemaSpec, Subject } from "./flow-schema.ts";
import type { PriorityLevelConfigurationSpec } from "./priority-level-configuration.ts";

export interface NamedSpec<S> {
  readonly metadata: { readonly name: string };
  readonly spec: S;
}

export const groups = (...names: string[]): readonly Subject[] =>
  names.map((name): Subject => ({ kind: "Group", group: { name } }));

export const EVERYBODY = groups("system:unauthenticated", "system:authenticated");

type Flow = Omit<FlowSchemaSpec, "distinguisherMethod"> & {
  readonly by?: "ByUser" | "ByNamespace";
};

export const flow = (name: string, { by, ...spec }: Flow): NamedSpec<FlowSchemaSpec> => ({
  metadata: { name },
  spec: { ...spec, ...(by && { distinguisherMethod: { type: by } }) },
});

/** Everything that the subjects do. */
export const everythingBy = (subjects: readonly Subject[]): FlowSchemaSpec["rules"] => [
  {
    subjects,
    resourceRules: [{ verbs: ["*"], apiGroups: ["*"], resources: ["*"], namespaces: ["*"], clusterScope: true }],
    nonResourceRules: [{ verbs: ["*"], nonResourceURLs: ["*"] }],
  },
];

export const mandatoryFlowSchemas: readonly NamedSpec<FlowSchemaSpec>[] = [
  flow("exempt", {
    priorityLevelConfiguration: { name: "exempt" },
    matchingPrecedence: 1,
    rules: everythingBy(groups("system:masters")),
  }),
  flow("catch-all", {
    priorityLevelConfiguration: { name: "catch-all" },
    matchingPrecedence: 10_000,
    by: "ByUser",
    rules: everythingBy(EVERYBODY),
  }),
];

export const mandatoryPriorityLevels: readonly NamedSpec<PriorityLevelConfigurationSpec>[] = [
  {
    metadata: { name: "exempt" },
    spec: { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } },
  },
  {
    metadata: { name: "catch-all" },
    spec: {
      type: "Limited",
      limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: "Reject" } },
    },
  },
];
