// Which run of a cron job is due, and when to look again. Pure.

import { parseCronSchedule, CronError, type CronSchedule } from "../../api/batch/cron-schedule.ts";
import type { CronJob } from "../../api/batch/cron-job.ts";
import { missedRuns, nextRun, type MissedRuns } from "./next-run.ts";
import { timeZone, utc, type ZoneOffset } from "./time-zone.ts";

/** The clocks of machines differ a little: a run is looked at only just after its time. */
const AFTER_RUN_MS = 100;
const MISSED_MAX = 100;

export interface CronWarning {
  readonly reason: string;
  readonly message: string;
}

export interface RunPlan {
  /** A job is to be made for the run at this time, unless there is one. Milliseconds since 1970. */
  readonly runMs?: number;
  readonly warning?: CronWarning;
  /** Nothing can be due before; undefined: only a change of the cron job helps. */
  readonly waitMs?: number;
}

export function planRun(cronJob: CronJob, nowMs: number): RunPlan {
  const { spec } = cronJob;
  const zone = zoneOf(spec);
  if (!zone) {
    const message = `invalid timeZone: ${JSON.stringify(spec.timeZone)}: unknown time zone ${spec.timeZone}`;
    return { warning: { reason: "UnknownTimeZone", message } };
  }
  if (spec.suspend) return {};
  const schedule = readSchedule(spec.schedule);
  if ("reason" in schedule) return { warning: schedule };
  if (nextRun(schedule, nowMs, zone) === undefined) {
    const problem = "time difference between two schedules is less than 1 second";
    return { warning: { reason: "InvalidSchedule", message: `invalid schedule: ${spec.schedule} : ${problem}` } };
  }
  return planSchedule(cronJob, { schedule, zone, nowMs });
}

/** The zone that the cron job says, or that its schedule begins with, as was usual before; UTC unless given. */
export function zoneOf({ schedule, timeZone: name }: CronJob["spec"]): ZoneOffset | undefined {
  const inSchedule = /^(?:CRON_)?TZ=(\S*)/.exec(schedule)?.[1];
  const given = name ?? inSchedule;
  return given === undefined ? utc : timeZone(given);
}

/** What an older server has stored may lack the schedule. */
function readSchedule(text = ""): CronSchedule | CronWarning {
  try {
    return parseCronSchedule(text);
  } catch (error) {
    if (!(error instanceof CronError)) throw error;
    return {
      reason: "UnparseableSchedule",
      message: `unparseable schedule: ${JSON.stringify(text)} : ${error.message}`,
    };
  }
}

interface ScheduleNow {
  readonly schedule: CronSchedule;
  readonly zone: ZoneOffset;
  readonly nowMs: number;
}

function planSchedule({ metadata, spec, status }: CronJob, { schedule, zone, nowMs }: ScheduleNow): RunPlan {
  const handledMs = Date.parse(status.lastScheduleTime ?? metadata.creationTimestamp);
  const missed = missedRuns(schedule, zone, { afterMs: handledMs, nowMs });
  const nextMs = nextRun(schedule, missed?.lastMs ?? handledMs, zone) ?? nowMs;
  // A run in the past counts from now on: the clock may have been set, and @every counts from its last run.
  const laterMs = nextMs > nowMs ? nextMs : (nextRun(schedule, nowMs, zone) ?? nowMs);
  const waitMs = laterMs - nowMs + AFTER_RUN_MS;
  if (!missed) return { waitMs };
  const { startingDeadlineSeconds } = spec;
  const oldestMs = nowMs - Number(startingDeadlineSeconds ?? Infinity) * 1000;
  if (missed.lastMs < oldestMs) return { waitMs, warning: missWarning(missed.lastMs) };
  const counted = oldestMs > handledMs ? missedRuns(schedule, zone, { afterMs: oldestMs, nowMs }) : missed;
  return { waitMs, runMs: missed.lastMs, warning: manyWarning(counted) };
}

const manyWarning = (missed: MissedRuns | undefined): CronWarning | undefined =>
  missed && missed.count > MISSED_MAX
    ? {
        reason: "TooManyMissedTimes",
        message: "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
      }
    : undefined;

/** The time as Go's RFC1123Z has it. */
const missWarning = (ms: number): CronWarning => ({
  reason: "MissSchedule",
  message: `Missed scheduled time to start a job: ${new Date(ms).toUTCString().replace("GMT", "+0000")}`,
});
