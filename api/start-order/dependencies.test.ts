import { expect } from "chai";
import {
  dependenciesIn,
  formatDependency,
  ON_RESTART,
  restartsAlong,
  STARTS_AFTER,
  validateStartOrder,
} from "./dependencies.ts";

describe("what a pod starts after", () => {
  const named = (text: string) => dependenciesIn({ [STARTS_AFTER]: text }).map(formatDependency);
  const read: [title: string, text: string, expected: string[]][] = [
    ["nothing", "", []],
    ["one object", "statefulset/db", ["statefulset/db"]],
    ["several, with spaces and a trailing comma", " job/migrate ,pod/x,", ["job/migrate", "pod/x"]],
    [
      "plurals, short names, groups and capitals",
      "sts/a,Deployments/b,svc/c,ds.apps/d,jobs.batch/e",
      ["statefulset/a", "deployment/b", "service/c", "daemonset/d", "job/e"],
    ],
    ["each once", "job/a,job/a", ["job/a"]],
    ["only what can be understood", "db,crontab/x,job/a,job/b/c,job/UPPER", ["job/a"]],
  ];
  for (const [title, text, expected] of read) {
    it(`is read from the annotation: ${title}`, () => {
      expect(named(text)).to.deep.equal(expected);
    });
  }

  it("is nothing without the annotation", () => {
    expect(dependenciesIn(undefined)).to.deep.equal([]);
    expect(dependenciesIn({ other: "x" })).to.deep.equal([]);
  });

  const problems = (annotations: Readonly<Record<string, string>>) =>
    validateStartOrder(annotations, "metadata.annotations").map(({ path, message }) => `${path}: ${message}`);
  const refused: [text: string, problem: string][] = [
    ["db", '"db" must be KIND/NAME of an object in the same namespace, such as statefulset/db'],
    ["job/", '"job/" must be KIND/NAME of an object in the same namespace, such as statefulset/db'],
    ["other/sts/db", '"other/sts/db" must be KIND/NAME of an object in the same namespace, such as statefulset/db'],
    ["cronjob/x", '"cronjob/x" must be one of the kinds deployment, statefulset, daemonset, job, service, pod'],
    ["sts.batch/x", '"sts.batch/x" must be one of the kinds deployment, statefulset, daemonset, job, service, pod'],
    ["constructor/x", '"constructor/x" must be one of the kinds deployment, statefulset, daemonset, job, service, pod'],
    ["job/-x", '"job/-x" has no valid name behind the slash'],
  ];
  for (const [text, problem] of refused) {
    it(`is refused as ${JSON.stringify(text)}`, () => {
      const [message, ...more] = problems({ [STARTS_AFTER]: text });
      expect(message).to.include(problem).and.include(`[${STARTS_AFTER}]`);
      expect(more).to.deep.equal([]);
    });
  }

  it("is refused where it names too much", () => {
    const text = (count: number) => Array.from({ length: count }, (_, index) => `job/j${index}`).join(",");
    expect(problems({ [STARTS_AFTER]: text(32) })).to.deep.equal([]);
    expect(problems({ [STARTS_AFTER]: text(33) })[0]).to.include("must not name more than 32 objects");
  });

  it("may be restarted along with, or not", () => {
    expect(problems({ [ON_RESTART]: "restart" })).to.deep.equal([]);
    expect(problems({ [ON_RESTART]: "ignore" })).to.deep.equal([]);
    expect(problems({ [ON_RESTART]: "yes" })[0]).to.include('"restart", "ignore"');
    expect([restartsAlong({ [ON_RESTART]: "restart" }), restartsAlong({}), restartsAlong(undefined)]).to.deep.equal([
      true,
      false,
      false,
    ]);
  });
});
