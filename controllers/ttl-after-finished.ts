// Deletes finished jobs some time after their end, where ttlSecondsAfterFinished asks for it.

import { jobs, type Job } from "../api/batch/job.ts";
import { findCondition } from "../api/meta/condition-list.ts";
import { keyOf } from "../api/meta/object.ts";
import { ignoreNotFound, isNotFound } from "../api/meta/status.ts";
import type { Client } from "../client/client.ts";
import type { Controller, ControllerDeps, Requeue } from "../client/controller.ts";

export const ttlAfterFinishedController: Controller<Job> = {
  name: "ttl-after-finished",
  for: jobs,
  build: (deps) => ({ reconcile: (job) => reconcile(job, deps) }),
};

async function reconcile(job: Job, { client, clock }: ControllerDeps): Promise<Requeue | void> {
  const dueMs = expiryMs(job);
  if (dueMs === undefined) return;
  const waitMs = dueMs - clock.now();
  if (waitMs > 0) return { afterMs: waitMs };
  // The cache may not show yet that somebody has changed their mind.
  const live = await readJob(client, job);
  if (!live || expiryMs(live) !== dueMs) return;
  const { uid, resourceVersion } = live.metadata;
  const options = { propagationPolicy: "Foreground" as const, preconditions: { uid, resourceVersion } };
  await client.delete(jobs, keyOf(live), options).catch(ignoreNotFound);
}

/** When the job is to be deleted, in milliseconds since 1970. */
export function expiryMs({ metadata, spec, status }: Job): number | undefined {
  const { ttlSecondsAfterFinished } = spec;
  if (ttlSecondsAfterFinished === undefined || metadata.deletionTimestamp) return undefined;
  const ends = ["Complete", "Failed"].map((type) => findCondition(status.conditions, type));
  const end = ends.find((each) => each?.status === "True")?.lastTransitionTime;
  return end ? Date.parse(end) + ttlSecondsAfterFinished * 1000 : undefined;
}

async function readJob(client: Client, job: Job): Promise<Job | undefined> {
  try {
    const live = await client.get(jobs, keyOf(job));
    return live.metadata.uid === job.metadata.uid ? live : undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
