// HEADER: say what PodDisruptionBudget is and what it must never do.

import { condition } from "../meta/condition.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
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

export const podDisruptionBudgetSpec = object("io.k8s.api.policy.v1.PodDisruptionBudgetSpec", "", {
  minAvailable: optional(1, intOrString(), ""),
  selector: merged("replace", optional(2, labelSelector, "")),
  maxUnavailable: optional(3, intOrString(), ""),
  unhealthyPodEvictionPolicy: optional(4, oneOf("IfHealthyBudget", "AlwaysAllow"), ""),
});
export interface PodDisruptionBudgetSpec extends Infer<typeof podDisruptionBudgetSpec> {}

export const podDisruptionBudgetStatus = object("io.k8s.api.policy.v1.PodDisruptionBudgetStatus", "", {
  observedGeneration: optional(1, int64(), ""),
  disruptedPods: optional(2, map(time()), ""),
  disruptionsAllowed: required(3, int32(), ""),
  currentHealthy: required(4, int32(), ""),
  desiredHealthy: required(5, int32(), ""),
  expectedPods: required(6, int32(), ""),
  conditions: optional(7, listMap(condition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
});
export interface PodDisruptionBudgetStatus extends Infer<typeof podDisruptionBudgetStatus> {}

export const podDisruptionBudget = kubeObject("io.k8s.api.policy.v1.PodDisruptionBudget", "", {
  spec: present(2, podDisruptionBudgetSpec, ""),
  status: present(3, podDisruptionBudgetStatus, ""),
});
export interface PodDisruptionBudget extends Infer<typeof podDisruptionBudget> {}

export const podDisruptionBudgets: ResourceDefinition<PodDisruptionBudget> = {
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  scope: "Namespaced",
  schema: podDisruptionBudget,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
