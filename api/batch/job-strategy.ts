// What the server decides when jobs are written: the selector and the labels by which a job's pods are its own.

import type { Job } from "./job.ts";
import { withGeneration } from "../meta/generation.ts";

export const JOB_NAME_LABEL = "batch.kubernetes.io/job-name";
export const CONTROLLER_UID_LABEL = "batch.kubernetes.io/controller-uid";
/** The same labels from before they had a prefix. */
export const LEGACY_JOB_NAME_LABEL = "job-name";
export const LEGACY_CONTROLLER_UID_LABEL = "controller-uid";

export function prepareJob(job: Job, old?: Job): Job {
  if (old) return withGeneration({ ...job, status: old.status }, old, ({ spec }) => spec);
  const own = withTemplateLabels(job.spec.manualSelector ? job : withGeneratedSelector(job));
  return withGeneration({ ...own, status: {} }, undefined, ({ spec }) => spec);
}

/** The default for labels that are missing, once more: the template has just got some. */
function withTemplateLabels(job: Job): Job {
  const { metadata, spec } = job;
  const labels = spec.template?.metadata?.labels;
  const isBare = Object.keys(metadata.labels ?? {}).length === 0;
  return labels && isBare ? { ...job, metadata: { ...metadata, labels } } : job;
}

/** Labels that are there already stay: validation reports those that would make the pods another's. */
function withGeneratedSelector(job: Job): Job {
  const { metadata, spec } = job;
  const { name, uid } = metadata;
  if (!spec.template) return job;
  const labels = {
    [LEGACY_JOB_NAME_LABEL]: name,
    [JOB_NAME_LABEL]: name,
    [LEGACY_CONTROLLER_UID_LABEL]: uid,
    [CONTROLLER_UID_LABEL]: uid,
    ...spec.template.metadata?.labels,
  };
  return {
    ...job,
    spec: {
      ...spec,
      selector: { ...spec.selector, matchLabels: { [CONTROLLER_UID_LABEL]: uid, ...spec.selector?.matchLabels } },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}
