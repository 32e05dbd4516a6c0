// The jobs and cron jobs that `kctl create` makes from flags, and the job that it makes by hand for a cron job. They are
// kubectl's. Pure; throws CommandError for flags that make no sense.

import type { AnyObject } from "../any-object.ts";
import { CommandError } from "../command-error.ts";

interface PodChoice {
  readonly image: string;
  readonly command: readonly string[];
  readonly restartPolicy: string;
}

const newMetadata = (fields: object) => ({ creationTimestamp: null as unknown as string, ...fields });

const podTemplate = (name: string, { image, command, restartPolicy }: PodChoice) => ({
  metadata: newMetadata({}),
  spec: {
    containers: [{ ...(command.length > 0 && { command }), image, name, resources: {} }],
    restartPolicy,
  },
});

export const buildJob = (name: string, pod: Pick<PodChoice, "image" | "command">): AnyObject => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: newMetadata({ name }),
  spec: { template: podTemplate(name, { ...pod, restartPolicy: "Never" }) },
  status: {},
});

export interface CronJobChoice extends PodChoice {
  readonly schedule: string;
}

export const buildCronJob = (name: string, { schedule, ...pod }: CronJobChoice): AnyObject => ({
  apiVersion: "batch/v1",
  kind: "CronJob",
  metadata: newMetadata({ name }),
  spec: { jobTemplate: { metadata: newMetadata({ name }), spec: { template: podTemplate(name, pod) } }, schedule },
  status: {},
});

interface JobTemplate {
  readonly metadata?: { readonly labels?: object; readonly annotations?: object };
  readonly spec?: object;
}

/** A run of the cron job beside those of its schedule. */
export function buildJobFrom(cronJob: AnyObject, name: string): AnyObject {
  if (cronJob.kind !== "CronJob")
    throw new CommandError(`--from: a job is made from a cronjob, not from a ${cronJob.kind}`);
  const { jobTemplate = {} } = cronJob.spec as { readonly jobTemplate?: JobTemplate };
  const { labels, annotations } = jobTemplate.metadata ?? {};
  const { name: owner = "", uid = "" } = cronJob.metadata;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: newMetadata({
      name,
      annotations: { "cronjob.kubernetes.io/instantiate": "manual", ...annotations },
      ...(labels && { labels }),
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: owner, uid, controller: true }],
    }),
    spec: jobTemplate.spec ?? {},
    status: {},
  };
}
