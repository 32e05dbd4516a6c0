import { expect } from "chai";
import type { ClusterRoleBinding } from "../../../api/rbac/cluster-role-binding.ts";
import type { ClusterRole } from "../../../api/rbac/cluster-role.ts";
import type { KubeObject } from "../../../api/meta/object.ts";
import { ApiHarness } from "../../../testing/api-harness.ts";
import { aggregatedRules } from "./system-roles.ts";
import { named, rule, urlRule } from "./rule.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";

describe("the notation of rules", () => {
  it("stands for rules about resources, names and URLs", () => {
    expect(named("a b", rule("get list", "core apps", "pods"))).to.deep.equal({
      verbs: ["get", "list"],
      apiGroups: ["", "apps"],
      resources: ["pods"],
      resourceNames: ["a", "b"],
    });
    expect(urlRule("get", "/api /api/*")).to.deep.equal({ verbs: ["get"], nonResourceURLs: ["/api", "/api/*"] });
  });
});

describe("the roles that every cluster has", () => {
  let api: ApiHarness;
  let roles: readonly ClusterRole[];
  let bindings: readonly ClusterRoleBinding[];
  const listOf = async <T extends KubeObject>(path: string) =>
    ((await api.get(RBAC + path)).items ?? []) as unknown as readonly T[];
  before(async () => {
    api = await ApiHarness.start();
    roles = await listOf<ClusterRole>("/clusterroles");
    bindings = await listOf<ClusterRoleBinding>("/clusterrolebindings");
  });
  after(() => api.stop());
  const roleOf = (name: string) => roles.find(({ metadata }) => metadata.name === name);

  it("let administrators do everything", () => {
    expect(roleOf("cluster-admin")?.rules).to.deep.equal([
      { apiGroups: ["*"], resources: ["*"], verbs: ["*"] },
      { nonResourceURLs: ["*"], verbs: ["*"] },
    ]);
    const binding = bindings.find(({ metadata }) => metadata.name === "cluster-admin");
    expect(binding?.subjects).to.deep.equal([
      { kind: "Group", apiGroup: "rbac.authorization.k8s.io", name: "system:masters" },
    ]);
  });

  it("are made of the roles that are labelled for them, the smaller ones in the larger", () => {
    for (const name of ["admin", "edit", "view"]) {
      const label = `rbac.authorization.k8s.io/aggregate-to-${name}`;
      expect(roleOf(name)?.aggregationRule).to.deep.equal({
        clusterRoleSelectors: [{ matchLabels: { [label]: "true" } }],
      });
      const parts = roles.filter(({ metadata }) => metadata.labels?.[label] === "true");
      const rules = parts.flatMap((part) => part.rules ?? []);
      expect(roleOf(name)?.rules, name).to.have.deep.members(rules);
    }
    expect(aggregatedRules("admin").length).to.be.greaterThan(aggregatedRules("edit").length);
    expect(JSON.stringify(aggregatedRules("view"))).not.to.match(/secrets|exec|create/);
  });

  it("are marked as Kubernetes' own", () => {
    for (const { metadata } of [...roles, ...bindings]) {
      expect(metadata.labels, metadata.name).to.have.property("kubernetes.io/bootstrapping", "rbac-defaults");
      expect(metadata.annotations).to.have.property("rbac.authorization.kubernetes.io/autoupdate", "true");
    }
  });

  it("are bound to nobody but the system's own users, groups and accounts", () => {
    expect(bindings.length).to.be.greaterThan(40);
    for (const { roleRef, subjects = [] } of bindings) {
      expect(roleOf(roleRef.name), roleRef.name).not.to.equal(undefined);
      const names = subjects.map(({ kind, name, namespace }) => (kind === "ServiceAccount" ? namespace : name));
      expect(names.join(" "), roleRef.name).to.match(/^((system:[a-z-]+|kube-system) ?)*$/);
    }
  });

  it("exist in the system's own namespaces too", async () => {
    const inNamespace = await listOf("/roles");
    expect(inNamespace.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).to.include.members([
      "kube-public/system:controller:bootstrap-signer",
      "kube-system/extension-apiserver-authentication-reader",
    ]);
    expect(await listOf("/rolebindings")).to.have.length(inNamespace.length);
  });
});
