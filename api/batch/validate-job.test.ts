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

describe("a job that is created", () => {
  const { spec, metadata } = jobOf({});
  const { uid } = metadata;

  it("gets its defaults, among them what depends on other fields", () => {
    expect(spec).to.deep.include({ parallelism: 1, completions: 1, backoffLimit: 6, completionMode: "NonIndexed" });
    expect(spec).to.deep.include({
      suspend: false,
      manualSelector: false,
      podReplacementPolicy: "TerminatingOrFailed",
    });
    expect(jobOf({ parallelism: 2 }).spec).to.not.have.property("completions");
    const limited = { ...indexed, backoffLimitPerIndex: 1 };
    expect(jobOf(limited).spec.backoffLimit).to.equal(2147483647);
    const policy = {
      podFailurePolicy: { rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }] },
    };
    expect(jobOf(policy).spec.podReplacementPolicy).to.equal("Failed");
    expect(jobOf(policy).spec.podFailurePolicy?.rules[0]?.onPodConditions?.[0]?.status).to.equal("True");
  });

  it("selects its own pods by labels that the server chooses", () => {
    expect(spec.selector).to.deep.equal({ matchLabels: { "batch.kubernetes.io/controller-uid": uid } });
    expect(spec.template.metadata?.labels).to.deep.equal({
      "batch.kubernetes.io/controller-uid": uid,
      "batch.kubernetes.io/job-name": "test",
      "controller-uid": uid,
      "job-name": "test",
    });
    expect(metadata.labels).to.deep.equal(spec.template.metadata?.labels);
    expect(texts(jobOf({}))).to.deep.equal([]);
  });

  it("takes its template's labels where it has none", () => {
    const labelled = { ...template, metadata: { labels: { app: "a" } } };
    expect(jobOf({ template: labelled }).metadata.labels).to.deep.equal({ app: "a" });
    const own = jobOf({ template: labelled }, { metadata: { labels: { own: "b" } } });
    expect(own.metadata.labels).to.deep.equal({ own: "b" });
  });

  it("may have a selector of the user's", () => {
    const labelled = { ...template, metadata: { labels: { app: "a" } } };
    const manual = { manualSelector: true, selector: { matchLabels: { app: "a" } }, template: labelled };
    expect(jobOf(manual).spec.selector).to.deep.equal({ matchLabels: { app: "a" } });
    expect(texts(jobOf(manual))).to.deep.equal([]);
    expect(texts(jobOf({ ...manual, selector: undefined }))).to.deep.equal(["spec.selector: Required value"]);
  });

  it("is refused where its labels would make its pods another's", () => {
    const labels = { "job-name": "other" };
    expect(texts(jobOf({ template: { ...template, metadata: { labels } } }))[0]).to.match(
      /^spec\.template\.metadata\.labels\[job-name\]: Invalid value: .*: must be 'test'$/,
    );
    expect(texts(jobOf({ selector: { matchLabels: { app: "a" } } })).join()).to.include(
      "`selector` not auto-generated",
    );
  });
});

