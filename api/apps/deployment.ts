// Deployment: keeps equal pods running and rolls out new templates. Its rules are in validate-workload.ts.

import { warnOfOptions } from "./deployment-options.ts";
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
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const rollingUpdateDeployment = object(
  "io.k8s.api.apps.v1.RollingUpdateDeployment",
  "How large the steps of a rolling update are.",
  {
    maxUnavailable: optional(
      1,
      intOrString(),
      "How many pods may be missing, as a number or as a percentage (rounded down) of those wanted; 25% unless given. Not 0 if maxSurge is 0.",
    ),
    maxSurge: optional(
      2,
      intOrString(),
      "How many pods there may be too many, as a number or as a percentage (rounded up) of those wanted; 25% unless given. Not 0 if maxUnavailable is 0.",
    ),
  },
);
export interface RollingUpdateDeployment extends Infer<typeof rollingUpdateDeployment> {}

export const deploymentStrategy = completed(
  object("io.k8s.api.apps.v1.DeploymentStrategy", "How old pods are replaced by new ones.", {
    type: optional(
      1,
      oneOf("Recreate", "RollingUpdate"),
      "RollingUpdate (the default) replaces them step by step; Recreate removes all of them first.",
    ),
    rollingUpdate: optional(2, rollingUpdateDeployment, "How large the steps are. Only for RollingUpdate."),
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
  object(
    "io.k8s.api.apps.v1.DeploymentSpec",
    "How many pods there are to be, from which template, and how a new template is rolled out.",
    {
      replicas: optional(1, int32(), "How many pods are wanted; 1 unless given."),
      selector: required(
        2,
        labelSelector,
        "Selects the pods that belong to the deployment. It must match the template's labels and cannot be changed.",
      ),
      template: presentRequired(
        3,
        podTemplateSpec,
        "What the pods are made from. A change starts a rollout. Its restart policy can only be Always.",
      ),
      strategy: merged("retainKeys", present(4, deploymentStrategy, "How old pods are replaced by new ones.")),
      minReadySeconds: optional(
        5,
        int32(),
        "How many seconds a new pod must be ready, with no container failing, to count as available. 0 unless given.",
      ),
      revisionHistoryLimit: optional(6, int32(), "How many old replica sets are kept for going back; 10 unless given."),
      paused: optional(7, boolean(), "If true, changes of the template are not rolled out."),
      progressDeadlineSeconds: optional(
        9,
        int32(),
        "After how many seconds without progress a rollout is reported as failed; 600 unless given. Pauses do not count.",
      ),
    },
  ),
  (draft) => {
    draft.replicas ??= 1;
    draft.revisionHistoryLimit ??= 10;
    draft.progressDeadlineSeconds ??= 600;
  },
);
export interface DeploymentSpec extends Infer<typeof deploymentSpec> {}

export const deploymentCondition = object(
  "io.k8s.api.apps.v1.DeploymentCondition",
  "One aspect of a deployment's state.",
  {
    type: required(1, string(), "The name of the aspect, such as Available."),
    status: required(2, oneOf("True", "False", "Unknown"), "Whether the condition holds: True, False or Unknown."),
    reason: optional(4, string(), "Why it changed, in one CamelCase word."),
    message: optional(5, string(), "Why it changed, in words."),
    lastUpdateTime: optional(6, time(), "When it was last confirmed or changed."),
    lastTransitionTime: optional(7, time(), "When the status last changed from one value to another."),
  },
);
export interface DeploymentCondition extends Infer<typeof deploymentCondition> {}

export const deploymentStatus = object("io.k8s.api.apps.v1.DeploymentStatus", "How far a deployment has come.", {
  observedGeneration: optional(1, int64(), "The generation that the controller has acted on."),
  replicas: optional(2, int32(), "How many pods there are that are not being deleted."),
  updatedReplicas: optional(3, int32(), "How many of them have the current template."),
  availableReplicas: optional(4, int32(), "How many of them are available."),
  unavailableReplicas: optional(
    5,
    int32(),
    "How many are missing: pods that do not exist yet, or that are not available.",
  ),
  conditions: optional(
    6,
    listMap(deploymentCondition, ["type"], { mergeKey: "type", strategy: "merge" }),
    "The deployment's conditions: Available, Progressing, ReplicaFailure.",
  ),
  readyReplicas: optional(7, int32(), "How many of them are ready."),
  collisionCount: optional(
    8,
    int32(),
    "How often the name of a new replica set was taken; part of what names are made from.",
  ),
});
export interface DeploymentStatus extends Infer<typeof deploymentStatus> {}

export const deployment = kubeObject(
  "io.k8s.api.apps.v1.Deployment",
  "Keeps a number of equal pods running, and moves them to a new template step by step.",
  {
    spec: present(2, deploymentSpec, "What the deployment is to be."),
    status: present(3, deploymentStatus, "How far the deployment has come."),
  },
);
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
  warnings: warnOfOptions,
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
