import { expect } from "chai";
import { parseCronSchedule } from "../../api/batch/cron-schedule.ts";
import { seededRandom } from "../../lib/random.ts";
import { missedRuns, nextRun } from "./next-run.ts";
import { formatTimeIn, timeZone, type ZoneOffset } from "./time-zone.ts";

const MINUTE_MS = 60_000;
const zoneOf = (name: string): ZoneOffset => {
  const zone = timeZone(name);
  if (!zone) throw new Error(`no zone ${name}`);
  return zone;
};

function runsAfter(schedule: string, zoneName: string, { after, count }: { after: string; count: number }) {
  const zone = zoneOf(zoneName);
  const found: string[] = [];
  let ms: number | undefined = Date.parse(after);
  while (ms !== undefined && found.length < count) {
    ms = nextRun(parseCronSchedule(schedule), ms, zone);
    if (ms !== undefined) found.push(formatTimeIn(zone, ms));
  }
  return found;
}

type Case = readonly [title: string, schedule: string, zone: string, after: string, runs: readonly string[]];
const cases: readonly Case[] = [
  ["every minute", "* * * * *", "UTC", "2026-01-01T00:00:30Z", ["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z"]],
  ["the very minute is over", "5 * * * *", "UTC", "2026-01-01T00:05:00Z", ["2026-01-01T01:05:00Z"]],
  ["steps", "*/20 3 * * *", "UTC", "2026-01-01T03:10:00Z", ["2026-01-01T03:20:00Z", "2026-01-01T03:40:00Z"]],
  ["names", "0 0 * feb mon-wed", "UTC", "2026-01-01T00:00:00Z", ["2026-02-02T00:00:00Z", "2026-02-03T00:00:00Z"]],
  [
    "a day of either kind",
    "0 0 13 * fri",
    "UTC",
    "2026-02-27T01:00:00Z",
    ["2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z"],
  ],
  ["a macro", "@yearly", "UTC", "2026-01-01T00:00:00Z", ["2027-01-01T00:00:00Z"]],
  ["a leap day", "0 12 29 2 *", "UTC", "2026-01-01T00:00:00Z", ["2028-02-29T12:00:00Z"]],
  ["a day that there is not", "59 23 31 2 *", "UTC", "2026-01-01T00:00:00Z", []],
  ["a distance", "@every 1h30m", "UTC", "2026-01-01T00:00:10.500Z", ["2026-01-01T01:30:10Z", "2026-01-01T03:00:10Z"]],
  ["a zone", "0 9 * * *", "Asia/Kolkata", "2026-01-01T00:00:00Z", ["2026-01-01T09:00:00+05:30"]],
  [
    "a time that is skipped in spring",
    "30 2 * * *",
    "Europe/Oslo",
    "2026-03-28T03:00:00Z",
    ["2026-03-30T02:30:00+02:00"],
  ],
  [
    "a time that comes twice in autumn",
    "30 2 * * *",
    "Europe/Oslo",
    "2026-10-24T12:00:00Z",
    ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00"],
  ],
  [
    "hours go on evenly in autumn",
    "0 * * * *",
    "America/New_York",
    "2026-11-01T04:30:00Z",
    ["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T02:00:00-05:00"],
  ],
];

