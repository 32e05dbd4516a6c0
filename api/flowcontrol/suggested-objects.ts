// The flow schemas and priority levels that every cluster begins with, and that administrators may change: the components of
// the cluster before its workloads, and service accounts before everybody else.

import type { FlowSchemaSpec, Subject } from "./flow-schema.ts";
import { EVERYBODY, everythingBy, flow, groups, type NamedSpec } from "./mandatory-objects.ts";
import type { PriorityLevelConfigurationSpec, QueuingConfiguration } from "./priority-level-configuration.ts";

const users = (...names: string[]): readonly Subject[] =>
  names.map((name): Subject => ({ kind: "User", user: { name } }));
const systemAccounts = (...names: string[]): readonly Subject[] =>
  names.map((name): Subject => ({ kind: "ServiceAccount", serviceAccount: { name, namespace: "kube-system" } }));

const LEADER_ELECTION_VERBS = ["get", "create", "update"];
const leases = {
  verbs: LEADER_ELECTION_VERBS,
  apiGroups: ["coordination.k8s.io"],
  resources: ["leases"],
  namespaces: ["*"],
};

export const suggestedFlowSchemas: readonly NamedSpec<FlowSchemaSpec>[] = [
  flow("system-nodes", {
    priorityLevelConfiguration: { name: "system" },
    matchingPrecedence: 500,
    by: "ByUser",
    rules: everythingBy(groups("system:nodes")),
  }),
  flow("system-node-high", {
    priorityLevelConfiguration: { name: "node-high" },
    matchingPrecedence: 400,
    by: "ByUser",
    rules: [
      {
        subjects: groups("system:nodes"),
        resourceRules: [
          {
            verbs: ["*"],
            apiGroups: [""],
            resources: ["nodes", "nodes/status"],
            namespaces: ["*"],
            clusterScope: true,
          },
          { verbs: ["*"], apiGroups: ["coordination.k8s.io"], resources: ["leases"], namespaces: ["*"] },
        ],
      },
    ],
  }),
  flow("probes", {
    priorityLevelConfiguration: { name: "exempt" },
    matchingPrecedence: 2,
    rules: [
      {
        subjects: EVERYBODY,
        nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }],
      },
    ],
  }),
  flow("system-leader-election", {
    priorityLevelConfiguration: { name: "leader-election" },
    matchingPrecedence: 100,
    by: "ByUser",
    rules: [
      {
        subjects: [...users("system:kube-controller-manager", "system:kube-scheduler"), ...systemAccounts("*")],
        resourceRules: [leases],
      },
    ],
  }),
  // Writes of endpoints look like leader election, and come often.
  flow("endpoint-controller", {
    priorityLevelConfiguration: { name: "workload-high" },
    matchingPrecedence: 150,
    by: "ByUser",
    rules: [
      {
        subjects: [
          ...users("system:kube-controller-manager"),
          ...systemAccounts("endpoint-controller", "endpointslicemirroring-controller"),
        ],
        resourceRules: [{ verbs: LEADER_ELECTION_VERBS, apiGroups: [""], resources: ["endpoints"], namespaces: ["*"] }],
      },
    ],
  }),
  flow("workload-leader-election", {
    priorityLevelConfiguration: { name: "leader-election" },
    matchingPrecedence: 200,
    by: "ByUser",
    rules: [
      {
        subjects: systemAccounts("*"),
        resourceRules: [
          {
            verbs: LEADER_ELECTION_VERBS,
            apiGroups: [""],
            resources: ["endpoints", "configmaps"],
            namespaces: ["*"],
          },
          leases,
        ],
      },
    ],
  }),
  flow("kube-controller-manager", {
    priorityLevelConfiguration: { name: "workload-high" },
    matchingPrecedence: 800,
    by: "ByNamespace",
    rules: everythingBy(users("system:kube-controller-manager")),
  }),
  flow("kube-scheduler", {
    priorityLevelConfiguration: { name: "workload-high" },
    matchingPrecedence: 800,
    by: "ByNamespace",
    rules: everythingBy(users("system:kube-scheduler")),
  }),
  flow("kube-system-service-accounts", {
    priorityLevelConfiguration: { name: "workload-high" },
    matchingPrecedence: 900,
    by: "ByNamespace",
    rules: everythingBy(systemAccounts("*")),
  }),
  flow("service-accounts", {
    priorityLevelConfiguration: { name: "workload-low" },
    matchingPrecedence: 9000,
    by: "ByUser",
    rules: everythingBy(groups("system:serviceaccounts")),
  }),
  flow("global-default", {
    priorityLevelConfiguration: { name: "global-default" },
    matchingPrecedence: 9900,
    by: "ByUser",
    rules: everythingBy(EVERYBODY),
  }),
];

interface Limits {
  readonly shares: number;
  readonly lendablePercent: number;
  readonly queuing: QueuingConfiguration;
}

const limited = (
  name: string,
  { shares, lendablePercent, queuing }: Limits,
): NamedSpec<PriorityLevelConfigurationSpec> => ({
  metadata: { name },
  spec: {
    type: "Limited",
    limited: { nominalConcurrencyShares: shares, lendablePercent, limitResponse: { type: "Queue", queuing } },
  },
});

const queues = (count: number, handSize: number): QueuingConfiguration => ({
  queues: count,
  handSize,
  queueLengthLimit: 50,
});

export const suggestedPriorityLevels: readonly NamedSpec<PriorityLevelConfigurationSpec>[] = [
  limited("system", { shares: 30, lendablePercent: 33, queuing: queues(64, 6) }),
  limited("node-high", { shares: 40, lendablePercent: 25, queuing: queues(64, 6) }),
  limited("leader-election", { shares: 10, lendablePercent: 0, queuing: queues(16, 4) }),
  limited("workload-high", { shares: 40, lendablePercent: 50, queuing: queues(128, 6) }),
  limited("workload-low", { shares: 100, lendablePercent: 90, queuing: queues(128, 6) }),
  limited("global-default", { shares: 20, lendablePercent: 50, queuing: queues(128, 6) }),
];
