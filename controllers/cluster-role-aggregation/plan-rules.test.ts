import { expect } from "chai";
import type { ClusterRole } from "../../api/rbac/cluster-role.ts";
import { planRules } from "./plan-rules.ts";

const read = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
const write = { verbs: ["update"], apiGroups: [""], resources: ["pods"] };
const other = { verbs: ["get"], apiGroups: [""], resources: ["nodes"] };

const roleOf = (name: string, labels: Readonly<Record<string, string>>, rules: ClusterRole["rules"] = []) =>
  ({ metadata: { name, labels }, rules }) as ClusterRole;
const sum = (rules: ClusterRole["rules"], ...selected: readonly Readonly<Record<string, string>>[]): ClusterRole => ({
  ...roleOf("sum", { a: "1" }, rules),
  aggregationRule: { clusterRoleSelectors: selected.map((matchLabels) => ({ matchLabels })) },
});

describe("a cluster role that is made of others", () => {
  const all = [
    roleOf("z", { a: "1" }, [read]),
    roleOf("b", { a: "1" }, [write, read]),
    roleOf("c", { b: "1" }, [other]),
  ];

  it("has each rule of those that it selects once, in the order of their names", () => {
    expect(planRules(sum([], { a: "1" }), all)).to.deep.equal([write, read]);
  });

  it("has what each of its selectors finds", () => {
    expect(planRules(sum([], { b: "1" }, { a: "1" }), all)).to.deep.equal([other, write, read]);
  });

  it("does not count itself", () => {
    const self = sum([other], { a: "1" });
    expect(planRules(self, [...all, self])).to.deep.equal([write, read]);
  });

  it("loses what nobody has any more, and is let be where nothing changes", () => {
    expect(planRules(sum([read], { none: "1" }), all)).to.deep.equal([]);
    expect(planRules(sum([write, read], { a: "1" }), all)).to.equal(undefined);
    expect(planRules(sum(undefined, { none: "1" }), all)).to.equal(undefined);
  });
});
