import { expect } from "chai";
import { jobs, type Job } from "./job.ts";
import { validateJob } from "./validate-job.ts";
import { storedObject } from "../../testing/stored-object.ts";

const container = { name: "c", image: "web" };
const template = { spec: { containers: [container], restartPolicy: "Never" } };

/** A job as it is when it has been created. */
function jobOf(spec: object, more: { readonly metadata?: object; readonly status?: object } = {}): Job {
  const { status, ...rest } = more;
  const sent = storedObject(jobs, { spec: { template, ...spec }, ...rest });
  const created = jobs.prepare?.(sent) ?? sent;
  return status ? { ...created, status } : created;
}

const texts = (job: Job, old?: Job) => validateJob(job, old).map(({ path, message }) => `${path}: ${message}`);
const indexed = { completionMode: "Indexed", completions: 3, parallelism: 3 };

describe("the status of a job", () => {
  const [start, end] = ["2020-01-01T00:00:00Z", "2020-01-01T00:01:00Z"];
  const conditions = (...types: string[]) => types.map((type) => ({ type, status: "True" }));
  const complete = {
    startTime: start,
    completionTime: end,
    succeeded: 1,
    conditions: conditions("SuccessCriteriaMet", "Complete"),
  };
  const running = { startTime: start, active: 1 };
  const C = "status.conditions: Invalid value";

  it("may end well or badly", () => {
    expect(texts(jobOf({}, { status: complete }), jobOf({}, { status: running }))).to.deep.equal([]);
    const failed = { startTime: start, failed: 1, conditions: conditions("FailureTarget", "Failed") };
    expect(texts(jobOf({}, { status: failed }), jobOf({}, { status: running }))).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, object, readonly string[]])[] = [
    [
      "ends without a time",
      running,
      { ...complete, completionTime: undefined },
      ["status.completionTime: Required value: completionTime is required for Complete jobs"],
    ],
    [
      "has a time without an end",
      running,
      { ...running, completionTime: end },
      [
        `status.completionTime: Invalid value: "${end}": cannot set completionTime when there is no Complete=True condition`,
      ],
    ],
    [
      "ends before it begins",
      running,
      { ...complete, startTime: end, completionTime: start },
      [
        `status.completionTime: Invalid value: "${start}": must be equal to or after \`startTime\``,
        "status.startTime: Required value: startTime cannot be removed for unsuspended job",
      ],
    ],
    [
      "runs on after its end",
      running,
      { ...complete, active: 1, ready: 1, terminating: 1 },
      [
        "status.active: Invalid value: 1: active>0 is invalid for finished job",
        "status.terminating: Invalid value: 1: terminating>0 is invalid for finished job",
      ],
    ],
    [
      "ends in two ways",
      running,
      { ...complete, conditions: conditions("Complete", "Failed") },
      [
        `${C}: cannot set Complete=True and Failed=true conditions`,
        `${C}: cannot set Failed=True condition without the FailureTarget=true condition`,
        `${C}: cannot set Complete=True condition without the SuccessCriteriaMet=true condition`,
      ],
    ],
    [
      "lives again",
      complete,
      { ...running, succeeded: 0 },
      [
        `${C}: cannot disable the terminal Complete=True condition`,
        "status.succeeded: Invalid value: 0: cannot decrease the succeeded counter",
        `${C}: cannot disable the SuccessCriteriaMet=True condition`,
      ],
    ],
    [
      "has more ready pods than pods",
      running,
      { ...running, ready: 2 },
      ["status.ready: Invalid value: 2: cannot set more ready pods than active"],
    ],
    [
      "counts indexes that it has not",
      running,
      { ...running, completedIndexes: "0", failedIndexes: "" },
      [
        'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
        'status.failedIndexes: Invalid value: "": cannot set non-null failedIndexes when backoffLimitPerIndex is null',
      ],
    ],
    [
      "counts a pod twice",
      running,
      { ...running, uncountedTerminatedPods: { succeeded: ["u", ""], failed: ["u"] } },
      [
        'status.uncountedTerminatedPods.succeeded[1]: Invalid value: "": must not be empty',
        'status.uncountedTerminatedPods.failed[0]: Duplicate value: "u"',
      ],
    ],
    [
      "both succeeds and fails",
      running,
      { ...running, conditions: conditions("SuccessCriteriaMet", "FailureTarget") },
      [`${C}: cannot set SuccessCriteriaMet=True and FailureTarget=true conditions`],
    ],
  ];
  for (const [title, before, after, expected] of cases) {
    it(`is refused where it ${title}`, () => {
      expect(texts(jobOf({}, { status: after }), jobOf({}, { status: before }))).to.deep.equal(expected);
    });
  }

  it("is refused where an index both succeeded and failed", () => {
    const spec = { ...indexed, completions: 9, backoffLimitPerIndex: 1 };
    const status = { ...running, completedIndexes: "0-2,5", failedIndexes: "2-4,5,9" };
    expect(texts(jobOf(spec, { status }), jobOf(spec, { status: running }))).to.deep.equal([
      'status.failedIndexes: Invalid value: "2-4,5,9": error parsing failedIndexes: too large index: "9"',
      'status.failedIndexes: Invalid value: "2-4,5,9": failedIndexes and completedIndexes overlap at index: 2',
    ]);
  });

  it("may be written though it breaks a rule that the write is not about", () => {
    const broken = { ...complete, active: 1 };
    const status = { ...broken, failed: 1 };
    expect(texts(jobOf({}, { status }), jobOf({}, { status: broken }))).to.deep.equal([]);
  });
});

describe("the columns of a job", () => {
  const row = (job: Job) =>
    jobs.columns
      .slice(1, 4)
      .map((column) => column.cell(job, 90_000))
      .join(" | ");
  const status = { startTime: "1970-01-01T00:00:00Z" };

  it("are those of kubectl", () => {
    expect(jobs.columns.map(({ name }) => name).join(", ")).to.equal(
      "Name, Status, Completions, Duration, Age, Containers, Images, Selector",
    );
  });

  it("show how far it has come", () => {
    expect(row(jobOf({}))).to.equal("Running | 0/1 | ");
    expect(row(jobOf({}, { status }))).to.equal("Running | 0/1 | 90s");
    const done = { ...status, completionTime: "1970-01-01T00:00:05Z", succeeded: 1 };
    const conditions = [{ type: "Complete", status: "True" }];
    expect(row(jobOf({}, { status: { ...done, conditions } }))).to.equal("Complete | 1/1 | 5s");
    expect(row(jobOf({ parallelism: 3 }))).to.equal("Running | 0/1 of 3 | ");
  });
});
