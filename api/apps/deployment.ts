// HEADER

import { validateDeployment } from "./validate-workload.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { templateColumns } from "../core/template-columns.ts";
import { withGeneration } from "../meta/generation.ts";
import { definedFields } from "../meta/defined-fields.ts";
import { keepSpec } from "../meta/status-write.ts";
import { podTemplateSpec } from "../core/pod-template.ts";
import { labelSelector } from "../meta/label-selector.ts";
import { kubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  completed,
  int32,
  int64,
  intOrString,
  listMap,
  merged,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const rollingUpdateDeployment = object("io.k8s.api.apps.v1.RollingUpdateDeployment", "", {
  maxUnavailable: optional(1, intOrString(), ""),
  maxSurge: optional(2, intOrString(), ""),
});
export interface RollingUpdateDeployment extends Infer<typeof rollingUpdateDeployment> {}

export const deploymentStrategy = completed(
  object("io.k8s.api.apps.v1.DeploymentStrategy", "", {
    type: optional(1, oneOf("Recreate", "RollingUpdate"), ""),
    rollingUpdate: optional(2, rollingUpdateDeployment, ""),
  }),
  (draft) => {
    draft.type ||= "RollingUpdate";
    if (draft.type !== "RollingUpdate") return;
    draft.rollingUpdate ??= {};
    draft.rollingUpdate.maxUnavailable ??= "25%";
    draft.rollingUpdate.maxSurge ??= "25%";
  },
);
export interface DeploymentStrategy extends Infer<typeof deploymentStrategy> {}

export const deploymentSpec = completed(
  object("io.k8s.api.apps.v1.DeploymentSpec", "", {
    replicas: optional(1, int32(), ""),
    selector: required(2, labelSelector, ""),
    template: required(3, podTemplateSpec, ""),
    strategy: merged("retainKeys", present(4, deploymentStrategy, "")),
    minReadySeconds: optional(5, int32(), ""),
    revisionHistoryLimit: optional(6, int32(), ""),
    paused: optional(7, boolean(), ""),
    progressDeadlineSeconds: optional(9, int32(), ""),
  }),
  (draft) => {
    draft.replicas ??= 1;
    draft.revisionHistoryLimit ??= 10;
    draft.progressDeadlineSeconds ??= 600;
  },
);
export interface DeploymentSpec extends Infer<typeof deploymentSpec> {}

export const deploymentCondition = object("io.k8s.api.apps.v1.DeploymentCondition", "", {
  type: required(1, string(), ""),
  status: required(2, oneOf("True", "False", "Unknown"), ""),
  reason: optional(4, string(), ""),
  message: optional(5, string(), ""),
  lastUpdateTime: optional(6, time(), ""),
  lastTransitionTime: optional(7, time(), ""),
});
export interface DeploymentCondition extends Infer<typeof deploymentCondition> {}

export const deploymentStatus = object("io.k8s.api.apps.v1.DeploymentStatus", "", {
  observedGeneration: optional(1, int64(), ""),
  replicas: optional(2, int32(), ""),
  updatedReplicas: optional(3, int32(), ""),
  availableReplicas: optional(4, int32(), ""),
  unavailableReplicas: optional(5, int32(), ""),
  conditions: optional(6, listMap(deploymentCondition, ["type"], { mergeKey: "type", strategy: "merge" }), ""),
  readyReplicas: optional(7, int32(), ""),
  collisionCount: optional(8, int32(), ""),
});
export interface DeploymentStatus extends Infer<typeof deploymentStatus> {}

export const deployment = kubeObject("io.k8s.api.apps.v1.Deployment", "", {
  spec: present(2, deploymentSpec, ""),
  status: present(3, deploymentStatus, ""),
});
export interface Deployment extends Infer<typeof deployment> {}

/** Annotations count as wishes too: the deployment's history keeps them, so the controller has to act on a change. */
function prepareDeployment(deployment: Deployment, old?: Deployment): Deployment {
  const status = old ? old.status : {};
  return withGeneration({ ...deployment, status }, old, ({ spec, metadata }) => [spec, metadata.annotations]);
}

export const deployments: ResourceDefinition<Deployment> = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  scope: "Namespaced",
  schema: deployment,
  validate: validateDeployment,
  subresources: ["status", "scale"],
  columns: [
    nameColumn,
    column(
      "Ready",
      { description: "How many pods are ready, of how many wanted." },
      ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    column(
      "Up-to-date",
      { description: "How many pods have the newest template." },
      ({ status }) => status.updatedReplicas ?? 0,
    ),
    column(
      "Available",
      { description: "How many pods have been ready for at least minReadySeconds." },
      ({ status }) => status.availableReplicas ?? 0,
    ),
    ageColumn,
    ...templateColumns,
  ],
  prepare: prepareDeployment,
  prepareStatus: (deployment, old) => {
    const kept = keepSpec(deployment, old);
    return { ...kept, metadata: definedFields({ ...kept.metadata, labels: old.metadata.labels }) };
  },
};
