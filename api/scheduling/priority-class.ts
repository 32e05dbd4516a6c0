// PriorityClass: a priority of pods, by name. Its rules are in validate-priority-class.ts; admission gives pods the number.

import { validatePriorityClass } from "./validate-priority-class.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, completed, int32, oneOf, optional, required, string } from "../schema/schema.ts";

export const priorityClass = completed(
  kubeObject("io.k8s.api.scheduling.v1.PriorityClass", "A priority of pods, by name.", {
    value: required(
      2,
      int32(),
      "The priority: pods with a higher one come first. Users' classes have 1000000000 at most. It cannot be changed.",
    ),
    globalDefault: optional(
      3,
      boolean(),
      "Whether pods that name no class have this priority. Only one class can be so; without one the priority is 0.",
    ),
    description: optional(4, string(), "What the class is for, for people."),
    preemptionPolicy: optional(
      5,
      oneOf("Never", "PreemptLowerPriority"),
      "Whether pods of the class may displace others: PreemptLowerPriority (the default) or Never. It cannot be changed.",
    ),
  }),
  (draft) => {
    draft.value ??= 0;
    draft.preemptionPolicy ??= "PreemptLowerPriority";
  },
);
export interface PriorityClass extends Infer<typeof priorityClass> {}

export const priorityClasses: ResourceDefinition<PriorityClass> = {
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  schema: priorityClass,
  validate: validatePriorityClass,
  columns: [
    nameColumn,
    column("Value", { type: "integer", description: "The priority." }, ({ value }) => value),
    column(
      "Global-Default",
      { type: "boolean", description: "Whether pods that name no class have this priority." },
      ({ globalDefault }) => globalDefault ?? false,
    ),
    ageColumn,
    column(
      "PreemptionPolicy",
      { description: "Whether pods of the class may displace others." },
      ({ preemptionPolicy }) => preemptionPolicy ?? "",
    ),
  ],
  prepare: (priorityClass, old) => (old ? priorityClass : withGeneration(priorityClass, undefined, () => undefined)),
};
