// Rules for a job's status, from Kubernetes' validation of the batch group. Controllers other than the built-in one may look
// after a job, so what clients rely on is checked: what has ended stays as it ended. A rule is applied only when what it is
// about changes, so that a status that breaks one already can still be written.

import { findSharedIndex, parseIndexes } from "./index-list.ts";
import type { Job, JobStatus } from "./job.ts";
import { checkNonNegative, eachItem, when } from "../meta/field-checks.ts";
import { isConditionTrue } from "../meta/condition-list.ts";
import { semanticEqual } from "../meta/semantic-equal.ts";
import { duplicateField, invalidField, invalidWhole, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateJobStatus(job: Job, old?: Job): Errors {
  return [
    ...validateCounts(job.status),
    ...validateCriteria(job),
    ...(old && !semanticEqual(job.status, old.status) ? validateTransition(job, old) : []),
  ];
}

const CONDITIONS = "status.conditions";
const COUNTS = ["active", "succeeded", "failed", "ready", "terminating"] as const;

function validateCounts(status: JobStatus): Errors {
  const path = "status.uncountedTerminatedPods";
  const seen = new Set<string>();
  const checkUid = (uid: string, at: string): Errors => {
    const isTaken = seen.has(uid);
    seen.add(uid);
    return uid === "" ? [invalidField(at, uid, "must not be empty")] : when(isTaken, duplicateField(at, uid));
  };
  return [
    ...COUNTS.flatMap((name) => checkNonNegative(`status.${name}`, status[name])),
    ...eachItem(status.uncountedTerminatedPods?.succeeded, `${path}.succeeded`, checkUid),
    ...eachItem(status.uncountedTerminatedPods?.failed, `${path}.failed`, checkUid),
  ];
}

const holds = ({ status }: Job, type: string) => isConditionTrue(status.conditions, type);
const isFinished = (job: Job) => holds(job, "Complete") || holds(job, "Failed");

function validateCriteria(job: Job): Errors {
  if (!holds(job, "SuccessCriteriaMet")) {
    const isEarly = job.spec.successPolicy && holds(job, "Complete");
    const problem = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True";
    return when(isEarly, invalidWhole(CONDITIONS, problem));
  }
  return [
    ...when(
      holds(job, "Failed"),
      invalidWhole(CONDITIONS, "cannot set SuccessCriteriaMet=True and Failed=true conditions"),
    ),
    ...when(
      holds(job, "FailureTarget"),
      invalidWhole(CONDITIONS, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"),
    ),
  ];
}

/** One write of the status, and what it changes. */
class Transition {
  readonly job: Job;
  readonly old: Job;
  readonly status: JobStatus;

  constructor(job: Job, old: Job) {
    this.job = job;
    this.old = old;
    this.status = job.status;
  }

  is(type: string): boolean {
    return holds(this.job, type);
  }

  was(type: string): boolean {
    return holds(this.old, type);
  }

  changes(...names: (keyof JobStatus)[]): boolean {
    return names.some((name) => !semanticEqual(this.status[name], this.old.status[name]));
  }

  turns(...types: string[]): boolean {
    return types.some((type) => this.is(type) !== this.was(type));
  }

  /** The job has finished, and now this matters. */
  isFinishedWith(name: keyof JobStatus): boolean {
    return isFinished(this.job) && (!isFinished(this.old) || this.changes(name));
  }
}

interface Rule {
  breaks(write: Transition): unknown;
  error(write: Transition): FieldError;
}

const wrongConditions = (breaks: Rule["breaks"], problem: string): Rule => ({
  breaks,
  error: () => invalidWhole(CONDITIONS, problem),
});
const wrongValue = (name: keyof JobStatus, breaks: Rule["breaks"], problem: string): Rule => ({
  breaks,
  error: ({ status }) => invalidField(`status.${name}`, status[name], problem),
});
const missingValue = (name: keyof JobStatus, breaks: Rule["breaks"], problem: string): Rule => ({
  breaks,
  error: () => requiredField(`status.${name}`, problem),
});

const isSuspended = ({ job }: Transition) => job.spec.suspend === true;
/** A job that is continued after a while gets a new start. */
const goesOn = (write: Transition) => write.was("Suspended") && write.status.startTime;
const isIndexed = ({ job }: Transition) => job.spec.completionMode === "Indexed";
const countsFailures = ({ job }: Transition) => job.spec.backoffLimitPerIndex !== undefined;
const mayShrink = (write: Transition) => isIndexed(write) && write.job.spec.completions === write.job.spec.parallelism;
const hasUncounted = ({ status: { uncountedTerminatedPods: pods } }: Transition) =>
  (pods?.failed?.length ?? 0) + (pods?.succeeded?.length ?? 0) > 0;
const endsBeforeStart = ({ status: { startTime, completionTime } }: Transition) =>
  startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);

const RULES: readonly Rule[] = [
  // Which conditions go together.
  wrongConditions(
    (write) => write.turns("Complete", "Failed") && write.is("Complete") && write.is("Failed"),
    "cannot set Complete=True and Failed=true conditions",
  ),
  wrongConditions(
    (write) => write.turns("Complete", "FailureTarget") && write.is("Complete") && write.is("FailureTarget"),
    "cannot set Complete=True and FailureTarget=true conditions",
  ),
  // When a job started and ended.
  wrongValue(
    "completionTime",
    (write) =>
      (write.turns("Complete") || write.changes("completionTime")) &&
      write.status.completionTime &&
      !write.is("Complete"),
    "cannot set completionTime when there is no Complete=True condition",
  ),
  missingValue(
    "completionTime",
    (write) =>
      (write.turns("Complete") || write.changes("completionTime")) &&
      !write.status.completionTime &&
      write.is("Complete"),
    "completionTime is required for Complete jobs",
  ),
  wrongValue(
    "completionTime",
    (write) => write.changes("startTime", "completionTime") && endsBeforeStart(write),
    "must be equal to or after `startTime`",
  ),
  wrongConditions(
    (write) =>
      (write.turns("Failed") || write.changes("failedIndexes")) && write.is("Failed") && !write.is("FailureTarget"),
    "cannot set Failed=True condition without the FailureTarget=true condition",
  ),
  wrongConditions(
    (write) => write.turns("Complete", "SuccessCriteriaMet") && write.is("Complete") && !write.is("SuccessCriteriaMet"),
    "cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
  ),
  // Nothing of a finished job goes on.
  wrongValue(
    "active",
    (write) => (write.status.active ?? 0) > 0 && write.isFinishedWith("active"),
    "active>0 is invalid for finished job",
  ),
  missingValue(
    "startTime",
    (write) => !write.status.startTime && write.isFinishedWith("startTime"),
    "startTime is required for finished job",
  ),
  wrongValue(
    "uncountedTerminatedPods",
    (write) => hasUncounted(write) && write.isFinishedWith("uncountedTerminatedPods"),
    "must be empty for finished job",
  ),
  // Indexes.
  wrongValue(
    "completedIndexes",
    (write) => write.changes("completedIndexes") && write.status.completedIndexes && !isIndexed(write),
    "cannot set non-empty completedIndexes when non-indexed completion mode",
  ),
  wrongValue(
    "failedIndexes",
    (write) => write.changes("failedIndexes") && write.status.failedIndexes !== undefined && !countsFailures(write),
    "cannot set non-null failedIndexes when backoffLimitPerIndex is null",
  ),
  wrongValue(
    "terminating",
    (write) => (write.status.terminating ?? 0) > 0 && write.isFinishedWith("terminating"),
    "terminating>0 is invalid for finished job",
  ),
  wrongValue(
    "ready",
    (write) => write.changes("ready", "active") && (write.status.ready ?? 0) > (write.status.active ?? 0),
    "cannot set more ready pods than active",
  ),
  // What has been counted and what has been decided stays so.
  ...["Failed", "Complete", "FailureTarget"].map((type) =>
    wrongConditions(
      (write) => write.was(type) && !write.is(type),
      `cannot disable the terminal ${type}=True condition`,
    ),
  ),
  wrongValue(
    "failed",
    ({ status, old }) => (status.failed ?? 0) < (old.status.failed ?? 0),
    "cannot decrease the failed counter",
  ),
  wrongValue(
    "succeeded",
    (write) => !mayShrink(write) && (write.status.succeeded ?? 0) < (write.old.status.succeeded ?? 0),
    "cannot decrease the succeeded counter",
  ),
  wrongValue(
    "completionTime",
    (write) => write.changes("completionTime") && write.status.completionTime && write.old.status.completionTime,
    "field is immutable",
  ),
  missingValue(
    "startTime",
    (write) => write.changes("startTime") && write.old.status.startTime && !isSuspended(write) && !goesOn(write),
    "startTime cannot be removed for unsuspended job",
  ),
  wrongConditions(
    (write) => write.was("SuccessCriteriaMet") && !write.is("SuccessCriteriaMet"),
    "cannot disable the SuccessCriteriaMet=True condition",
  ),
  wrongConditions(
    (write) => write.was("Complete") && !write.was("SuccessCriteriaMet") && write.is("SuccessCriteriaMet"),
    "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions",
  ),
];

function validateTransition(job: Job, old: Job): Errors {
  const write = new Transition(job, old);
  return [...RULES.filter((rule) => rule.breaks(write)).map((rule) => rule.error(write)), ...validateIndexes(write)];
}

function validateIndexes(write: Transition): Errors {
  const { completions } = write.job.spec;
  const { completedIndexes = "", failedIndexes = "" } = write.status;
  if (completions === undefined || !write.changes("completedIndexes", "failedIndexes")) return [];
  const shared = findSharedIndex(completedIndexes, failedIndexes, completions);
  const overlap = `failedIndexes and completedIndexes overlap at index: ${shared}`;
  return [
    ...(write.changes("completedIndexes") ? checkIndexes("completedIndexes", completedIndexes, completions) : []),
    ...(write.changes("failedIndexes") && countsFailures(write)
      ? checkIndexes("failedIndexes", failedIndexes, completions)
      : []),
    ...when(shared !== undefined, invalidField("status.failedIndexes", failedIndexes, overlap)),
  ];
}

function checkIndexes(name: string, text: string, completions: number): Errors {
  const parsed = parseIndexes(text, completions);
  return "problem" in parsed ? [invalidField(`status.${name}`, text, `error parsing ${name}: ${parsed.problem}`)] : [];
}
