// What clocks on the wall show: the difference of a time zone to UTC, which changes through the year. The zones and their
// rules are those that come with Node.

/** How far the zone is ahead of UTC at a time, both in milliseconds. */
export type ZoneOffset = (utcMs: number) => number;

export const utc: ZoneOffset = () => 0;

/** `name`: as IANA has it, such as Europe/Oslo. Undefined where there is no such zone. */
export function timeZone(name: string): ZoneOffset | undefined {
  if (name === "UTC" || name === "") return utc;
  const format = createFormat(name);
  return format && ((utcMs) => wallMs(format, utcMs) - Math.floor(utcMs / 1000) * 1000);
}

function createFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = "numeric";
  const fields = {
    year: numeric,
    month: numeric,
    day: numeric,
    hour: numeric,
    minute: numeric,
    second: numeric,
  } as const;
  try {
    return new Intl.DateTimeFormat("en-US", { timeZone, calendar: "gregory", hourCycle: "h23", ...fields });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What the clocks show, as if it were a time in UTC. */
function wallMs(format: Intl.DateTimeFormat, utcMs: number): number {
  const parts = new Map(format.formatToParts(utcMs).map(({ type, value }) => [type, Number(value)]));
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/** RFC 3339 with whole seconds, in the zone. */
export function formatTimeIn(zone: ZoneOffset, utcMs: number): string {
  const offsetMs = zone(utcMs);
  const wall = new Date(utcMs + offsetMs).toISOString().slice(0, 19);
  if (offsetMs === 0) return `${wall}Z`;
  const minutes = Math.abs(Math.round(offsetMs / 60_000));
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${wall}${offsetMs < 0 ? "-" : "+"}${two(minutes / 60)}:${two(minutes % 60)}`;
}
