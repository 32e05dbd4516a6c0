// Rules for replication controllers, from Kubernetes' validation.

import type { ReplicationController, ReplicationControllerStatus } from "./replication-controller.ts";
import { checkKeptRunning, validatePodTemplate } from "./validate-pod-template.ts";
import { checkNonNegative, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { matchesSelector, selectorOfLabels } from "../meta/selector.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateReplicationController(
  controller: ReplicationController,
  old?: ReplicationController,
): FieldError[] {
  const { spec, status } = controller;
  return [
    ...validateMetadata(controller, old, { name: subdomainProblems }),
    ...checkNonNegative("spec.minReadySeconds", spec.minReadySeconds),
    ...when(Object.keys(spec.selector ?? {}).length === 0, requiredField("spec.selector")),
    ...checkNonNegative("spec.replicas", spec.replicas),
    ...validateTemplate(controller),
    ...validateStatus(status),
  ];
}

function validateTemplate({ spec: { template, selector = {} } }: ReplicationController): Errors {
  const path = "spec.template";
  if (!template) return [requiredField(path)];
  const labels = template.metadata?.labels;
  const misses = !matchesSelector(selectorOfLabels(selector), labels);
  return [
    ...when(
      misses,
      invalidField(`${path}.metadata.labels`, labels ?? null, "`selector` does not match template `labels`"),
    ),
    ...validatePodTemplate(template, path),
    ...checkKeptRunning(template, path, "ReplicationController"),
  ];
}

const COUNTS = ["fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;

/** Parts are no more than the whole. */
function validateStatus(status: ReplicationControllerStatus): Errors {
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status;
  return [
    ...(["replicas", ...COUNTS, "observedGeneration"] as const).flatMap((name) =>
      checkNonNegative(`status.${name}`, status[name]),
    ),
    ...COUNTS.filter((name) => (status[name] ?? 0) > replicas).map((name) =>
      invalidField(`status.${name}`, status[name], "cannot be greater than status.replicas"),
    ),
    ...when(
      availableReplicas > readyReplicas,
      invalidField("status.availableReplicas", availableReplicas, "cannot be greater than readyReplicas"),
    ),
  ];
}
