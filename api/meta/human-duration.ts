// Durations as `kctl get` and `describe` print them. The steps at which units change are kubectl's, so that scripts which
// read its output see what they expect.

const SECOND_MS = 1000;
const MINUTES_PER_DAY = 24 * 60;
const HOURS_PER_YEAR = 365 * 24;

/** Two units at most, the second left out when it is zero: `90s`, `5m30s`, `3h12m`, `2d4h`, `400d`, `3y20d`. */
export function humanDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / SECOND_MS);
  // Clocks of two machines differ a little; more than a second in the future is a mistake.
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return pair([minutes, "m"], [seconds % 60, "s"]);
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return pair([hours, "h"], [minutes % 60, "m"]);
  if (hours < 48) return `${hours}h`;
  return renderDays(minutes, hours);
}

function renderDays(minutes: number, hours: number): string {
  const days = Math.trunc(minutes / MINUTES_PER_DAY);
  if (hours < 24 * 8) return pair([days, "d"], [hours % 24, "h"]);
  if (hours < HOURS_PER_YEAR * 2) return `${days}d`;
  const years = Math.trunc(hours / HOURS_PER_YEAR);
  return hours < HOURS_PER_YEAR * 8 ? pair([years, "y"], [days % 365, "d"]) : `${years}y`;
}

function pair([large, largeUnit]: [number, string], [small, smallUnit]: [number, string]): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}

/** How long ago an RFC 3339 time was, at `nowMs`; `<unknown>` where there is none. */
export function renderAge(time: string | undefined, nowMs: number): string {
  return time ? humanDuration(nowMs - Date.parse(time)) : "<unknown>";
}
