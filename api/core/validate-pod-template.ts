// Rules for the templates from which controllers make pods that are kept running.

import type { PodTemplateSpec } from "./pod-template.ts";
import { validatePodSpec } from "./validate-pod-spec.ts";
import { when } from "../meta/field-checks.ts";
import type { LabelSelector } from "../meta/label-selector.ts";
import { matchesSelector, selectorOf } from "../meta/selector.ts";
import { validateLabelSelector, validateLabels } from "../meta/validate-labels.ts";
import { validateAnnotations } from "../meta/validate-metadata.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

interface WorkloadSpec {
  readonly selector?: LabelSelector;
  readonly template: PodTemplateSpec;
}

/** The kind as Kubernetes' messages name it. */
interface KindInMessages {
  readonly emptySelector: string;
  /** Whether no selector at all is nothing to speak of. */
  readonly mayMissSelector?: boolean;
  readonly kind: string;
}

const REPLICA_SET: KindInMessages = { emptySelector: "empty selector is invalid for deployment", kind: "ReplicaSet" };

/** The selector must find the template's pods, and only kinds that run to an end may let containers end. */
export function validateWorkload({ selector, template }: WorkloadSpec, words: KindInMessages = REPLICA_SET): Errors {
  return [
    ...validateSelection({ selector, template }, words),
    ...validatePodTemplate(template, "spec.template"),
    ...checkKeptRunning(template, "spec.template", words.kind),
  ];
}

export function validateSelection({ selector, template }: WorkloadSpec, words: Omit<KindInMessages, "kind">): Errors {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  const isMissing = !selector && !words.mayMissSelector;
  const isEmpty = selector && Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
  return [
    ...when(isMissing, requiredField("spec.selector")),
    ...validateLabelSelector(selector, "spec.selector"),
    ...when(isEmpty, invalidField("spec.selector", selector, words.emptySelector)),
    ...checkSelected(selector, template, "spec.template"),
  ];
}

/** Says nothing of a selector that is wrong in itself; one that is missing selects nothing. */
export function checkSelected(selector: LabelSelector | undefined, template: PodTemplateSpec, path: string): Errors {
  const labels = template.metadata?.labels;
  const misses = validateLabelSelector(selector, "").length === 0 && !matchesSelector(selectorOf(selector), labels);
  const problem = "`selector` does not match template `labels`";
  return when(misses, invalidField(`${path}.metadata.labels`, labels ?? null, problem));
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
