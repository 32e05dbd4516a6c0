// Runs the pods of a job until enough have succeeded or too many have failed. Each pod is counted exactly once, whenever the
// controller crashes: see job-view.ts.

import { jobs, type Job, type JobStatus } from "../../api/batch/job.ts";
import { isPodActive } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { isConditionTrue } from "../../api/meta/condition-list.ts";
import { formatKey, keyOf, type ObjectKey } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { matchesSelector, selectorOf } from "../../api/meta/selector.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";
import type { Controller, ControllerDeps, Reconciler, Requeue } from "../../client/controller.ts";
import type { Change } from "../../client/informer.ts";
import { errorMessage } from "../../lib/error-message.ts";
import { isNamespaceTerminating } from "../namespace-terminating.ts";
import { slowStart } from "../slow-start.ts";
import { noFailures, recordWith, type FailureRecord } from "./back-off.ts";
import { finalCondition, isJobFinished, type JobEnd } from "./job-conditions.ts";
import { JobMetrics, type SyncAction } from "./job-metrics.ts";
import { JobPods } from "./job-pods.ts";
import { viewJob, type JobView } from "./job-view.ts";
import { isManagedElsewhere } from "./managed-by.ts";
import { deadlineInMs, planCompletion, planEarlyEnd } from "./plan-end.ts";
import { planPods, type PodPlan, type PodToCreate } from "./plan-pods.ts";
import { finishStatus, planStatus, settleCounts, startJob } from "./plan-status.ts";
import { isTracked } from "./pod-facts.ts";
import { planTracking } from "./track-pods.ts";

export const jobController: Controller<Job> = {
  name: "job",
  for: jobs,
  owns: [pods],
  watches: [{ resource: pods, map: (change, deps) => adoptersOf(change as Change<Pod>, deps) }],
  build: (deps) => new JobReconciler(deps),
};

/** The jobs that might adopt a pod which nobody controls. */
function adoptersOf({ object }: Change<Pod>, deps: ControllerDeps): readonly ObjectKey[] {
  if (controllerOf(object)) return [];
  return deps
    .informer(jobs)
    .list()
    .filter(({ metadata }) => metadata.namespace === object.metadata.namespace)
    .filter(({ spec }) => matchesSelector(selectorOf(spec.selector), object.metadata.labels ?? {}))
    .map(keyOf);
}

/** What is remembered of a job between reconciles. */
interface Memory {
  readonly uid: string;
  readonly failures: FailureRecord;
  /** As the server last answered: the cache may still show an older version. */
  readonly written?: Job;
}

/** What the look at a job has led to so far. */
interface Sync {
  action: SyncAction;
}

/** What has been done to pods. */
interface Outcome {
  readonly action?: SyncAction;
  readonly failure?: Failure;
  readonly waitMs?: number;
}

interface Failure {
  readonly error: unknown;
}

interface JobRun {
  /** The job as the server has it. */
  readonly stored: Job;
  /** As the decisions about it saw it. */
  readonly view: JobView;
  readonly early?: JobEnd;
  readonly failures: FailureRecord;
}

