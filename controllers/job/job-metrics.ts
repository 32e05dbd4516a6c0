// What kube-controller-manager's metrics tell about jobs, under its names and labels. Pods and indexes are counted by what is
// written into the status of their job, so each is counted once.

import type { Job, JobStatus } from "../../api/batch/job.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Change } from "../../client/informer.ts";
import type { Metrics } from "../../lib/metrics.ts";
import { meaningOf } from "./failure-policy.ts";
import { IndexSet } from "./index-set.ts";
import type { JobEnd } from "./job-conditions.ts";
import { isTerminating, type JobView } from "./job-view.ts";
import { isManagedElsewhere } from "./managed-by.ts";
import { hasFailed, isIndexed, isTracked } from "./pod-facts.ts";

/** What one look at a job led to. `reconciling`: nothing was decided about pods. */
export type SyncAction = "reconciling" | "tracking" | "pods_created" | "pods_deleted";

interface Counter {
  add(labels: Readonly<Record<string, string>>, value?: number): void;
}

export class JobMetrics {
  readonly #syncs: Counter;
  readonly #syncSeconds: { observe(value: number, labels: Readonly<Record<string, string>>): void };
  readonly #jobs: Counter;
  readonly #pods: Counter;
  readonly #indexes: Counter;
  readonly #handled: Counter;
  readonly #created: Counter;
  readonly #tracked: Counter;
  readonly #elsewhere: Counter;

  constructor(metrics: Metrics) {
    const counter = (name: string, help: string, labels: readonly string[]) =>
      metrics.counter({ name: `job_controller_${name}`, help, labels });
    const sync = ["completion_mode", "result", "action"];
    this.#syncs = counter("job_syncs_total", "Looks at jobs, by what they led to.", sync);
    this.#syncSeconds = metrics.histogram({
      name: "job_controller_job_sync_duration_seconds",
      help: "Time that a look at a job takes.",
      labels: sync,
      buckets: Array.from({ length: 15 }, (_, index) => 0.004 * 2 ** index),
    });
    this.#jobs = counter("jobs_finished_total", "Jobs that have ended.", ["completion_mode", "result", "reason"]);
    this.#pods = counter("job_pods_finished_total", "Ended pods that have been counted.", [
      "completion_mode",
      "result",
    ]);
    this.#indexes = counter("job_finished_indexes_total", "Indexes that have ended.", ["status", "backoffLimit"]);
    this.#handled = counter(
      "pod_failures_handled_by_failure_policy_total",
      "Failed pods to which a rule of podFailurePolicy applied, by its action.",
      ["action"],
    );
    this.#created = counter("job_pods_creation_total", "Pods created for jobs, or not, and why.", ["reason", "status"]);
    this.#tracked = counter(
      "terminated_pods_tracking_finalizer_total",
      "Ended pods that were seen with the finalizer of jobs for the first time (add), or no longer (delete).",
      ["event"],
    );
    this.#elsewhere = counter("jobs_by_external_controller_total", "Jobs seen that others look after.", [
      "controller_name",
    ]);
  }

  synced(job: Job, sync: { readonly action: SyncAction; readonly hasFailed: boolean; readonly seconds: number }): void {
    const labels = { completion_mode: modeOf(job), result: sync.hasFailed ? "error" : "success", action: sync.action };
    this.#syncs.add(labels);
    this.#syncSeconds.observe(sync.seconds, labels);
  }

  podsCreated(view: JobView, counts: { readonly succeeded: number; readonly failed: number }): void {
    const reason = creationReason(view);
    for (const status of ["succeeded", "failed"] as const) {
      if (counts[status] > 0) this.#created.add({ reason, status }, counts[status]);
    }
  }

  /** The status of the job was `before`, and is now as the job has it. */
  counted(job: Job, before: JobStatus): void {
    const { status } = job;
    const completion_mode = modeOf(job);
    const add = (result: string, value: number) => {
      if (value > 0) this.#pods.add({ completion_mode, result }, value);
    };
    add("failed", (status.failed ?? 0) - (before.failed ?? 0));
    if (!isIndexed(job)) return add("succeeded", (status.succeeded ?? 0) - (before.succeeded ?? 0));
    const size = (text: string | undefined) => IndexSet.parse(text, job.spec.completions ?? 0).size;
    const succeeded = size(status.completedIndexes) - size(before.completedIndexes);
    const failed = size(status.failedIndexes) - size(before.failedIndexes);
    const backoffLimit = job.spec.backoffLimitPerIndex === undefined ? "global" : "perIndex";
    add("succeeded", succeeded);
    if (succeeded > 0) this.#indexes.add({ status: "succeeded", backoffLimit }, succeeded);
    if (failed > 0) this.#indexes.add({ status: "failed", backoffLimit }, failed);
  }

  /** These pods of the job are counted, or passed over, for the first time. */
  failuresHandled(job: Job, ended: readonly Pod[]): void {
    const { failed = [] } = job.status.uncountedTerminatedPods ?? {};
    for (const pod of ended.filter((each) => hasFailed(each, job) && !failed.includes(each.metadata.uid))) {
      const { action, isByRule } = meaningOf(pod, job);
      if (isByRule) this.#handled.add({ action });
    }
  }

  jobFinished(job: Job, { type, reason }: JobEnd): void {
    const result = type === "SuccessCriteriaMet" ? "succeeded" : "failed";
    this.#jobs.add({ completion_mode: modeOf(job), result, reason });
  }

  sawPod(change: Change<Pod>): void {
    const was =
      change.type === "updated" ? isWaiting(change.before) : change.type === "deleted" && isWaiting(change.object);
    const is = change.type !== "deleted" && isWaiting(change.object);
    if (was !== is) this.#tracked.add({ event: is ? "add" : "delete" });
  }

  sawJob({ type, object }: Change<Job>): void {
    if (type !== "added" || !isManagedElsewhere(object)) return;
    this.#elsewhere.add({ controller_name: object.spec.managedBy ?? "" });
  }
}

const modeOf = (job: Job) => (isIndexed(job) ? "Indexed" : "NonIndexed");

/** It has ended, and is kept until it has been counted. */
const isWaiting = (pod: Pod) => isPodTerminal(pod) && isTracked(pod);

function creationReason({ job, pods, failed }: JobView): string {
  if (failed > 0 && job.spec.podReplacementPolicy === "Failed") return "recreate_failed";
  return failed > 0 || pods.some(isTerminating) ? "recreate_terminating_or_failed" : "new";
}
