import { expect } from "chai";
import { parseCronSchedule } from "./cron-schedule.ts";

/** The fields in the order in which they are written. */
function read(text: string): string {
  const schedule = parseCronSchedule(text);
  if ("everyMs" in schedule) return `every ${schedule.everyMs} ms`;
  const { minutes, hours, days, months, weekdays } = schedule;
  const render = (values: ReadonlySet<number>, count: number) =>
    values.size === count ? "all" : [...values].join(",");
  return [render(minutes, 60), render(hours, 24), render(days, 31), render(months, 12), render(weekdays, 7)].join(" ");
}

describe("a cron schedule", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["* * * * *", "all all all all all"],
    ["*/20 0 ? * ?", "0,20,40 0 all all all"],
    ["5/20 1-3 1,15 jan-MAR sun,Fri", "5,25,45 1,2,3 1,15 1,2,3 0,5"],
    ["0 8-18/5 * * *", "0 8,13,18 all all all"],
    ["@daily", "0 0 all all all"],
    ["@weekly", "0 0 all all 0"],
    ["@yearly", "0 0 1 1 all"],
    ["TZ=Europe/Oslo 0 1 * * *", "0 1 all all all"],
    ["@every 1h30m", "every 5400000 ms"],
    ["@every 10ms", "every 1000 ms"],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${text}`, () => {
      expect(read(text)).to.equal(expected);
    });
  }

  it("says whether a day must suit both of its fields", () => {
    const both = (text: string) => {
      const schedule = parseCronSchedule(text);
      return "needsBothDays" in schedule && schedule.needsBothDays;
    };
    expect(["0 0 1 * *", "0 0 */1 * 1", "0 0 */2 * 1", "0 0 1 * 1"].map(both)).to.deep.equal([
      true,
      true,
      false,
      false,
    ]);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ["", "empty spec string"],
    ["* * * *", "expected exactly 5 fields, found 4: [* * * *]"],
    ["0 0 * * * *", "expected exactly 5 fields, found 6: [0 0 * * * *]"],
    ["60 * * * *", "end of range (60) above maximum (59): 60"],
    ["* * 0 * *", "beginning of range (0) below minimum (1): 0"],
    ["5-1 * * * *", "beginning of range (5) beyond end of range (1): 5-1"],
    ["1-2-3 * * * *", "too many hyphens: 1-2-3"],
    ["*/1/2 * * * *", "too many slashes: */1/2"],
    ["*/0 * * * *", "step of range should be a positive number: */0"],
    ["a * * * *", 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ["* * * * 7", "end of range (7) above maximum (6): 7"],
    ["-1 * * * *", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'],
    ["@never", "unrecognized descriptor: @never"],
    ["@every soon", 'failed to parse duration @every soon: time: invalid duration "soon"'],
  ];
  for (const [text, problem] of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseCronSchedule(text)).to.throw(problem);
    });
  }
});
