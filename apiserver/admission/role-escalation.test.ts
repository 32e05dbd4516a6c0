import { expect } from "chai";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness } from "../../testing/api-harness.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const ROLES = `${RBAC}/namespaces/default/roles`;
const BINDINGS = `${RBAC}/namespaces/default/rolebindings`;
const jane: UserInfo = { username: "jane", groups: ["devs"] };
const ref = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });

describe("rights that are given away (S3)", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start({ authorizationModes: ["RBAC"] });
    const rules = [
      {
        verbs: ["*"],
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["roles", "rolebindings", "clusterrolebindings"],
      },
      { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["one"] },
    ].map((rule) => (rule.verbs[0] === "*" ? { ...rule, verbs: ["create", "update", "get"] } : rule));
    await give("manager", rules);
  });
  afterEach(() => api.stop());
  const give = async (name: string, rules: object[]) => {
    await api.create(`${RBAC}/clusterroles`, { metadata: { name }, rules });
    const subjects = [{ kind: "User", name: "jane" }];
    await api.create(`${RBAC}/clusterrolebindings`, {
      metadata: { name },
      roleRef: ref("ClusterRole", name),
      subjects,
    });
  };
  const ask = async (method: string, path: string, body: object) => {
    const { code, data } = await api.call(method, path, { body, user: jane });
    return { code, message: data.message };
  };
  const role = (...rules: object[]) => ({ metadata: { name: "r" }, rules });
  const words = (subject: string, ...missing: string[]) =>
    [
      `${subject} is forbidden: user "jane" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:`,
      ...missing,
    ].join("\n");

  it("may be those that one holds", async () => {
    const held = [
      { verbs: ["get"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["list"], apiGroups: [""], resources: ["pods"], resourceNames: ["a"] },
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["one"] },
    ];
    expect((await ask("POST", ROLES, role(...held))).code).to.equal(201);
  });

  it("may not be more, by a role", async () => {
    const wanted = [
      { verbs: ["get", "delete", "patch"], apiGroups: [""], resources: ["pods"] },
      { verbs: ["get"], apiGroups: [""], resources: ["secrets"], resourceNames: ["one", "two"] },
      { verbs: ["get"], apiGroups: ["*"], resources: ["pods/log"] },
    ];
    expect(await ask("POST", ROLES, role(...wanted))).to.deep.equal({
      code: 403,
      message: words(
        'roles.rbac.authorization.k8s.io "r"',
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete" "patch"]}',
        '{APIGroups:[""], Resources:["secrets"], ResourceNames:["two"], Verbs:["get"]}',
        '{APIGroups:["*"], Resources:["pods/log"], Verbs:["get"]}',
      ),
    });
  });

  it("may not become more, by a change of a role", async () => {
    await api.create(ROLES, role({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }));
    const current = await api.get(`${ROLES}/r`);
    const labelled = { ...current, metadata: { ...current.metadata, labels: { a: "b" } } };
    expect((await ask("PUT", `${ROLES}/r`, labelled)).code).to.equal(200);
    const rules = [{ verbs: ["watch"], apiGroups: [""], resources: ["pods"] }];
    expect((await ask("PUT", `${ROLES}/r`, role(...rules))).code).to.equal(403);
  });

  it("may not be more, by a binding", async () => {
    const binding = (name: string) => ({
      metadata: { name: "b" },
      roleRef: ref("ClusterRole", name),
      subjects: [{ kind: "User", name: "jane" }],
    });
    for (const [path, kind] of [
      [BINDINGS, "rolebindings"],
      [`${RBAC}/clusterrolebindings`, "clusterrolebindings"],
    ] as const) {
      const { code, message } = await ask("POST", path, binding("cluster-admin"));
      expect(code).to.equal(403);
      expect(message).to.equal(
        words(
          `${kind}.rbac.authorization.k8s.io "b"`,
          '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
          '{NonResourceURLs:["*"], Verbs:["*"]}',
        ),
      );
    }
    expect(await ask("POST", BINDINGS, binding("none"))).to.deep.equal({
      code: 404,
      message: 'clusterroles.rbac.authorization.k8s.io "none" not found',
    });
    expect((await ask("POST", BINDINGS, binding("manager"))).code).to.equal(201);
  });

  it("may be more where one may escalate and bind", async () => {
    await give("giver", [
      { verbs: ["escalate"], apiGroups: ["rbac.authorization.k8s.io"], resources: ["roles"] },
      {
        verbs: ["bind"],
        apiGroups: ["rbac.authorization.k8s.io"],
        resources: ["clusterroles"],
        resourceNames: ["admin"],
      },
    ]);
    expect((await ask("POST", ROLES, role({ verbs: ["*"], apiGroups: ["*"], resources: ["*"] }))).code).to.equal(201);
    const binding = { metadata: { name: "b" }, roleRef: ref("ClusterRole", "admin"), subjects: [] };
    expect((await ask("POST", BINDINGS, binding)).code).to.equal(201);
  });
});
