// PodMetrics: what the containers of a pod used lately. Served for `kubectl top` and autoscalers; measured, never written by
// clients.

import { kubeObject } from "../meta/object.ts";
import { addQuantities, parseQuantity, renderQuantity } from "../meta/quantity.ts";
import { column, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { list, map, object, quantity, required, string, time, type Infer } from "../schema/schema.ts";

export const containerMetrics = object(
  "io.k8s.metrics.pkg.apis.metrics.v1beta1.ContainerMetrics",
  "What a container used in a recent stretch of time.",
  {
    name: required(1, string(), "The container's name in the pod."),
    usage: required(2, map(quantity()), "How much of each resource was used: cpu in cores, memory in bytes."),
  },
);
export interface ContainerMetrics extends Infer<typeof containerMetrics> {}

export const podMetrics = kubeObject(
  "io.k8s.metrics.pkg.apis.metrics.v1beta1.PodMetrics",
  "What the containers of a pod used in a recent stretch of time.",
  {
    timestamp: required(2, time(), "When the stretch ended."),
    window: required(3, string(), "How long the stretch was, such as 15s."),
    containers: required(4, list(containerMetrics), "What each container used."),
  },
);
export interface PodMetrics extends Infer<typeof podMetrics> {}

function totalOf({ containers = [] }: PodMetrics, resource: string): string {
  const used = containers.flatMap(({ usage }) => usage?.[resource] ?? []).map(parseQuantity);
  return used.length > 0 ? renderQuantity(used.reduce(addQuantities)) : "";
}

export const podMetricsList: ResourceDefinition<PodMetrics> = {
  group: "metrics.k8s.io",
  version: "v1beta1",
  kind: "PodMetrics",
  plural: "pods",
  singular: "",
  scope: "Namespaced",
  verbs: ["get", "list"],
  schema: podMetrics,
  storagePath: "metrics.k8s.io/pods",
  columns: [
    nameColumn,
    column("cpu", { description: "The processor time used." }, (metrics) => totalOf(metrics, "cpu")),
    column("memory", { description: "The memory used." }, (metrics) => totalOf(metrics, "memory")),
    column("Window", { description: "How long the stretch was." }, ({ window }) => window ?? ""),
  ],
};