class JobReconciler implements Reconciler<Job> {
  readonly #deps: ControllerDeps;
  readonly #pods: JobPods;
  readonly #metrics: JobMetrics;
  /** By namespace and name. */
  readonly #memory = new Map<string, Memory>();

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#pods = new JobPods(deps);
    this.#metrics = new JobMetrics(deps.metrics);
    deps.informer(jobs).onChange((change) => this.#metrics.sawJob(change));
    deps.informer(pods).onChange((change) => this.#metrics.sawPod(change));
  }

  async reconcile(cached: Job): Promise<Requeue | void> {
    if (isManagedElsewhere(cached)) return;
    if (isJobFinished(cached)) return this.forget(keyOf(cached));
    const memory = this.#recall(cached);
    const stored = memory.written ?? cached;
    if (isJobFinished(stored)) return;
    const { clock } = this.#deps;
    const startedMs = clock.monotonic();
    const sync: Sync = { action: "reconciling" };
    let hasFailed = true;
    try {
      const requeue = await this.#sync(stored, memory, sync);
      hasFailed = false;
      return requeue;
    } finally {
      const seconds = (clock.monotonic() - startedMs) / 1000;
      this.#metrics.synced(stored, { action: sync.action, hasFailed, seconds });
    }
  }

  async #sync(stored: Job, memory: Memory, sync: Sync): Promise<Requeue | void> {
    if (await this.#pods.claim(stored)) return;
    const nowMs = this.#deps.clock.now();
    const job = startJob(stored, nowMs);
    const view = viewJob(job, this.#pods.of(job));
    const failures = recordWith(memory.failures, { succeeded: view.newlySucceeded, failed: view.newlyFailed });
    const early = planEarlyEnd(view, nowMs);
    const outcome = early ? await this.#deleteActive(view) : await this.#managePods(view, failures);
    sync.action = outcome.action ?? sync.action;
    const end = await this.#track({ stored, view, early, failures });
    if (outcome.failure) throw outcome.failure.error;
    return end ? undefined : dueIn(outcome.waitMs, deadlineInMs(job, nowMs));
  }

  forget(key: ObjectKey): void {
    this.#memory.delete(formatKey(key));
  }

  #recall(cached: Job): Memory {
    const { uid, resourceVersion } = cached.metadata;
    const found = this.#memory.get(formatKey(keyOf(cached)));
    if (found?.uid !== uid) return { uid, failures: noFailures };
    const isNewer = Number(found.written?.metadata.resourceVersion) > Number(resourceVersion);
    return isNewer ? found : { uid, failures: found.failures };
  }

  /** A job that ends has no use for its pods; they count, by what they come to. */
  async #deleteActive(view: JobView): Promise<Outcome> {
    return this.#settle(view.job, view.active, (pod) => this.#pods.delete(pod));
  }

