// The job that a cron job makes for a run. Its name is made from the run's minute: a run never gets a second job. Pure.

import { cronJobs, type CronJob } from "../../api/batch/cron-job.ts";
import type { Job } from "../../api/batch/job.ts";
import type { NewObject } from "../../api/meta/object.ts";
import { ownerReferenceTo } from "../../api/meta/owner.ts";
import { zoneOf } from "./plan-run.ts";
import { formatTimeIn, utc } from "./time-zone.ts";

const SCHEDULED_TIMESTAMP = "batch.kubernetes.io/cronjob-scheduled-timestamp";

export const jobNameOf = ({ metadata }: CronJob, runMs: number): string =>
  `${metadata.name}-${Math.floor(runMs / 60_000)}`;

export function buildJob(cronJob: CronJob, runMs: number): NewObject<Job> {
  const { metadata, spec } = cronJob.spec.jobTemplate;
  const time = formatTimeIn(zoneOf(cronJob.spec) ?? utc, runMs);
  return {
    metadata: {
      name: jobNameOf(cronJob, runMs),
      namespace: cronJob.metadata.namespace,
      labels: metadata?.labels,
      annotations: { ...metadata?.annotations, [SCHEDULED_TIMESTAMP]: time },
      ownerReferences: [ownerReferenceTo(cronJob, cronJobs)],
    },
    spec,
  };
}
