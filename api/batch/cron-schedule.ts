// Schedules of cron jobs, in the form that Kubernetes reads (robfig/cron's standard one): five fields, or a name for a usual
// schedule. Says what a schedule means; when that is next is the controller's to find out. Problems are in that parser's words.

export type CronSchedule =
  | {
      readonly minutes: ReadonlySet<number>;
      readonly hours: ReadonlySet<number>;
      readonly days: ReadonlySet<number>;
      readonly months: ReadonlySet<number>;
      /** 0 is Sunday. */
      readonly weekdays: ReadonlySet<number>;
      /** A day must suit both fields where one of them is a star, and either of them where none is. */
      readonly needsBothDays: boolean;
    }
  | { readonly everyMs: number };

/** Text that is no schedule. */
export class CronError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "CronError";
  }
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly [Bounds, Bounds, Bounds, Bounds, Bounds] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: WEEKDAYS },
];

const NAMED: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const EVERY = "@every ";

/** Throws CronError. A time zone in front (`TZ=…`) is passed over. */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === "") throw new CronError("empty spec string");
  const schedule = /^(CRON_)?TZ=/.test(text) ? text.replace(/^\S*/, "").trim() : text;
  if (schedule.startsWith(EVERY)) return { everyMs: parseDuration(schedule) };
  if (!schedule.startsWith("@")) return parseFields(schedule);
  const meaning = Object.hasOwn(NAMED, schedule) ? NAMED[schedule] : undefined;
  if (meaning === undefined) throw new CronError(`unrecognized descriptor: ${schedule}`);
  return parseFields(meaning);
}

function parseFields(schedule: string): CronSchedule {
  const fields = schedule.split(/\s+/).filter(Boolean);
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== FIELDS.length || !minute || !hour || !day || !month || !weekday) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`);
  }
  return {
    minutes: parseField(minute, FIELDS[0]),
    hours: parseField(hour, FIELDS[1]),
    days: parseField(day, FIELDS[2]),
    months: parseField(month, FIELDS[3]),
    weekdays: parseField(weekday, FIELDS[4]),
    needsBothDays: isStar(day) || isStar(weekday),
  };
}

/** True also for `*` with other parts beside it, as in the original. */
const isStar = (field: string): boolean => field.split(",").some((part) => /^[*?](-[^/]*)?(\/0*1)?$/.test(part));

function parseField(field: string, bounds: Bounds): ReadonlySet<number> {
  const parts = field.split(",").filter(Boolean);
  return new Set(parts.flatMap((part) => parsePart(part, bounds)));
}

function parsePart(text: string, bounds: Bounds): readonly number[] {
  const [range = "", stepText, ...more] = text.split("/");
  const { start, end } = parseRange(range, text, bounds);
  if (more.length > 0) throw new CronError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  // `N/step` goes on to the end.
  const last = stepText !== undefined && !range.includes("-") ? bounds.max : end;
  if (start < bounds.min) throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (last > bounds.max) throw new CronError(`end of range (${last}) above maximum (${bounds.max}): ${text}`);
  if (start > last) throw new CronError(`beginning of range (${start}) beyond end of range (${last}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  const values: number[] = [];
  for (let value = start; value <= last; value += step) values.push(value);
  return values;
}

function parseRange(range: string, text: string, bounds: Bounds): { readonly start: number; readonly end: number } {
  const [first = "", second, ...more] = range.split("-");
  if (first === "*" || first === "?") return { start: bounds.min, end: bounds.max };
  const start = parseValue(first, bounds);
  if (more.length > 0) throw new CronError(`too many hyphens: ${text}`);
  return { start, end: second === undefined ? start : parseValue(second, bounds) };
}

function parseValue(text: string, { names, min }: Bounds): number {
  const position = names?.indexOf(text.toLowerCase()) ?? -1;
  return position >= 0 ? position + min : parseNumber(text);
}

function parseNumber(text: string): number {
  if (!/^[+-]?[0-9]+$/.test(text)) {
    throw new CronError(
      `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (!Number.isSafeInteger(value)) {
    const reason = "value out of range";
    throw new CronError(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: ${reason}`);
  }
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

const UNITS_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const AMOUNT = /([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)/g;

/** A duration as Go writes it, such as `1h30m`. Less than a second counts as one, and parts of seconds are dropped. */
function parseDuration(schedule: string): number {
  const text = schedule.slice(EVERY.length);
  const unsigned = text.replace(/^[+-]/, "");
  const isWhole = unsigned !== "" && unsigned.replace(AMOUNT, "") === "";
  if (!isWhole && unsigned !== "0") {
    const reason = `time: invalid duration ${JSON.stringify(text)}`;
    throw new CronError(`failed to parse duration ${schedule}: ${reason}`);
  }
  let totalMs = 0;
  for (const [, amount, unit] of unsigned.matchAll(AMOUNT)) totalMs += Number(amount) * (UNITS_MS[unit ?? ""] ?? 0);
  return Math.max(Math.trunc(totalMs / 1000), 1) * 1000;
}
