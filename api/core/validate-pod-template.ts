// Rules for the templates from which controllers make pods that are kept running.

import type { PodTemplateSpec } from "./pod-template.ts";
import { validatePodSpec } from "./validate-pod-spec.ts";
import { when } from "../meta/field-checks.ts";
import type { LabelSelector } from "../meta/label-selector.ts";
import { matchesSelector, selectorOf } from "../meta/selector.ts";
import { validateLabelSelector, validateLabels } from "../meta/validate-labels.ts";
import { validateAnnotations } from "../meta/validate-metadata.ts";
import { forbiddenField, invalidField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

interface WorkloadSpec {
  readonly selector: LabelSelector;
  readonly template: PodTemplateSpec;
}

/** The selector must find the template's pods, and only kinds that run to an end may let containers end. */
export function validateWorkload({ selector, template }: WorkloadSpec): Errors {
  // What is missing altogether is the schema's to report.
  if (!selector || !template) return template ? validateTemplate(template, "spec.template") : [];
  const badSelector = validateLabelSelector(selector, "spec.selector");
  const isEmpty = !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;
  const labels = template.metadata?.labels ?? {};
  const misses = badSelector.length === 0 && !isEmpty && !matchesSelector(selectorOf(selector), labels);
  return [
    ...badSelector,
    ...when(isEmpty, invalidField("spec.selector", selector, "empty selector is invalid for deployment")),
    ...when(
      misses,
      invalidField("spec.template.metadata.labels", labels, "`selector` does not match template `labels`"),
    ),
    ...validateTemplate(template, "spec.template"),
  ];
}

function validateTemplate({ metadata, spec }: PodTemplateSpec, path: string): Errors {
  const { restartPolicy = "Always", activeDeadlineSeconds, ephemeralContainers } = spec;
  return [
    ...validateLabels(metadata?.labels, `${path}.metadata.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.metadata.annotations`),
    ...validatePodSpec(spec, `${path}.spec`, { isTemplate: true }),
    ...when(
      ephemeralContainers?.length,
      forbiddenField(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template"),
    ),
    ...when(restartPolicy !== "Always", unsupportedField(`${path}.spec.restartPolicy`, restartPolicy, ["Always"])),
    ...when(
      activeDeadlineSeconds !== undefined,
      forbiddenField(`${path}.spec.activeDeadlineSeconds`, "activeDeadlineSeconds in ReplicaSet is not Supported"),
    ),
  ];
}
