// HEADER: say what CronJob is and what it must never do.

import { jobSpec } from "./job.ts";
import { objectReference } from "../core/reference.ts";
import { objectMeta } from "../meta/object-meta.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  int32,
  int64,
  list,
  object,
  oneOf,
  optional,
  present,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const jobTemplateSpec = object("io.k8s.api.batch.v1.JobTemplateSpec", "", {
  metadata: optional(1, objectMeta, ""),
  spec: optional(2, jobSpec, ""),
});
export interface JobTemplateSpec extends Infer<typeof jobTemplateSpec> {}

export const cronJobSpec = object("io.k8s.api.batch.v1.CronJobSpec", "", {
  schedule: required(1, string(), ""),
  startingDeadlineSeconds: optional(2, int64(), ""),
  concurrencyPolicy: optional(3, oneOf("Allow", "Forbid", "Replace"), ""),
  suspend: optional(4, boolean(), ""),
  jobTemplate: required(5, jobTemplateSpec, ""),
  successfulJobsHistoryLimit: optional(6, int32(), ""),
  failedJobsHistoryLimit: optional(7, int32(), ""),
  timeZone: optional(8, string(), ""),
});
export interface CronJobSpec extends Infer<typeof cronJobSpec> {}

export const cronJobStatus = object("io.k8s.api.batch.v1.CronJobStatus", "", {
  active: optional(1, list(objectReference, { listType: "atomic" }), ""),
  lastScheduleTime: optional(4, time(), ""),
  lastSuccessfulTime: optional(5, time(), ""),
});
export interface CronJobStatus extends Infer<typeof cronJobStatus> {}

export const cronJob = kubeObject("io.k8s.api.batch.v1.CronJob", "", {
  spec: present(2, cronJobSpec, ""),
  status: present(3, cronJobStatus, ""),
});
export interface CronJob extends Infer<typeof cronJob> {}

export const cronJobs: ResourceDefinition<CronJob> = {
  group: "batch",
  version: "v1",
  kind: "CronJob",
  plural: "cronjobs",
  shortNames: ["cj"],
  categories: ["all"],
  scope: "Namespaced",
  schema: cronJob,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
