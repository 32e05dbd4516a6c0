// PodDisruptionBudget: how many pods must stay when pods are evicted. Its rules are in validate-pod-disruption-budget.ts.

import { validatePodDisruptionBudget } from "./validate-pod-disruption-budget.ts";
import { condition } from "../meta/condition.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  int32,
  int64,
  intOrString,
  listMap,
  map,
  merged,
  object,
  oneOf,
  optional,
  present,
  required,
  time,
} from "../schema/schema.ts";

export const podDisruptionBudgetSpec = object(
  "io.k8s.api.policy.v1.PodDisruptionBudgetSpec",
  "Which pods are counted, and how many of them must stay.",
  {
    minAvailable: optional(
      1,
      intOrString(),
      "How many pods must be healthy after an eviction, as a number or as a percentage (rounded up) of all. Not together with maxUnavailable.",
    ),
    selector: merged(
      "replace",
      optional(
        2,
        labelSelector,
        "Selects the pods; an empty selector selects all of the namespace, an absent one none.",
      ),
    ),
    maxUnavailable: optional(
      3,
      intOrString(),
      "How many pods may be missing or unhealthy after an eviction, as a number or as a percentage (rounded up) of those wanted. Not together with minAvailable.",
    ),
    unhealthyPodEvictionPolicy: optional(
      4,
      oneOf("IfHealthyBudget", "AlwaysAllow"),
      "When pods that run but are not ready may be evicted: IfHealthyBudget (the default) only if enough others are healthy, AlwaysAllow always.",
    ),
  },
);
export interface PodDisruptionBudgetSpec extends Infer<typeof podDisruptionBudgetSpec> {}

export const podDisruptionBudgetStatus = object(
  "io.k8s.api.policy.v1.PodDisruptionBudgetStatus",
  "How many pods there are, and how many of them may be evicted.",
  {
    observedGeneration: optional(1, int64(), "The generation that the controller has acted on."),
    disruptedPods: optional(
      2,
      map(time()),
      "Pods whose eviction has been allowed but not been seen yet, with the time of it.",
    ),
    disruptionsAllowed: required(3, int32(), "How many pods may be evicted now."),
    currentHealthy: required(4, int32(), "How many of the pods are healthy."),
    desiredHealthy: required(5, int32(), "How many of the pods must be healthy."),
    expectedPods: required(6, int32(), "How many pods are counted."),
    conditions: optional(
      7,
      listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The budget's conditions: DisruptionAllowed.",
    ),
  },
);
export interface PodDisruptionBudgetStatus extends Infer<typeof podDisruptionBudgetStatus> {}

export const podDisruptionBudget = kubeObject(
  "io.k8s.api.policy.v1.PodDisruptionBudget",
  "Keeps evictions from taking too many pods of an application at a time.",
  {
    spec: present(2, podDisruptionBudgetSpec, "What the budget is to keep."),
    status: present(3, podDisruptionBudgetStatus, "How things stand. It may be a little behind."),
  },
);
export interface PodDisruptionBudget extends Infer<typeof podDisruptionBudget> {}

const NOTHING_YET = { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };

export const podDisruptionBudgets: ResourceDefinition<PodDisruptionBudget> = {
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  scope: "Namespaced",
  schema: podDisruptionBudget,
  subresources: ["status"],
  validate: validatePodDisruptionBudget,
  columns: [
    nameColumn,
    column("Min Available", { description: "How many pods must stay." }, ({ spec }) =>
      String(spec.minAvailable ?? "N/A"),
    ),
    column("Max Unavailable", { description: "How many pods may be missing." }, ({ spec }) =>
      String(spec.maxUnavailable ?? "N/A"),
    ),
    column(
      "Allowed Disruptions",
      { type: "integer", description: "How many pods may be evicted now." },
      ({ status }) => status.disruptionsAllowed,
    ),
    ageColumn,
  ],
  prepare: (budget, old) =>
    withGeneration({ ...budget, status: old ? old.status : NOTHING_YET }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};
