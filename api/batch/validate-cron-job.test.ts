import { expect } from "chai";
import { cronJobs, type CronJob } from "./cron-job.ts";
import { validateCronJob } from "./validate-cron-job.ts";
import { storedObject } from "../../testing/stored-object.ts";

const template = { spec: { containers: [{ name: "c", image: "web" }], restartPolicy: "Never" } };
const cronJobOf = (spec: object, more: object = {}): CronJob =>
  storedObject(cronJobs, { spec: { schedule: "@daily", jobTemplate: { spec: { template } }, ...spec }, ...more });
const texts = (cronJob: CronJob, old?: CronJob) =>
  validateCronJob(cronJob, old).map(({ path, message }) => `${path}: ${message}`);

describe("a cron job", () => {
  it("gets its defaults, and its job template none of a job's", () => {
    const { jobTemplate, ...spec } = cronJobOf({}).spec;
    expect(spec).to.deep.equal({
      schedule: "@daily",
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    });
    expect(Object.keys(jobTemplate.spec)).to.deep.equal(["template"]);
    expect(texts(cronJobOf({}))).to.deep.equal([]);
  });

  const zone = (timeZone: string) => [`spec.timeZone: Invalid value: "${timeZone}": unknown time zone ${timeZone}`];
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["no schedule", { schedule: "" }, ["spec.schedule: Required value"]],
    [
      "a schedule that is none",
      { schedule: "* * *" },
      ['spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *]'],
    ],
    [
      "a time zone in the schedule",
      { schedule: "TZ=UTC 0 0 * * *" },
      [
        'spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    ],
    [
      "an empty time zone",
      { timeZone: "" },
      ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
    ],
    [
      "the time zone of whatever machine",
      { timeZone: "Local" },
      [
        'spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      ],
    ],
    ...["Europe/Nowhere", "../etc/passwd", "europe/oslo", "+01", "a//b"].map(
      (name) => [`the time zone ${name}`, { timeZone: name }, zone(name)] as const,
    ),
    [
      "negative counts",
      { startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 },
      ["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"].map(
        (name) => `spec.${name}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      "jobs that choose their selector",
      { jobTemplate: { spec: { template, selector: {}, manualSelector: true, parallelism: -1 } } },
      [
        "spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0",
        "spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated",
        'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"',
      ],
    ],
  ];
  for (const [title, spec, expected] of cases) {
    it(`is refused with ${title}`, () => {
      expect(texts(cronJobOf(spec))).to.deep.equal(expected);
    });
  }

  for (const timeZone of ["UTC", "Etc/UTC", "Europe/Oslo", "US/Pacific", "America/Argentina/Ushuaia", "Etc/GMT+1"]) {
    it(`may have the time zone ${timeZone}`, () => {
      expect(texts(cronJobOf({ timeZone }))).to.deep.equal([]);
    });
  }

  it("may keep a time zone in its schedule, but not with another beside it", () => {
    const old = cronJobOf({ schedule: "TZ=UTC 0 0 * * *" });
    expect(texts(cronJobOf({ schedule: "TZ=UTC 1 0 * * *" }), old)).to.deep.equal([]);
    expect(texts(cronJobOf({ schedule: "TZ=UTC 1 0 * * *", timeZone: "UTC" }), old)).to.deep.equal([
      'spec.schedule: Invalid value: "TZ=UTC 1 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
    ]);
  });

  it("has a name that leaves room for those of its jobs", () => {
    const name = "x".repeat(53);
    expect(texts(cronJobOf({}, { metadata: { name } }))).to.deep.equal([
      `metadata.name: Invalid value: "${name}": must be no more than 52 characters`,
    ]);
  });

  it("shows in its columns when it runs", () => {
    const { columns } = cronJobs;
    expect(columns.map(({ name }) => name).join(", ")).to.equal(
      "Name, Schedule, Timezone, Suspend, Active, Last Schedule, Age, Containers, Images, Selector",
    );
    const row = (cronJob: CronJob) => columns.map((column) => column.cell(cronJob, 60_000)).join(" | ");
    expect(row(cronJobOf({}))).to.equal("test | @daily | <none> | False | 0 | <none> | 60s | c | web | <none>");
    const status = { active: [{}], lastScheduleTime: "1970-01-01T00:00:30Z" };
    expect(row(cronJobOf({ timeZone: "UTC", suspend: true }, { status }))).to.equal(
      "test | @daily | UTC | True | 1 | 30s | 60s | c | web | <none>",
    );
  });
});
