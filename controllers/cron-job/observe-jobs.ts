// What has become of a cron job's jobs: which are active, when one last succeeded, and which are too old to be kept. Pure.

import type { CronJob, CronJobStatus } from "../../api/batch/cron-job.ts";
import type { Job } from "../../api/batch/job.ts";
import { isConditionTrue } from "../../api/meta/condition-list.ts";

export interface Observation {
  readonly active: NonNullable<CronJobStatus["active"]>;
  readonly lastSuccessfulTime?: string;
  /** In the list of active jobs, but they have ended. */
  readonly ended: readonly Job[];
  /** They run, but are not in the list. */
  readonly unexpected: readonly Job[];
}

type JobReference = NonNullable<CronJobStatus["active"]>[number];

export const endOf = ({ status }: Job): "Complete" | "Failed" | undefined =>
  (["Complete", "Failed"] as const).find((type) => isConditionTrue(status.conditions, type));

/** `owned`: the jobs that the cron job controls. `missing`: active ones that are known to be gone. */
export function observeJobs({ status }: CronJob, owned: readonly Job[], missing: readonly JobReference[]): Observation {
  const known = new Set(status.active?.map(({ uid }) => uid));
  const ended = owned.filter((job) => endOf(job) && known.has(job.metadata.uid));
  const gone = new Set([...ended.map(({ metadata }) => metadata.uid), ...missing.map(({ uid }) => uid)]);
  const successes = owned
    .filter((job) => endOf(job) === "Complete")
    .map(({ status: { completionTime = "" } }) => completionTime);
  const lastSuccessfulTime = [status.lastSuccessfulTime ?? "", ...successes].sort().at(-1);
  return {
    active: (status.active ?? []).filter(({ uid }) => !gone.has(uid)),
    ...(lastSuccessfulTime && { lastSuccessfulTime }),
    ended,
    unexpected: owned.filter((job) => !endOf(job) && !known.has(job.metadata.uid)),
  };
}

/** The oldest of those that have ended, beyond what is kept of each outcome. */
export function outdatedJobs({ spec }: CronJob, owned: readonly Job[]): readonly Job[] {
  const beyond = (end: "Complete" | "Failed", limit: number | undefined) => {
    if (limit === undefined) return [];
    const ended = owned.filter((job) => endOf(job) === end && !job.metadata.deletionTimestamp).sort(byStart);
    return ended.slice(0, Math.max(ended.length - limit, 0));
  };
  return [...beyond("Complete", spec.successfulJobsHistoryLimit), ...beyond("Failed", spec.failedJobsHistoryLimit)];
}

function byStart(a: Job, b: Job): number {
  const [start, other] = [a, b].map(({ status }) => status.startTime ?? "9999");
  if (start !== other) return (start ?? "") < (other ?? "") ? -1 : 1;
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
