// ComponentStatus: whether a part of the control plane is well. Nothing of the kind is stored: the server computes it when it
// is asked.

import { kubeObject } from "../meta/object.ts";
import { column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, listMap, object, oneOf, optional, required, string } from "../schema/schema.ts";

export const componentCondition = object(
  "io.k8s.api.core.v1.ComponentCondition",
  "One aspect of a component's state.",
  {
    type: required(1, string(), "The name of the aspect; there is only Healthy."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    message: optional(3, string(), "What the component said of itself."),
    error: optional(4, string(), "Why it could not be asked."),
  },
);
export interface ComponentCondition extends Infer<typeof componentCondition> {}

export const componentStatus = kubeObject(
  "io.k8s.api.core.v1.ComponentStatus",
  "Whether a part of the control plane is well. Deprecated: the health checks of each part say more.",
  {
    conditions: optional(
      2,
      listMap(componentCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The conditions, of which there is one.",
    ),
  },
);
export interface ComponentStatus extends Infer<typeof componentStatus> {}

const healthOf = ({ conditions = [] }: ComponentStatus) => conditions.find(({ type }) => type === "Healthy");

export const componentStatuses: ResourceDefinition<ComponentStatus> = {
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  shortNames: ["cs"],
  scope: "Cluster",
  schema: componentStatus,
  verbs: ["get", "list"],
  deprecation: "v1 ComponentStatus is deprecated in v1.19+",
  columns: [
    nameColumn,
    column("Status", { description: "Whether the component is well." }, (component) => {
      const healthy = healthOf(component);
      if (!healthy) return "Unknown";
      return healthy.status === "True" ? "Healthy" : "Unhealthy";
    }),
    column(
      "Message",
      { description: "What the component said of itself." },
      (component) => healthOf(component)?.message ?? "",
    ),
    column(
      "Error",
      { description: "Why the component could not be asked." },
      (component) => healthOf(component)?.error ?? "",
    ),
  ],
};
