import { expect } from "chai";
import { clusterRoleBindings, type ClusterRoleBinding } from "./cluster-role-binding.ts";
import { clusterRoles, type ClusterRole } from "./cluster-role.ts";
import { roleBindings, type RoleBinding } from "./role-binding.ts";
import { roles, type Role } from "./role.ts";
import { validateClusterRole, validateRole } from "./validate-role.ts";
import { validateClusterRoleBinding, validateRoleBinding } from "./validate-role-binding.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const render = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);
const roleErrors = (fields: object) => render(validateRole(storedObject<Role>(roles, { ...fields })));
const clusterRoleErrors = (fields: object) =>
  render(validateClusterRole(storedObject<ClusterRole>(clusterRoles, { ...fields })));

const rule = { verbs: ["get"], apiGroups: [""], resources: ["pods"] };
const urls = { verbs: ["get"], nonResourceURLs: ["/metrics"] };

describe("the validation of roles", () => {
  it("accepts rules for resources, names with colons, and no rules", () => {
    expect(roleErrors({ rules: [rule] })).to.deep.equal([]);
    expect(roleErrors({ metadata: { name: "system:Some.Role" } })).to.deep.equal([]);
    expect(clusterRoleErrors({ rules: [rule, urls] })).to.deep.equal([]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "rules that say nothing",
      {},
      [
        "rules[0].verbs: Required value: verbs must contain at least one value",
        "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
        "rules[0].resources: Required value: resource rules must supply at least one resource",
      ],
    ],
    [
      "resources and URLs in one rule",
      { ...rule, ...urls },
      [
        'rules[0].nonResourceURLs: Invalid value: ["/metrics"]: rules cannot apply to both regular resources and non-resource URLs',
      ],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      expect(clusterRoleErrors({ rules: [fields] })).to.deep.equal(expected);
    });
  }

  it("refuses URLs in a namespace", () => {
    expect(roleErrors({ rules: [urls] })).to.deep.equal([
      'rules[0].nonResourceURLs: Invalid value: ["/metrics"]: namespaced rules cannot apply to non-resource URLs',
    ]);
  });

  it("refuses to make a role of nothing", () => {
    expect(clusterRoleErrors({ aggregationRule: {} })).to.deep.equal([
      "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil",
    ]);
    const clusterRoleSelectors = [{ matchLabels: { "a b": "c" } }];
    expect(clusterRoleErrors({ aggregationRule: { clusterRoleSelectors } })[0]).to.match(
      /^aggregationRule.clusterRoleSelectors\[0\].matchLabels: Invalid value: "a b"/,
    );
  });

  it("refuses names that are more than one segment of a path", () => {
    expect(roleErrors({ metadata: { name: "a/b" } })).to.deep.equal([
      "metadata.name: Invalid value: \"a/b\": may not contain '/'",
    ]);
  });
});

const roleRef = { kind: "ClusterRole", name: "view" };
const bindingOf = (fields: object) => storedObject<RoleBinding>(roleBindings, { roleRef, ...fields });
const clusterBindingOf = (fields: object) =>
  storedObject<ClusterRoleBinding>(clusterRoleBindings, { roleRef, ...fields });

describe("the validation of role bindings", () => {
  const subjects = [
    { kind: "User", name: "jane" },
    { kind: "Group", name: "developers" },
    { kind: "ServiceAccount", name: "builder" },
  ];

  it("fills in the API groups", () => {
    const binding = bindingOf({ subjects });
    expect(binding.roleRef.apiGroup).to.equal("rbac.authorization.k8s.io");
    expect(binding.subjects?.map(({ apiGroup }) => apiGroup)).to.deep.equal([
      "rbac.authorization.k8s.io",
      "rbac.authorization.k8s.io",
      undefined,
    ]);
    expect(render(validateRoleBinding(binding))).to.deep.equal([]);
  });

  it("wants the namespace of service accounts where there is none to assume", () => {
    expect(render(validateClusterRoleBinding(clusterBindingOf({ subjects })))).to.deep.equal([
      "subjects[2].namespace: Required value",
    ]);
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "a role of nothing",
      { roleRef: {} },
      ['roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"', "roleRef.name: Required value"],
    ],
    [
      "a role of another group",
      { roleRef: { ...roleRef, apiGroup: "v1" } },
      ['roleRef.apiGroup: Unsupported value: "v1": supported values: "rbac.authorization.k8s.io"'],
    ],
    [
      "subjects that are nobody",
      {
        subjects: [
          {},
          { kind: "User", apiGroup: "a", name: "b" },
          { kind: "ServiceAccount", apiGroup: "a", name: "B" },
        ],
      },
      [
        "subjects[0].name: Required value",
        'subjects[0].kind: Unsupported value: "": supported values: "ServiceAccount", "User", "Group"',
        'subjects[1].apiGroup: Unsupported value: "a": supported values: "rbac.authorization.k8s.io"',
        'subjects[2].apiGroup: Unsupported value: "a": supported values: ""',
      ],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`refuses ${title}`, () => {
      const errors = render(validateRoleBinding(bindingOf(fields)));
      expect(errors.filter((error) => !error.includes("RFC 1123"))).to.deep.equal(expected);
    });
  }

  it("refuses roles of a namespace for the cluster", () => {
    const binding = clusterBindingOf({ roleRef: { kind: "Role", name: "a" } });
    expect(render(validateClusterRoleBinding(binding))).to.deep.equal([
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    ]);
  });

  it("keeps the role", () => {
    const next = bindingOf({ roleRef: { kind: "Role", name: "admin" } });
    expect(render(validateRoleBinding(next, bindingOf({})))).to.deep.equal([
      'roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"admin"}: cannot change roleRef',
    ]);
  });
});
