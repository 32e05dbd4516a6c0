// What of a job may change, from Kubernetes' validation of the batch group: little, but where its pods may run for as long
// as it is suspended and has never started.

import type { Job, JobSpec } from "./job.ts";
import type { PodTemplateSpec } from "../core/pod-template.ts";
import { checkUnchanged, when } from "../meta/field-checks.ts";
import { invalidField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const FIXED = ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"] as const;

export function validateJobChange({ spec }: Job, old: Job): Errors {
  const mayMove = old.spec.suspend === true && old.status.startTime === undefined;
  const template = mayMove ? withPlacementOf(old.spec.template, spec.template) : old.spec.template;
  return [
    ...validateCompletions(spec, old.spec),
    ...checkUnchanged("spec.selector", spec.selector, old.spec.selector),
    ...checkUnchanged("spec.template", spec.template, template),
    ...FIXED.flatMap((name) => checkUnchanged(`spec.${name}`, spec[name], old.spec[name])),
  ];
}

/** Indexed jobs grow and shrink, by as many pods as completions. */
function validateCompletions({ completionMode, completions, parallelism }: JobSpec, old: JobSpec): Errors {
  if (completionMode !== "Indexed") return checkUnchanged("spec.completions", completions, old.completions);
  if (completions === old.completions || completions === undefined) return [];
  const problem = "can only be modified in tandem with spec.parallelism";
  return when(completions !== parallelism, invalidField("spec.completions", completions, problem));
}

/** The old template with everything of the new one that says where pods run. */
function withPlacementOf(old: PodTemplateSpec, next: PodTemplateSpec): PodTemplateSpec {
  const { nodeSelector, tolerations, schedulingGates } = next.spec;
  return {
    ...old,
    metadata: { ...old.metadata, annotations: next.metadata?.annotations, labels: next.metadata?.labels },
    spec: { ...old.spec, affinity: mergeAffinity(old, next), nodeSelector, tolerations, schedulingGates },
  };
}

/** Affinity to nodes is the new one's, that to other pods stays; what is left without any is none. */
function mergeAffinity({ spec: old }: PodTemplateSpec, { spec: next }: PodTemplateSpec): typeof old.affinity {
  if (!old.affinity && !next.affinity) return undefined;
  const merged = { ...old.affinity, nodeAffinity: next.affinity?.nodeAffinity };
  const isEmpty = Object.values(merged).every((part) => part === undefined);
  return isEmpty && !next.affinity ? undefined : merged;
}
