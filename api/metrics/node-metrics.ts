// NodeMetrics: what a node used lately. Served for `kubectl top` and autoscalers; measured, never written by clients.

import { kubeObject } from "../meta/object.ts";
import { column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { map, quantity, required, string, time, type Infer } from "../schema/schema.ts";

export const nodeMetrics = kubeObject(
  "io.k8s.metrics.pkg.apis.metrics.v1beta1.NodeMetrics",
  "What a node used in a recent stretch of time.",
  {
    timestamp: required(2, time(), "When the stretch ended."),
    window: required(3, string(), "How long the stretch was, such as 15s."),
    usage: required(4, map(quantity()), "How much of each resource was used: cpu in cores, memory in bytes."),
  },
);
export interface NodeMetrics extends Infer<typeof nodeMetrics> {}

export const nodeMetricsList: ResourceDefinition<NodeMetrics> = {
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "NodeMetrics",
  plural: "nodes",
  singular: "",
  scope: "Cluster",
  verbs: ["get", "list"],
  schema: nodeMetrics,
  storagePath: "metrics.k8s.io/nodes",
  columns: [
    nameColumn,
    column("cpu", { description: "The processor time used." }, ({ usage }) => usage?.cpu ?? ""),
    column("memory", { description: "The memory used." }, ({ usage }) => usage?.memory ?? ""),
    column("Window", { description: "How long the stretch was." }, ({ window }) => window ?? ""),
  ],
};
