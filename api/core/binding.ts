// Binding: ties a pod to a node. It is posted to place a pod and never stored.

import { objectReference } from "./reference.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, presentRequired } from "../schema/schema.ts";

export const binding = kubeObject(
  "io.k8s.api.core.v1.Binding",
  "Ties a pod to a node. Creating one is how schedulers place pods.",
  {
    target: presentRequired(2, objectReference, "The node."),
  },
);
export interface Binding extends Infer<typeof binding> {}

/** The older way to post one: `bindings`, with the pod's name in the body. */
export const bindings: ResourceDefinition<Binding> = {
  group: "",
  version: "v1",
  kind: "Binding",
  plural: "bindings",
  scope: "Namespaced",
  schema: binding,
  verbs: ["create"],
  columns: [],
};
