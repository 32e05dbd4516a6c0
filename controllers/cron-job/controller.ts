// Makes jobs at the times of a schedule, and keeps a few of those that have ended.

import { cronJobs, type CronJob, type CronJobStatus } from "../../api/batch/cron-job.ts";
import { jobs, type Job } from "../../api/batch/job.ts";
import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { isControlledBy } from "../../api/meta/owner.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import { ignoreNotFound, isAlreadyExists, isNotFound } from "../../api/meta/status.ts";
import { apiVersionOf } from "../../api/resource.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Informer } from "../../client/informer.ts";
import { formatTime } from "../../lib/clock.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { OwnWrites } from "../own-writes.ts";
import { BY_CONTROLLER, ownershipIndexers } from "../ownership-index.ts";
import { buildJob, jobNameOf } from "./build-job.ts";
import { endOf, observeJobs, outdatedJobs } from "./observe-jobs.ts";
import { planRun } from "./plan-run.ts";

export const cronJobController: Controller<CronJob> = {
  name: "cronjob",
  for: cronJobs,
  owns: [jobs],
  build: (deps) => new CronJobReconciler(deps),
};

type Active = NonNullable<CronJobStatus["active"]>;

class CronJobReconciler implements Reconciler<CronJob> {
  readonly #deps: ControllerDeps;
  readonly #jobs: Informer<Job>;
  readonly #ownWrites: OwnWrites<Job>;
  /** By namespace and name, as the server last answered: the cache may still show an older version. */
  readonly #written = new Map<string, CronJob>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#jobs = deps.informer(jobs, ownershipIndexers);
    this.#ownWrites = new OwnWrites(this.#jobs, deps.clock);
  }

  async reconcile(cached: CronJob): Promise<Requeue | void> {
    const stored = this.#latest(cached);
    const observed = await this.#observe(stored);
    if (stored.metadata.deletionTimestamp) return this.#write(stored, observed.status);
    const plan = planRun(observed, this.#deps.clock.now());
    if (plan.warning)
      this.#deps.events.record({ object: stored }, "Warning", plan.warning.reason, plan.warning.message);
    const started = plan.runMs === undefined ? observed : await this.#start(observed, plan.runMs, stored);
    await this.#write(stored, started.status);
    // Only after the status tells of the newest run: a job that is deleted says nothing about its run any more.
    for (const job of outdatedJobs(started, this.#owned(started))) await this.#delete(started, job);
    return plan.waitMs === undefined ? undefined : { afterMs: plan.waitMs };
  }

  forget(key: ObjectKey): void {
    this.#written.delete(formatKey(key));
  }

  #latest(cached: CronJob): CronJob {
    const key = formatKey(keyOf(cached));
    const written = this.#written.get(key);
    if (written?.metadata.uid === cached.metadata.uid && versionOf(written) > versionOf(cached)) return written;
    this.#written.delete(key);
    return cached;
  }

  #owned({ metadata }: CronJob): readonly Job[] {
    return this.#ownWrites.effective(metadata.uid, this.#jobs.byIndex(BY_CONTROLLER, metadata.uid));
  }

  /** The cron job with a status that tells what has become of its jobs. */
  async #observe(cronJob: CronJob): Promise<CronJob> {
    const owned = this.#owned(cronJob);
    const missing = await this.#missing(cronJob, owned);
    const { active, lastSuccessfulTime, ended, unexpected } = observeJobs(cronJob, owned, missing);
    for (const { name } of missing) {
      this.#deps.events.record({ object: cronJob }, "Normal", "MissingJob", `Active job went missing: ${name}`);
    }
    for (const job of ended) {
      const message = `Saw completed job: ${job.metadata.name}, condition: ${endOf(job)}`;
      this.#deps.events.record({ object: cronJob }, "Normal", "SawCompletedJob", message);
    }
    for (const { metadata } of unexpected) {
      const message = `Saw a job that the controller did not create or forgot: ${metadata.name}`;
      this.#deps.events.record({ object: cronJob }, "Warning", "UnexpectedJob", message);
    }
    return { ...cronJob, status: { ...cronJob.status, active, ...(lastSuccessfulTime && { lastSuccessfulTime }) } };
  }

  /** Asks the server about those that the cache does not show. */
  async #missing({ status, metadata }: CronJob, owned: readonly Job[]): Promise<Active> {
    const known = new Set(owned.map((job) => job.metadata.uid));
    const missing: Active[number][] = [];
    for (const reference of status.active ?? []) {
      if (known.has(reference.uid ?? "")) continue;
      const job = await this.#read({ namespace: metadata.namespace, name: reference.name ?? "" });
      if (job?.metadata.uid !== reference.uid) missing.push(reference);
    }
    return missing;
  }

  async #read(key: ObjectKey): Promise<Job | undefined> {
    try {
      return await this.#deps.client.get(jobs, key);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Makes the run's job, unless it may not or is there. Resolves with the cron job as it is then. */
  async #start(cronJob: CronJob, runMs: number, stored: CronJob): Promise<CronJob> {
    const { active = [] } = cronJob.status;
    const name = jobNameOf(cronJob, runMs);
    if (active.some((reference) => reference.name === name)) return cronJob;
    if (cronJob.spec.concurrencyPolicy === "Forbid" && active.length > 0) {
      const message = "Not starting job because prior execution is running and concurrency policy is Forbid";
      this.#deps.events.record({ object: cronJob }, "Normal", "JobAlreadyActive", message);
      return cronJob;
    }
    const left = cronJob.spec.concurrencyPolicy === "Replace" ? await this.#replace(cronJob) : cronJob;
    const job = await this.#create(left, runMs);
    if (!job) return left;
    const reference = { ...referenceTo(job), resourceVersion: job.metadata.resourceVersion };
    const lastScheduleTime = formatTime(runMs);
    const isActive = !endOf(job) && isControlledBy(job, stored);
    const activeThen = [...(left.status.active ?? []), ...(isActive ? [reference] : [])];
    return { ...left, status: { ...left.status, active: activeThen, lastScheduleTime } };
  }

  /** The run's job, be it new or from before a crash; undefined where the namespace is being deleted. */
  async #create(cronJob: CronJob, runMs: number): Promise<Job | undefined> {
    const { client } = this.#deps;
    const object = buildJob(cronJob, runMs);
    try {
      const job = await this.#ownWrites.create(cronJob.metadata.uid, () => client.create(jobs, object));
      this.#deps.events.record({ object: cronJob }, "Normal", "SuccessfulCreate", `Created job ${job.metadata.name}`);
      return job;
    } catch (error) {
      if (isNamespaceTerminating(error)) return undefined;
      if (isAlreadyExists(error)) return client.get(jobs, { ...keyOf(cronJob), name: object.metadata.name ?? "" });
      this.#deps.events.record(
        { object: cronJob },
        "Warning",
        "FailedCreate",
        `Error creating job: ${errorMessage(error)}`,
      );
      throw error;
    }
  }

  async #replace(cronJob: CronJob): Promise<CronJob> {
    for (const { name = "" } of cronJob.status.active ?? []) {
      const job = await this.#read({ namespace: cronJob.metadata.namespace, name });
      if (job) await this.#delete(cronJob, job);
    }
    return { ...cronJob, status: { ...cronJob.status, active: [] } };
  }

  async #delete(cronJob: CronJob, job: Job): Promise<void> {
    const options = { propagationPolicy: "Background" as const, preconditions: { uid: job.metadata.uid } };
    try {
      await this.#deps.client.delete(jobs, keyOf(job), options).catch(ignoreNotFound);
    } catch (error) {
      this.#deps.events.record({ object: cronJob }, "Warning", "FailedDelete", `Deleted job: ${errorMessage(error)}`);
      throw error;
    }
    this.#ownWrites.deleted(job);
    this.#deps.events.record({ object: cronJob }, "Normal", "SuccessfulDelete", `Deleted job ${job.metadata.name}`);
  }

  async #write(stored: CronJob, status: CronJobStatus): Promise<void> {
    if (semanticEqual(stored.status, status)) return;
    const next = { ...stored, status };
    const written = await this.#deps.client.update(cronJobs, next, { subresource: "status" });
    this.#written.set(formatKey(keyOf(stored)), written);
  }
}

const versionOf = ({ metadata }: CronJob): number => Number(metadata.resourceVersion);

function referenceTo({ metadata }: Job): Active[number] {
  const { name, namespace, uid } = metadata;
  return { apiVersion: apiVersionOf(jobs), kind: jobs.kind, name, namespace, uid };
}
