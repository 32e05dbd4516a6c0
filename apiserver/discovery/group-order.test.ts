import { expect } from "chai";
import { compareGroups, compareVersions } from "./group-order.ts";

describe("the order of groups", () => {
  it("is kube-apiserver's, with other groups behind by name", () => {
    const names = ["x.example.com", "policy", "storage.k8s.io", "apps", "apiextensions.k8s.io", "a.example.com"];
    const more = ["admissionregistration.k8s.io", "", "autoscaling", "node.k8s.io"];
    expect([...names, ...more].sort(compareGroups)).to.deep.equal([
      "",
      "apps",
      "autoscaling",
      "policy",
      "storage.k8s.io",
      "admissionregistration.k8s.io",
      "apiextensions.k8s.io",
      "node.k8s.io",
      "a.example.com",
      "x.example.com",
    ]);
  });
});

describe("the order of versions", () => {
  it("is stable before beta before alpha, the newest of each first", () => {
    const sorted = ["v10", "v2", "v1", "v11beta2", "v10beta3", "v3beta1", "v12alpha1", "v11alpha2", "foo1", "foo10"];
    expect([...sorted].reverse().sort(compareVersions)).to.deep.equal(sorted);
  });
});
