import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { projectRoot } from "../../testing/source-tree.ts";
import { isVolumeSource, listFields, seenElsewhere, seenOnDocker } from "./fields.ts";

const fields = new Map([...listFields()].filter(([type]) => !isVolumeSource(type)));
const all = [...fields].flatMap(([type, names]) => names.map((name) => `${type}.${name}`));
const expand = (field: string) =>
  field.endsWith(".*") ? all.filter((each) => each.startsWith(field.slice(0, -1))) : [field];

describe("the fields of PodSpec", () => {
  it("are seen, each of them, by a test on Docker or one for the server or the scheduler", () => {
    const seen = new Set([...seenOnDocker().keys(), ...seenElsewhere.flatMap((each) => each.fields.flatMap(expand))]);
    expect(all.filter((field) => !seen.has(field))).to.deep.equal([]);
  });

  it("are all that the tests say they see", () => {
    const known = new Set(all);
    const told = [...seenOnDocker().keys(), ...seenElsewhere.flatMap((each) => each.fields.flatMap(expand))];
    expect(told.filter((field) => !known.has(field))).to.deep.equal([]);
  });

  for (const { test, fields: told } of seenElsewhere) {
    it(`are in ${test} where that is said to see them`, () => {
      const file = join(projectRoot, test);
      expect(existsSync(file)).to.equal(true);
      const text = readFileSync(file, "utf8");
      const named = told.filter((field) => !field.endsWith(".*")).map((field) => field.split(".").at(-1) ?? "");
      expect(named.filter((name) => !text.includes(name))).to.deep.equal([]);
    });
  }
});
