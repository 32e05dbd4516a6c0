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

/** The kind as Kubernetes' messages name it. */
interface KindInMessages {
  readonly emptySelector: string;
  readonly kind: string;
}

const REPLICA_SET: KindInMessages = { emptySelector: "empty selector is invalid for deployment", kind: "ReplicaSet" };

/** The selector must find the template's pods, and only kinds that run to an end may let containers end. */
export function validateWorkload({ selector, template }: WorkloadSpec, words: KindInMessages = REPLICA_SET): Errors {
  // What is missing altogether is the schema's to report.
  if (!selector || !template) return template ? validateKeptTemplate(template, words.kind) : [];
  return [...validateSelection({ selector, template }, words), ...validateKeptTemplate(template, words.kind)];
}

export function validateSelection(
  { selector, template }: WorkloadSpec,
  words: Pick<KindInMessages, "emptySelector">,
): Errors {
  const isEmpty = !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length;
  return [
    ...validateLabelSelector(selector, "spec.selector"),
    ...when(isEmpty, invalidField("spec.selector", selector, words.emptySelector)),
    ...checkSelected(selector, template, "spec.template"),
  ];
}

/** Says nothing of a selector that is wrong in itself. */
export function checkSelected(selector: LabelSelector, template: PodTemplateSpec, path: string): Errors {
  const labels = template.metadata?.labels ?? {};
  const misses = validateLabelSelector(selector, "").length === 0 && !matchesSelector(selectorOf(selector), labels);
  const problem = "`selector` does not match template `labels`";
  return when(misses, invalidField(`${path}.metadata.labels`, labels, problem));
}

function validateKeptTemplate(template: PodTemplateSpec, kind: string): Errors {
  return [...validatePodTemplate(template, "spec.template"), ...checkKeptRunning(template, "spec.template", kind)];
}

/** Rules for any template. */
export function validatePodTemplate({ metadata, spec }: PodTemplateSpec, path: string): Errors {
  return [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(spec, `${path}.spec`, { isTemplate: true }),
    ...when(
      spec.ephemeralContainers?.length,
      forbiddenField(`${path}.spec.ephemeralContainers`, "ephemeral containers not allowed in pod template"),
    ),
  ];
}

/** Pods of these kinds never end by themselves. */
export function checkKeptRunning({ spec }: PodTemplateSpec, path: string, kind: string): Errors {
  const { restartPolicy = "Always", activeDeadlineSeconds } = spec;
  const problem = `activeDeadlineSeconds in ${kind} is not Supported`;
  return [
    ...when(restartPolicy !== "Always", unsupportedField(`${path}.spec.restartPolicy`, restartPolicy, ["Always"])),
    ...when(activeDeadlineSeconds !== undefined, forbiddenField(`${path}.spec.activeDeadlineSeconds`, problem)),
  ];
}
