import { expect } from "chai";
import { deployments, type Deployment } from "./deployment.ts";
import { canaryCount, misreadOptions, validateOptions, warnOfOptions } from "./deployment-options.ts";
import { storedObject } from "../../testing/stored-object.ts";

const asking = (annotations: Readonly<Record<string, string>>, spec: object = {}): Deployment =>
  storedObject(deployments, { metadata: { name: "web", annotations }, spec: { replicas: 4, ...spec } });

describe("the options of a Deployment", () => {
  const accepted: readonly Readonly<Record<string, string>>[] = [
    { "kctl.dev/automatic-rollback": "true", "kctl.dev/roll-out-on-configuration-change": "false" },
    { "kctl.dev/canary": "2", "kctl.dev/promoted-revision": "3" },
    { "kctl.dev/canary": "0" },
    { "kctl.dev/canary": "100%" },
    { "other.dev/canary": "whatever" },
  ];
  for (const annotations of accepted) {
    it(`are accepted as ${JSON.stringify(annotations)}`, () => {
      expect(validateOptions(asking(annotations))).to.deep.equal([]);
      expect(warnOfOptions(asking(annotations))).to.deep.equal([]);
    });
  }

  const refused: readonly (readonly [name: string, value: string, detail: RegExp])[] = [
    ["kctl.dev/automatic-rollback", "yes", /must be "true" or "false"$/],
    ["kctl.dev/automatic-rollback", "", /must be "true" or "false"$/],
    ["kctl.dev/canary", "two", /must be a number of pods/],
    ["kctl.dev/canary", "-1", /must be a number of pods/],
    ["kctl.dev/canary", "101%", /must be a number of pods/],
    ["kctl.dev/canary", "1\n", /must be a number of pods/],
    ["kctl.dev/promoted-revision", "latest", /must be the number of a revision/],
  ];
  for (const [name, value, detail] of refused) {
    it(`are refused where ${name} is ${JSON.stringify(value)}, but not where that is stored already`, () => {
      const deployment = asking({ [name]: value });
      const [error] = validateOptions(deployment);
      expect(error?.path).to.equal(`metadata.annotations[${name}]`);
      expect(error?.message)
        .to.contain(`Invalid value: ${JSON.stringify(value)}: `)
        .and.match(detail);
      expect(validateOptions(deployment, deployment)).to.deep.equal([]);
      expect(misreadOptions(deployment)).to.have.length(1);
    });
  }

  it("warn of names that mean nothing, and of canaries that cannot be", () => {
    const [warning] = warnOfOptions(asking({ "kctl.dev/canery": "2" }));
    expect(warning).to.match(
      /^metadata.annotations\[kctl.dev\/canery\]: unknown option of deployments; known are kctl.dev\/automatic-/,
    );
    const recreate = asking({ "kctl.dev/canary": "2" }, { strategy: { type: "Recreate" } });
    expect(warnOfOptions(recreate)).to.deep.equal([
      "metadata.annotations[kctl.dev/canary]: has no effect with the strategy Recreate",
    ]);
  });

  it("warn of rollbacks that nothing ever triggers", () => {
    const endless = asking({ "kctl.dev/automatic-rollback": "true" }, { progressDeadlineSeconds: 2147483647 });
    expect(warnOfOptions(endless)).to.deep.equal([
      "metadata.annotations[kctl.dev/automatic-rollback]: has no effect without a progressDeadlineSeconds",
    ]);
  });

  const counts: readonly (readonly [value: string, count: number])[] = [
    ["3", 3],
    ["10%", 1],
    ["0%", 0],
    ["unreadable", 0],
  ];
  for (const [value, count] of counts) {
    it(`give ${count} canaries of 4 for ${value}`, () => {
      expect(canaryCount(asking({ "kctl.dev/canary": value }), 4)).to.equal(count);
    });
  }
});
