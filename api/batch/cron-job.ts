// CronJob: makes jobs at the times of a schedule, which cron-schedule.ts reads. Its rules are in validate-cron-job.ts.

import { jobSpec } from "./job.ts";
import { validateCronJob } from "./validate-cron-job.ts";
import { containerColumns, selectorColumn } from "../core/template-columns.ts";
import { objectReference } from "../core/reference.ts";
import { objectMeta } from "../meta/object-meta.ts";
import { kubeObject } from "../meta/object.ts";
import { withGeneration } from "../meta/generation.ts";
import { renderAge } from "../meta/human-duration.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpec } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  completed,
  int32,
  int64,
  list,
  object,
  oneOf,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const jobTemplateSpec = object("io.k8s.api.batch.v1.JobTemplateSpec", "What jobs are made from.", {
  metadata: optional(1, objectMeta, "The labels and annotations of the jobs."),
  spec: present(2, jobSpec, "What the jobs are to be. The server fills in their selectors."),
});
export interface JobTemplateSpec extends Infer<typeof jobTemplateSpec> {}

export const cronJobSpec = completed(
  object("io.k8s.api.batch.v1.CronJobSpec", "When jobs are made, what they are, and how many of them are kept.", {
    schedule: required(
      1,
      string(),
      "When jobs are made, as cron has it: minute, hour, day of the month, month, day of the week; or @hourly, @daily, @weekly, @monthly, @yearly.",
    ),
    startingDeadlineSeconds: optional(
      2,
      int64(),
      "How many seconds late a job may still be started; without limit unless given.",
    ),
    concurrencyPolicy: optional(
      3,
      oneOf("Allow", "Forbid", "Replace"),
      "If the last job still runs: Allow (the default) makes another, Forbid makes none, Replace makes another in its place.",
    ),
    suspend: optional(4, boolean(), "If true, no jobs are made; those that run go on. False unless given."),
    jobTemplate: presentRequired(5, jobTemplateSpec, "What the jobs are made from."),
    successfulJobsHistoryLimit: optional(6, int32(), "How many jobs that succeeded are kept; 3 unless given."),
    failedJobsHistoryLimit: optional(7, int32(), "How many jobs that failed are kept; 1 unless given."),
    timeZone: optional(
      8,
      string(),
      "The name of the schedule's time zone, such as Europe/Oslo; that of the controller unless given.",
    ),
  }),
  (draft) => {
    draft.concurrencyPolicy ||= "Allow";
    draft.suspend ??= false;
    draft.successfulJobsHistoryLimit ??= 3;
    draft.failedJobsHistoryLimit ??= 1;
  },
);
export interface CronJobSpec extends Infer<typeof cronJobSpec> {}

export const cronJobStatus = object("io.k8s.api.batch.v1.CronJobStatus", "What a cron job has made.", {
  active: optional(1, list(objectReference, { listType: "atomic" }), "The jobs that are running."),
  lastScheduleTime: optional(4, time(), "When a job was last made."),
  lastSuccessfulTime: optional(5, time(), "When a job last succeeded."),
});
export interface CronJobStatus extends Infer<typeof cronJobStatus> {}

export const cronJob = kubeObject("io.k8s.api.batch.v1.CronJob", "Makes jobs at the times of a schedule.", {
  spec: present(2, cronJobSpec, "What the cron job is to be."),
  status: present(3, cronJobStatus, "What it has made."),
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
  validate: validateCronJob,
  columns: [
    nameColumn,
    column("Schedule", { description: "When jobs are made." }, ({ spec }) => spec.schedule),
    column("Timezone", { description: "The time zone of the schedule." }, ({ spec }) => spec.timeZone ?? "<none>"),
    column("Suspend", { description: "Whether no jobs are made for now." }, ({ spec }) =>
      spec.suspend ? "True" : "False",
    ),
    column(
      "Active",
      { type: "integer", description: "How many of its jobs are running." },
      ({ status }) => status.active?.length ?? 0,
    ),
    column("Last Schedule", { description: "How long ago it made a job." }, ({ status }, nowMs) =>
      status.lastScheduleTime ? renderAge(status.lastScheduleTime, nowMs) : "<none>",
    ),
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate?.spec.template),
    selectorColumn<CronJob>(({ spec }) => spec.jobTemplate?.spec.selector),
  ],
  prepare: (cronJob, old) => withGeneration({ ...cronJob, status: old ? old.status : {} }, old, ({ spec }) => spec),
  prepareStatus: keepSpec,
};
