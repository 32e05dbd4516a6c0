// When a schedule is due next: the first minute whose time on the wall suits it. So a time that is skipped when clocks go
// forward is no run, and a time that comes twice when they go back is two (as in the library that Kubernetes uses). Pure.

import type { CronSchedule } from "../../api/batch/cron-schedule.ts";
import type { ZoneOffset } from "./time-zone.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** A schedule that has no run for so long never has one: 31 February, say. */
const HORIZON_MS = 5 * 366 * DAY_MS;

/** The first run later than `afterMs`; undefined where there is none within five years. */
export function nextRun(schedule: CronSchedule, afterMs: number, zone: ZoneOffset): number | undefined {
  if ("everyMs" in schedule) return Math.floor(afterMs / 1000) * 1000 + schedule.everyMs;
  const endMs = afterMs + HORIZON_MS;
  let ms = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  while (ms <= endMs) {
    const stepMs = stepFrom(schedule, ms, zone);
    if (stepMs === 0) return ms;
    ms += stepMs;
  }
  return undefined;
}

type Fields = Exclude<CronSchedule, { readonly everyMs: number }>;

/** 0 where the minute suits; otherwise how far the next one that may suit is away at least. */
function stepFrom(schedule: Fields, ms: number, zone: ZoneOffset): number {
  const wall = new Date(ms + zone(ms));
  const toNextHourMs = HOUR_MS - wall.getUTCMinutes() * MINUTE_MS;
  if (!schedule.months.has(wall.getUTCMonth() + 1)) {
    const nextMonth = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1);
    // A day is left for changes of the offset on the way.
    const farMs = nextMonth - wall.getTime() - DAY_MS;
    return farMs > 0 ? farMs : leap(zone, ms, toNextHourMs);
  }
  if (!suitsDay(schedule, wall)) return leap(zone, ms, toNextHourMs + (23 - wall.getUTCHours()) * HOUR_MS);
  if (!schedule.hours.has(wall.getUTCHours())) return leap(zone, ms, toNextHourMs);
  return schedule.minutes.has(wall.getUTCMinutes()) ? 0 : MINUTE_MS;
}

/** The step, or a shorter one where clocks change within it. */
function leap(zone: ZoneOffset, ms: number, stepMs: number): number {
  if (zone(ms) === zone(ms + stepMs)) return stepMs;
  const toNextHourMs = HOUR_MS - new Date(ms + zone(ms)).getUTCMinutes() * MINUTE_MS;
  return stepMs > toNextHourMs ? leap(zone, ms, toNextHourMs) : MINUTE_MS;
}

function suitsDay({ days, weekdays, needsBothDays }: Fields, wall: Date): boolean {
  const suitsDate = days.has(wall.getUTCDate());
  const suitsWeekday = weekdays.has(wall.getUTCDay());
  return needsBothDays ? suitsDate && suitsWeekday : suitsDate || suitsWeekday;
}

export interface MissedRuns {
  /** The newest run up to now. */
  readonly lastMs: number;
  /** How many there were, roughly: as if all were as far apart as the first two. */
  readonly count: number;
}

/** The runs later than `afterMs`, up to `nowMs`. */
export function missedRuns(
  schedule: CronSchedule,
  zone: ZoneOffset,
  { afterMs, nowMs }: { readonly afterMs: number; readonly nowMs: number },
): MissedRuns | undefined {
  const firstMs = nextRun(schedule, afterMs, zone);
  if (firstMs === undefined || firstMs > nowMs) return undefined;
  const secondMs = nextRun(schedule, firstMs, zone) ?? Infinity;
  if (secondMs > nowMs) return { lastMs: firstMs, count: 1 };
  const count = Math.floor((nowMs - firstMs) / (secondMs - firstMs)) + 1;
  if ("everyMs" in schedule) return { lastMs: firstMs + (count - 1) * schedule.everyMs, count };
  // There may be a great many: the newest is found by halving.
  let lastMs = secondMs;
  for (let endMs = nowMs; endMs - lastMs >= MINUTE_MS;) {
    const middleMs = Math.floor((lastMs + endMs) / 2);
    const runMs = nextRun(schedule, middleMs, zone) ?? Infinity;
    if (runMs <= nowMs) lastMs = runMs;
    else endMs = middleMs;
  }
  return { lastMs, count };
}