describe("the validation of a job", () => {
  const rules = (...list: object[]) => ({ podFailurePolicy: { rules: list } });
  const onExitCodes = (fields: object) => rules({ action: "FailJob", onExitCodes: { operator: "In", ...fields } });
  const success = (...list: object[]) => ({ ...indexed, successPolicy: { rules: list } });
  const RULE = "spec.podFailurePolicy.rules[0]";
  const SUCCESS = "spec.successPolicy.rules[0]";

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "negative counts",
      { parallelism: -1, completions: -1, activeDeadlineSeconds: -1, backoffLimit: -1, ttlSecondsAfterFinished: -1 },
      ["parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished"].map(
        (name) => `spec.${name}: Invalid value: -1: must be greater than or equal to 0`,
      ),
    ],
    [
      "pods that never end",
      { template: { spec: { containers: [container] } } },
      ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
    ],
    [
      "indexes without a number",
      { completionMode: "Indexed", parallelism: 1 },
      ["spec.completions: Required value: when completion mode is Indexed"],
    ],
    [
      "an unknown mode",
      { completionMode: "Random" },
      ['spec.completionMode: Unsupported value: "Random": supported values: "NonIndexed", "Indexed"'],
    ],
    [
      "limits for each index without indexes",
      { backoffLimitPerIndex: 1, maxFailedIndexes: 1 },
      [
        "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode",
        "spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode",
      ],
    ],
    [
      "more failed indexes than indexes, and none that may fail",
      { ...indexed, maxFailedIndexes: 4 },
      [
        "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified",
        "spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions",
      ],
    ],
    [
      "too many pods at a time",
      { completionMode: "Indexed", completions: 200_000, parallelism: 100_001, backoffLimitPerIndex: 1 },
      [
        "spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed",
        "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
        "spec.parallelism: Invalid value: 100001: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index",
      ],
    ],
    [
      "managers that are no path",
      { managedBy: "me" },
      ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")'],
    ],
    [
      "managers with a long name",
      { managedBy: `acme.io/${"x".repeat(60)}` },
      ["spec.managedBy: Too long: may not be more than 63 bytes"],
    ],
    [
      "a failure policy for pods that are restarted",
      {
        ...onExitCodes({ values: [1] }),
        template: { spec: { containers: [container], restartPolicy: "OnFailure" } },
      },
      [
        'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified',
      ],
    ],
    [
      "replacement before the end with a failure policy",
      { ...onExitCodes({ values: [1] }), podReplacementPolicy: "TerminatingOrFailed" },
      ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"'],
    ],
    [
      "exit codes that are none",
      onExitCodes({ values: [3, 0, 3], containerName: "x" }),
      [
        `${RULE}.onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template`,
        `${RULE}.onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator`,
        `${RULE}.onExitCodes.values[2]: Duplicate value: 3`,
        `${RULE}.onExitCodes.values: Invalid value: [3,0,3]: must be ordered`,
      ],
    ],
    [
      "no exit codes",
      onExitCodes({ values: [] }),
      [`${RULE}.onExitCodes.values: Invalid value: []: at least one value is required`],
    ],
    [
      "a rule about nothing, and one about too much",
      rules(
        { action: "FailIndex" },
        {
          action: "Count",
          onExitCodes: { operator: "NotIn", values: [1] },
          onPodConditions: [{ type: "not a name", status: "True" }],
        },
      ),
      [
        `${RULE}.action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set`,
        `${RULE}: Invalid value: specifying one of OnExitCodes and OnPodConditions is required`,
        "spec.podFailurePolicy.rules[1].onPodConditions[0].type: Invalid value: \"not a name\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
        "spec.podFailurePolicy.rules[1]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported",
      ],
    ],
    [
      "too many rules",
      rules(...Array.from({ length: 21 }, () => ({ action: "Count", onExitCodes: { operator: "In", values: [1] } }))),
      ["spec.podFailurePolicy.rules: Too many: 21: must have at most 20 items"],
    ],
    [
      "a success policy without indexes",
      { successPolicy: { rules: [{ succeededCount: 1 }] } },
      ['spec.successPolicy: Invalid value: {"rules":[{"succeededCount":1}]}: requires indexed completion mode'],
    ],
    [
      "a success policy without rules",
      success(),
      [
        "spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified",
      ],
    ],
    [
      "a rule for success that asks for nothing",
      success({}),
      [`${SUCCESS}: Required value: at least one of succeededCount or succeededIndexes must be specified`],
    ],
    [
      "a rule for success that asks for too much",
      success({ succeededIndexes: "0-1", succeededCount: 4 }),
      [
        `${SUCCESS}.succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)`,
        `${SUCCESS}.succeededCount: Invalid value: 4: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)`,
      ],
    ],
    ...(
      [
        ["0-3", 'too large index: "3"'],
        ["a", 'cannot convert string to integer for index: "a"'],
        ["1,0", "non-increasing order, previous: 1, current: 0"],
        ["2-1", "non-increasing order, previous: 2, current: 1"],
        [
          "0-1-2",
          "the fragment \"0-1-2\" violates the requirement that an index interval can have at most two parts separated by '-'",
        ],
      ] as const
    ).map(
      ([text, problem]) =>
        [
          `indexes such as ${text}`,
          success({ succeededIndexes: text }),
          [`${SUCCESS}.succeededIndexes: Invalid value: "${text}": error parsing succeededIndexes: ${problem}`],
        ] as const,
    ),
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(texts(jobOf(fields))).to.deep.equal(expected);
    });
  }

  it("asks indexed jobs for names that pods can have", () => {
    const name = "x".repeat(62);
    expect(texts(jobOf({ ...indexed }, { metadata: { name } }))).to.deep.equal([
      `metadata.name: Invalid value: "${name}": will not able to create pod with invalid DNS label: ${name}-2`,
    ]);
  });
});

describe("the change of a job", () => {
  const old = jobOf({});
  const changed = (spec: object, from: Job = old): Job => ({ ...from, spec: { ...from.spec, ...spec } });

  it("may concern how much runs at a time, and when it ends", () => {
    const next = changed({ parallelism: 5, activeDeadlineSeconds: 9, suspend: true, ttlSecondsAfterFinished: 1 });
    expect(texts(next, old)).to.deep.equal([]);
  });

  it("may not concern what it does", () => {
    const fixed = { ...changed({ completions: 2, managedBy: "acme.io/x", completionMode: undefined }, old) };
    expect(texts(fixed, old)).to.deep.equal([
      "spec.completions: Invalid value: 2: field is immutable",
      'spec.completionMode: Invalid value: "null": field is immutable',
      'spec.managedBy: Invalid value: "acme.io/x": field is immutable',
    ]);
    const other = changed({ template: { ...old.spec.template, spec: { ...old.spec.template.spec, priority: 3 } } });
    expect(texts(other, old).join()).to.match(/^spec\.template: Invalid value: .*: field is immutable$/);
  });

  it("may let an indexed job grow with its pods", () => {
    const many = jobOf(indexed);
    expect(texts(changed({ completions: 5, parallelism: 5 }, many), many)).to.deep.equal([]);
    expect(texts(changed({ completions: 5 }, many), many)).to.deep.equal([
      "spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism",
    ]);
  });

  it("may say where the pods run for as long as the job has never run", () => {
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: "a", operator: "Exists" }] }],
      },
    };
    const placed = (from: Job): Job => {
      const { template: kept } = from.spec;
      const spec = { ...kept.spec, nodeSelector: { a: "b" }, affinity: { nodeAffinity } };
      return changed({ template: { ...kept, spec } as Job["spec"]["template"] }, from);
    };
    const waiting = jobOf({ suspend: true });
    expect(texts(placed(waiting), waiting)).to.deep.equal([]);
    expect(texts(waiting, placed(waiting))).to.deep.equal([]);
    const startTime = "2020-01-01T00:00:00Z";
    const started = { ...waiting, status: { startTime } };
    expect(texts(placed(started), started)).to.have.lengthOf(1);
    expect(texts(placed(old), old)).to.have.lengthOf(1);
  });
});
