// Rules for cron jobs, from Kubernetes' validation of the batch group.

import { CronError, parseCronSchedule } from "./cron-schedule.ts";
import type { CronJob, CronJobSpec, JobTemplateSpec } from "./cron-job.ts";
import { validateJobSpec } from "./validate-job.ts";
import { checkNonNegative, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, unsupportedField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

/** Jobs are called after the cron job and the time, which takes eleven characters of the 63 that labels may have. */
const NAME_LENGTH_MAX = 52;

export function validateCronJob(cronJob: CronJob, old?: CronJob): FieldError[] {
  const { metadata, spec } = cronJob;
  const isTooLong = !old && metadata.name.length > NAME_LENGTH_MAX;
  return [
    ...validateMetadata(cronJob, old, { name: subdomainProblems }),
    ...validateSchedule(spec, old?.spec),
    ...checkNonNegative("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds),
    ...(spec.timeZone === old?.spec.timeZone ? [] : validateTimeZone(spec.timeZone)),
    ...validateJobTemplate(spec.jobTemplate),
    ...checkNonNegative("spec.successfulJobsHistoryLimit", spec.successfulJobsHistoryLimit),
    ...checkNonNegative("spec.failedJobsHistoryLimit", spec.failedJobsHistoryLimit),
    ...when(
      isTooLong,
      invalidField("metadata.name", metadata.name, `must be no more than ${NAME_LENGTH_MAX} characters`),
    ),
  ];
}

/** Zones in the schedule are let be where they have been before. */
function validateSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): Errors {
  const path = "spec.schedule";
  if (!schedule) return [requiredField(path)];
  const problem = findScheduleProblem(schedule);
  const hasZone = schedule.includes("TZ");
  const mayHaveZone = old?.schedule?.includes("TZ") ?? false;
  const both = "cannot use both timeZone field and TZ or CRON_TZ in schedule";
  const misplaced = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  return [
    ...when(problem, invalidField(path, schedule, problem ?? "")),
    ...when(hasZone && mayHaveZone && timeZone !== undefined, invalidField(path, schedule, both)),
    ...when(hasZone && !mayHaveZone, invalidField(path, schedule, misplaced)),
  ];
}

function findScheduleProblem(schedule: string): string | undefined {
  try {
    parseCronSchedule(schedule);
    return undefined;
  } catch (error) {
    if (error instanceof CronError) return error.message;
    throw error;
  }
}

const ZONE_PART = /^(?!-|\.\.?$)[A-Za-z.\-_0-9+]{1,14}$/;

function validateTimeZone(timeZone: string | undefined): Errors {
  const path = "spec.timeZone";
  if (timeZone === undefined) return [];
  if (timeZone === "") return [invalidField(path, timeZone, "timeZone must be nil or non-empty string")];
  const unknown = invalidField(path, timeZone, `unknown time zone ${timeZone}`);
  if (!timeZone.split("/").every((part) => ZONE_PART.test(part))) return [unknown];
  if (timeZone.toLowerCase() === "local") {
    const problem = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    return [invalidField(path, timeZone, problem), ...when(timeZone !== "Local", unknown)];
  }
  return when(!isTimeZone(timeZone), unknown);
}

/** Names are case-sensitive, and offsets are no names. */
function isTimeZone(name: string): boolean {
  if (/^[+-]|^[0-9]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function validateJobTemplate({ spec }: JobTemplateSpec): Errors {
  const path = "spec.jobTemplate.spec";
  return [
    ...validateJobSpec(spec, path),
    ...when(spec.selector, invalidField(`${path}.selector`, spec.selector, "`selector` will be auto-generated")),
    ...when(spec.manualSelector, unsupportedField(`${path}.manualSelector`, true, ["nil", "false"])),
  ];
}
