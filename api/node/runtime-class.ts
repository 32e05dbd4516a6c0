// RuntimeClass: a way to run containers, which pods can choose. Its rules are in validate-runtime-class.ts; admission gives
// pods what follows from it.

import { validateRuntimeClass } from "./validate-runtime-class.ts";
import { toleration } from "../core/affinity.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, completed, list, map, object, optional, quantity, required, string } from "../schema/schema.ts";

export const overhead = object("io.k8s.api.node.v1.Overhead", "What running a pod takes besides its containers.", {
  podFixed: optional(1, map(quantity()), "How much every pod takes, by resource."),
});
export interface Overhead extends Infer<typeof overhead> {}

export const scheduling = object("io.k8s.api.node.v1.Scheduling", "Where pods of a runtime class can run.", {
  nodeSelector: optional(
    1,
    map(string(), { mapType: "atomic" }),
    "Labels of the nodes that have the runtime. They are added to those of the pod, which is refused if they contradict each other.",
  ),
  tolerations: optional(
    2,
    list(toleration, { listType: "atomic" }),
    "Tolerations that pods of the class are given in addition to their own.",
  ),
});
export interface Scheduling extends Infer<typeof scheduling> {}

export const runtimeClass = completed(
  kubeObject(
    "io.k8s.api.node.v1.RuntimeClass",
    "A way to run containers, such as in a virtual machine, which pods can choose.",
    {
      handler: required(2, string(), "What the node's container runtime calls it. It cannot be changed."),
      overhead: optional(3, overhead, "What running a pod takes besides its containers."),
      scheduling: optional(4, scheduling, "Where pods of the class can run; on all nodes unless given."),
    },
  ),
  (draft) => {
    draft.handler ??= "";
  },
);
export interface RuntimeClass extends Infer<typeof runtimeClass> {}

export const runtimeClasses: ResourceDefinition<RuntimeClass> = {
  group: "node.k8s.io",
  version: "v1",
  kind: "RuntimeClass",
  plural: "runtimeclasses",
  scope: "Cluster",
  schema: runtimeClass,
  validate: validateRuntimeClass,
  columns: [
    nameColumn,
    column("Handler", { description: "What the container runtime calls it." }, ({ handler }) => handler),
    ageColumn,
  ],
};
