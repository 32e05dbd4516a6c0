// ReplicationController: the older way to keep a number of equal pods running. Its rules are in
// validate-replication-controller.ts.

import { podTemplateSpec } from "./pod-template.ts";
import { containerColumns } from "./template-columns.ts";
import { validateReplicationController } from "./validate-replication-controller.ts";
import { withGeneration } from "../meta/generation.ts";
import { kubeObject } from "../meta/object.ts";
import { renderLabels } from "../meta/labels.ts";
import { ageColumn, column, nameColumn, wideColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  completed,
  int32,
  int64,
  listMap,
  map,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const replicationControllerSpec = object(
  "io.k8s.api.core.v1.ReplicationControllerSpec",
  "How many pods there are to be, and from which template.",
  {
    replicas: optional(1, int32(), "How many pods are wanted; 1 unless given."),
    selector: optional(
      2,
      map(string(), { mapType: "atomic" }),
      "The labels of the pods that belong to the controller: the template's unless given. The template must have them.",
    ),
    template: optional(3, podTemplateSpec, "What missing pods are made from. Its restart policy can only be Always."),
    minReadySeconds: optional(
      4,
      int32(),
      "How many seconds a new pod must be ready, with no container failing, to count as available. 0 unless given.",
    ),
  },
);
export interface ReplicationControllerSpec extends Infer<typeof replicationControllerSpec> {}

export const replicationControllerCondition = object(
  "io.k8s.api.core.v1.ReplicationControllerCondition",
  "One aspect of a replication controller's state.",
  {
    type: required(1, string(), "The name of the aspect, such as ReplicaFailure."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    lastTransitionTime: optional(3, time(), "When the status last changed from one value to another."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
  },
);
export interface ReplicationControllerCondition extends Infer<typeof replicationControllerCondition> {}

export const replicationControllerStatus = object(
  "io.k8s.api.core.v1.ReplicationControllerStatus",
  "How many pods a replication controller has.",
  {
    replicas: required(1, int32(), "How many pods there are."),
    fullyLabeledReplicas: optional(2, int32(), "How many of them have all labels of the template."),
    observedGeneration: optional(3, int64(), "The generation that the controller has acted on."),
    readyReplicas: optional(4, int32(), "How many of them are ready."),
    availableReplicas: optional(5, int32(), "How many of them are available."),
    conditions: optional(
      6,
      listMap(replicationControllerCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
      "The conditions, such as ReplicaFailure.",
    ),
  },
);
export interface ReplicationControllerStatus extends Infer<typeof replicationControllerStatus> {}

const hasEntries = (map: object | undefined) => Object.keys(map ?? {}).length > 0;

export const replicationController = completed(
  kubeObject(
    "io.k8s.api.core.v1.ReplicationController",
    "Keeps a number of equal pods running. Deployments and replica sets have taken its place.",
    {
      spec: present(2, replicationControllerSpec, "What the replication controller is to be."),
      status: present(3, replicationControllerStatus, "How many pods it has. The controller fills it in."),
    },
  ),
  (draft) => {
    const { spec } = draft;
    spec.replicas ??= 1;
    const labels = spec.template?.metadata?.labels;
    if (!labels) return;
    if (!hasEntries(spec.selector)) spec.selector = { ...labels };
    if (hasEntries(draft.metadata?.labels)) return;
    draft.metadata = { ...draft.metadata, labels: { ...labels } };
  },
);
export interface ReplicationController extends Infer<typeof replicationController> {}

export const replicationControllers: ResourceDefinition<ReplicationController> = {
  group: "",
  version: "v1",
  kind: "ReplicationController",
  plural: "replicationcontrollers",
  shortNames: ["rc"],
  categories: ["all"],
  scope: "Namespaced",
  schema: replicationController,
  subresources: ["status", "scale"],
  storagePath: "controllers",
  validate: validateReplicationController,
  columns: [
    nameColumn,
    column("Desired", { type: "integer", description: "How many pods are wanted." }, ({ spec }) => spec.replicas ?? 0),
    column("Current", { type: "integer", description: "How many pods there are." }, ({ status }) => status.replicas),
    column(
      "Ready",
      { type: "integer", description: "How many pods are ready." },
      ({ status }) => status.readyReplicas ?? 0,
    ),
    ageColumn,
    ...containerColumns(({ spec }: ReplicationController) => spec.template),
    wideColumn("Selector", { description: "The labels that a pod must have to belong to the object." }, ({ spec }) =>
      renderLabels(spec.selector),
    ),
  ],
  selectableFields: ({ status }) => ({ "status.replicas": String(status.replicas) }),
  prepare: (controller, old) =>
    withGeneration({ ...controller, status: old ? old.status : { replicas: 0 } }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};
