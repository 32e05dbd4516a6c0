// Takes the jobs' finalizer from pods that no job counts any more: their job is gone, has finished, or has set them free.
// Without this, such pods could never be removed.

import { jobs, type Job } from "../../api/batch/job.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { keyOf } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { isNotFound } from "../../api/meta/status.ts";
import type { Controller, ControllerDeps } from "../../client/controller.ts";
import { BY_CONTROLLER, ownershipIndexers } from "../ownership-index.ts";
import { isJobFinished } from "./job-conditions.ts";
import { releasePod } from "./job-pods.ts";
import { isManagedElsewhere } from "./managed-by.ts";
import { isTracked } from "./pod-facts.ts";

export const jobOrphanPodsController: Controller<Pod> = {
  name: "job-orphan-pods",
  for: pods,
  watches: [
    {
      resource: jobs,
      map: ({ type, object }, deps) =>
        type === "deleted"
          ? deps.informer(pods, ownershipIndexers).byIndex(BY_CONTROLLER, object.metadata.uid).map(keyOf)
          : [],
    },
  ],
  build: (deps) => {
    deps.informer(pods, ownershipIndexers);
    return {
      reconcile: async (pod) => {
        if (isTracked(pod) && (await isOrphan(pod, deps))) await releasePod(deps, pod);
      },
    };
  },
};

async function isOrphan(pod: Pod, deps: ControllerDeps): Promise<boolean> {
  const owner = controllerOf(pod);
  if (owner?.kind !== jobs.kind || !owner.apiVersion.startsWith(`${jobs.group}/`)) return true;
  const key = { namespace: pod.metadata.namespace, name: owner.name };
  const cached = deps.informer(jobs).get(key);
  if (cached?.metadata.uid === owner.uid && !isJobFinished(cached)) return false;
  // The cache of jobs may lag behind that of pods.
  const job = await findJob(deps, key);
  if (job?.metadata.uid !== owner.uid) return true;
  return isJobFinished(job) && !isManagedElsewhere(job);
}

async function findJob({ client }: ControllerDeps, key: ReturnType<typeof keyOf>): Promise<Job | undefined> {
  try {
    return await client.get(jobs, key);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