  async #managePods(view: JobView, failures: FailureRecord): Promise<Outcome> {
    if (view.job.metadata.deletionTimestamp) return {};
    const plan = planPods(view, failures, this.#deps.clock.now());
    const { remove, create, waitMs } = plan;
    const action = actionOf(view.job, plan);
    const removed = await this.#settle(view.job, remove, async (pod) => {
      await this.#pods.release(pod);
      await this.#pods.delete(pod);
    });
    const failure = removed.failure ?? (await this.#create(view, create));
    return { action, failure, waitMs };
  }

  async #settle(job: Job, victims: readonly Pod[], act: (pod: Pod) => Promise<void>): Promise<Outcome> {
    const { events } = this.#deps;
    const removeOne = async (pod: Pod) => {
      await act(pod);
      events.record({ object: job }, "Normal", "SuccessfulDelete", `Deleted pod: ${pod.metadata.name}`);
    };
    const results = await Promise.allSettled(victims.map(removeOne));
    const failed = results.find((each) => each.status === "rejected");
    if (!failed) return {};
    const error: unknown = failed.reason;
    events.record({ object: job }, "Warning", "FailedDelete", `Error deleting: ${errorMessage(error)}`);
    return { failure: { error } };
  }

  async #create(view: JobView, wanted: readonly PodToCreate[]): Promise<Failure | undefined> {
    const { events } = this.#deps;
    const { job } = view;
    const rest = wanted.values();
    const { succeeded, errors } = await slowStart(wanted.length, async () => {
      const next = rest.next();
      if (next.done) return;
      const pod = await this.#pods.create(job, next.value);
      events.record({ object: job }, "Normal", "SuccessfulCreate", `Created pod: ${pod.metadata.name}`);
    });
    this.#metrics.podsCreated(view, { succeeded, failed: errors.length });
    const error = errors.find((each) => !isNamespaceTerminating(each));
    if (error === undefined) return undefined;
    events.record({ object: job }, "Warning", "FailedCreate", `Error creating: ${errorMessage(error)}`);
    return { error };
  }

  /**
   * 1. The status tells of each pod that has ended. 2. Their finalizers go. 3. They move into the counters, and the end is
   * told when nothing is left. Any of these may be the last before a crash: what is done is not done again.
   */
  async #track({ stored, view, early, failures }: JobRun): Promise<JobEnd | undefined> {
    const nowMs = this.#deps.clock.now();
    const { job } = view;
    const left = this.#pods.of(job);
    const isIdle = !left.some(isPodActive);
    const end = isIdle ? (early ?? planCompletion(view)) : undefined;
    const goesOn = !early && !end && !job.metadata.deletionTimestamp;
    const tracking = planTracking(view, end);
    const told = planStatus(view, { end, tracking, pods: left, goesOn, nowMs });
    const interim = settleCounts(told, uidsOf(left.filter(isTracked)));
    const written = await this.#write(stored, interim, failures);
    this.#metrics.failuresHandled(job, tracking.release);
    const released = await Promise.allSettled(tracking.release.map((pod) => this.#pods.release(pod)));
    const counted = settleCounts(written.status, uidsOf(this.#pods.of(job).filter(isTracked)));
    const final = end && !tracking.hasMore ? finishStatus(counted, end, nowMs) : counted;
    const finished = await this.#write(written, final, failures);
    if (end && isJobFinished(finished)) this.#recordEnd(finished, end);
    const failed = released.find((each) => each.status === "rejected");
    if (failed) throw failed.reason;
    return end;
  }

  /** Resolves with the job as it is then. */
  async #write(stored: Job, status: JobStatus, failures: FailureRecord): Promise<Job> {
    const isSame = semanticEqual(stored.status, status);
    const options = { subresource: "status" };
    const written = isSame ? stored : await this.#deps.client.update(jobs, { ...stored, status }, options);
    this.#memory.set(formatKey(keyOf(stored)), { uid: stored.metadata.uid, failures, written });
    this.#recordSuspension(stored, written);
    this.#metrics.counted(written, stored.status);
    return written;
  }

  #recordSuspension(before: Job, job: Job): void {
    const [was, is] = [before, job].map(({ status }) => isConditionTrue(status.conditions, "Suspended"));
    if (was === is) return;
    const [reason, message] = is ? ["Suspended", "Job suspended"] : ["Resumed", "Job resumed"];
    this.#deps.events.record({ object: job }, "Normal", reason ?? "", message ?? "");
  }

  #recordEnd(job: Job, end: JobEnd): void {
    const { events } = this.#deps;
    this.#metrics.jobFinished(job, end);
    if (end.type === "FailureTarget") {
      const { reason, message } = finalCondition(end);
      return events.record({ object: job }, "Warning", reason, message);
    }
    const { completions } = job.spec;
    if (completions !== undefined && (job.status.succeeded ?? 0) > completions) {
      const message = "Too many succeeded pods running after completion count reached";
      events.record({ object: job }, "Warning", "TooManySucceededPods", message);
    }
    events.record({ object: job }, "Normal", "Completed", "Job completed");
  }
}

function actionOf({ spec }: Job, { remove, create, waitMs }: PodPlan): SyncAction {
  if (spec.suspend || remove.length > 0) return "pods_deleted";
  return create.length > 0 || waitMs !== undefined ? "pods_created" : "tracking";
}

const uidsOf = (all: readonly Pod[]): ReadonlySet<string> => new Set(all.map(({ metadata }) => metadata.uid));

function dueIn(...waits: readonly (number | undefined)[]): Requeue | undefined {
  const given = waits.filter((waitMs) => waitMs !== undefined);
  return given.length > 0 ? { afterMs: Math.max(Math.min(...given), 0) } : undefined;
}