describe("the next run of a schedule", () => {
  for (const [title, schedule, zone, after, runs] of cases) {
    it(`is right for ${title}: ${schedule} in ${zone}`, () => {
      expect(runsAfter(schedule, zone, { after, count: runs.length || 1 })).to.deep.equal(runs);
    });
  }

  it("is what reading the clock minute by minute finds, whatever the schedule, the zone and the time of the year", () => {
    const random = seededRandom(42);
    const pick = <T>(...from: readonly T[]) => from[Math.floor(random.float() * from.length)] as T;
    const zones = ["UTC", "Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"];
    const starts = [
      "2026-03-08T04:00:00Z",
      "2026-03-29T00:00:00Z",
      "2026-04-04T13:00:00Z",
      "2026-10-03T14:00:00Z",
      "2026-10-25T00:00:00Z",
      "2026-11-01T03:00:00Z",
      "2026-12-31T10:00:00Z",
    ];
    for (let round = 0; round < 60; round++) {
      const text = [
        pick("*", "0", "*/7", "30", "15-45/10", "1,59"),
        pick("*", "0", "1-3", "*/5", "2", "23"),
        pick("*", "*", "1", "*/2", "25-31"),
        pick("*", "*", "1,4,11", "3-12/3"),
        pick("*", "*", "sun", "1-5"),
      ].join(" ");
      const schedule = parseCronSchedule(text);
      const name = pick(...zones);
      const zone = zoneOf(name);
      const afterMs = Date.parse(pick(...starts)) - Math.floor(random.float() * 600) * MINUTE_MS;
      const untilMs = afterMs + 24 * 60 * MINUTE_MS;
      const slow = readMinutes(schedule, zone, { afterMs, untilMs });
      const runMs = nextRun(schedule, afterMs, zone) ?? Infinity;
      const about = `${text} in ${name} after ${new Date(afterMs).toISOString()}`;
      if (slow[0] === undefined) expect(runMs, about).to.be.greaterThan(untilMs);
      else expect(runMs, about).to.equal(slow[0]);
      const missed = missedRuns(schedule, zone, { afterMs, nowMs: untilMs });
      expect(missed?.lastMs, about).to.equal(slow.at(-1));
    }
  }).timeout(20_000);
});

/** All runs, found without any shortcut. */
function readMinutes(
  schedule: ReturnType<typeof parseCronSchedule>,
  zone: ZoneOffset,
  { afterMs, untilMs }: { afterMs: number; untilMs: number },
): readonly number[] {
  if ("everyMs" in schedule) throw new Error("the schedule has no fields");
  const found: number[] = [];
  for (let ms = Math.floor(afterMs / MINUTE_MS + 1) * MINUTE_MS; ms <= untilMs; ms += MINUTE_MS) {
    const wall = new Date(ms + zone(ms));
    const [date, weekday] = [schedule.days.has(wall.getUTCDate()), schedule.weekdays.has(wall.getUTCDay())];
    const suits = [
      schedule.minutes.has(wall.getUTCMinutes()),
      schedule.hours.has(wall.getUTCHours()),
      schedule.months.has(wall.getUTCMonth() + 1),
      schedule.needsBothDays ? date && weekday : date || weekday,
    ];
    if (suits.every(Boolean)) found.push(ms);
  }
  return found;
}

describe("missed runs", () => {
  const missed = (schedule: string, after: string, now: string) =>
    missedRuns(parseCronSchedule(schedule), zoneOf("UTC"), { afterMs: Date.parse(after), nowMs: Date.parse(now) });
  const newest = (at: string, count: number) => ({ lastMs: Date.parse(at), count });

  it("are none before the first", () => {
    expect(missed("0 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:59:59Z")).to.equal(undefined);
  });

  it("are told by the newest, and counted", () => {
    expect(missed("0 * * * *", "2026-01-01T00:00:00Z", "2026-01-01T05:00:00Z")).to.deep.equal(
      newest("2026-01-01T05:00:00Z", 5),
    );
    expect(missed("* * * * *", "2016-01-01T00:00:00Z", "2026-01-01T00:00:30Z")?.lastMs).to.equal(
      Date.parse("2026-01-01T00:00:00Z"),
    );
    expect(missed("@every 7s", "2026-01-01T00:00:00Z", "2026-01-01T00:00:30Z")).to.deep.equal(
      newest("2026-01-01T00:00:28Z", 4),
    );
    expect(missed("* 0 1 1 *", "2026-01-01T00:30:00Z", "2026-07-01T00:00:00Z")?.lastMs).to.equal(
      Date.parse("2026-01-01T00:59:00Z"),
    );
  });
});
