import { expect } from "chai";
import type { SelfSubjectRulesReview } from "../../api/authorization/self-subject-rules-review.ts";
import type { SubjectAccessReview } from "../../api/authorization/subject-access-review.ts";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness, type CallOptions } from "../../testing/api-harness.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const AUTHORIZATION = "/apis/authorization.k8s.io/v1";
const jane: UserInfo = { username: "jane", groups: ["devs", "system:authenticated"] };
const user = (name: string) => ({ kind: "User", name });
const ref = (kind: string, name: string) => ({ apiGroup: "rbac.authorization.k8s.io", kind, name });

describe("authorization by roles", () => {
  let api: ApiHarness;
  before(async () => {
    api = await ApiHarness.start({ authorizationModes: ["RBAC"] });
    await api.create("/api/v1/namespaces", { metadata: { name: "a" } });
  });
  after(() => api.stop());

  const role = (name: string, rules: object[], namespace?: string) =>
    api.create(`${RBAC}/${namespace ? `namespaces/${namespace}/roles` : "clusterroles"}`, {
      metadata: { name },
      rules,
    });
  const bind = (name: string, roleRef: object, { subjects, namespace }: { subjects: object[]; namespace?: string }) =>
    api.create(`${RBAC}/${namespace ? `namespaces/${namespace}/rolebindings` : "clusterrolebindings"}`, {
      metadata: { name },
      roleRef,
      subjects,
    });
  const codeOf = async (method: string, target: string, options: CallOptions = {}) =>
    (await api.call(method, target, { user: jane, ...options })).code;

  it("forbids what nothing allows, in Kubernetes' words", async () => {
    const answers: [method: string, target: string, message: string, details: object][] = [
      [
        "GET",
        "/api/v1/namespaces/y/pods",
        'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "y"',
        { kind: "pods" },
      ],
      [
        "GET",
        "/apis/apps/v1/namespaces/y/deployments/web/scale",
        'deployments.apps "web" is forbidden: User "jane" cannot get resource "deployments/scale" in API group "apps" in the namespace "y"',
        { kind: "deployments", group: "apps", name: "web" },
      ],
      [
        "DELETE",
        "/api/v1/nodes",
        'nodes is forbidden: User "jane" cannot deletecollection resource "nodes" in API group "" at the cluster scope',
        { kind: "nodes" },
      ],
      [
        "GET",
        "/api/v1/pods?watch=1",
        'pods is forbidden: User "jane" cannot watch resource "pods" in API group "" at the cluster scope',
        { kind: "pods" },
      ],
      [
        "GET",
        "/api/v1/namespaces/y",
        'namespaces "y" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "y"',
        { kind: "namespaces", name: "y" },
      ],
      ["GET", "/debug/<x>", 'forbidden: User "jane" cannot get path "/debug/&lt;x&gt;"', {}],
    ];
    for (const [method, target, message, details] of answers) {
      const { code, data } = await api.call(method, target, { user: jane });
      expect([code, data.reason, data.message, data.details]).to.deep.equal([403, "Forbidden", message, details]);
    }
  });

  it("lets the masters do everything", async () => {
    expect(await codeOf("GET", "/api/v1/nodes", { user: { username: "x", groups: ["system:masters"] } })).to.equal(200);
  });

  it("allows in its namespace what a role allows there, from the moment of the binding to its end", async () => {
    const PODS = "/api/v1/namespaces/a/pods";
    await role("reader", [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"] }], "a");
    expect(await codeOf("GET", PODS)).to.equal(403);
    await bind("readers", ref("Role", "reader"), { subjects: [{ kind: "Group", name: "devs" }], namespace: "a" });
    expect(await codeOf("GET", PODS)).to.equal(200);
    expect(await codeOf("GET", `${PODS}/none/log`)).to.equal(404);
    expect(await codeOf("GET", `${PODS}/none/status`)).to.equal(403);
    expect(await codeOf("DELETE", `${PODS}/none`)).to.equal(403);
    expect(await codeOf("GET", "/api/v1/pods")).to.equal(403);
    expect(await codeOf("GET", "/api/v1/namespaces/default/pods")).to.equal(403);
    await api.call("DELETE", `${RBAC}/namespaces/a/rolebindings/readers`);
    expect(await codeOf("GET", PODS)).to.equal(403);
  });

  it("allows a cluster role everywhere, or in one namespace by a role binding", async () => {
    await role("configurer", [{ verbs: ["*"], apiGroups: ["*"], resources: ["configmaps"], resourceNames: ["one"] }]);
    const one = (namespace: string, name = "one") => `/api/v1/namespaces/${namespace}/configmaps/${name}`;
    await bind("c", ref("ClusterRole", "configurer"), { subjects: [user("jane")], namespace: "a" });
    expect([await codeOf("GET", one("a")), await codeOf("GET", one("default"))]).to.deep.equal([404, 403]);
    await bind("c", ref("ClusterRole", "configurer"), { subjects: [user("jane")] });
    expect(await codeOf("GET", one("default"))).to.equal(404);
    expect(await codeOf("GET", one("default", "two"))).to.equal(403);
    // A list that can show nothing else is about that object.
    const list = "/api/v1/namespaces/default/configmaps";
    expect(await codeOf("GET", list)).to.equal(403);
    expect(await codeOf("GET", `${list}?fieldSelector=metadata.name%3Done`)).to.equal(200);
  });

  it("knows service accounts, subresources of everything, and paths that are no resources", async () => {
    const robot: UserInfo = { username: "system:serviceaccount:a:robot", groups: [] };
    await role("scaler", [{ verbs: ["get"], apiGroups: ["apps"], resources: ["*/scale"] }]);
    await role("prober", [{ verbs: ["get"], nonResourceURLs: ["/metrics", "/openapi/*"] }]);
    const subjects = [{ kind: "ServiceAccount", namespace: "a", name: "robot" }];
    await bind("scalers", ref("ClusterRole", "scaler"), { subjects });
    await bind("probers", ref("ClusterRole", "prober"), { subjects });
    const codes = async (path: string) => codeOf("GET", path, { user: robot });
    expect(await codes("/apis/apps/v1/namespaces/x/deployments/none/scale")).to.equal(404);
    expect(await codes("/apis/apps/v1/namespaces/x/deployments/none")).to.equal(403);
    expect([await codes("/metrics"), await codes("/openapi/v3"), await codes("/metricsz")]).to.deep.equal([
      200, 200, 403,
    ]);
  });

  describe("answers reviews:", () => {
    const ask = async (kind: string, spec: object, asker: UserInfo = jane) => {
      const collection = kind.startsWith("local")
        ? `${AUTHORIZATION}/namespaces/a/${kind}`
        : `${AUTHORIZATION}/${kind}`;
      const { code, data } = await api.call("POST", collection, { body: { spec }, user: asker });
      return { code, data, status: data.status as SubjectAccessReview["status"] };
    };
    const admin: UserInfo = { username: "admin", groups: ["system:masters"] };
    before(async () => {
      await role("secretary", [{ verbs: ["get"], apiGroups: [""], resources: ["secrets"] }], "a");
      await bind("s", ref("Role", "secretary"), { subjects: [user("paul")], namespace: "a" });
      await bind("lost", ref("ClusterRole", "none"), { subjects: [user("mary")] });
      await bind("own", ref("ClusterRole", "system:basic-user"), { subjects: [user("jane")] });
    });

    it("why somebody may do something", async () => {
      const resourceAttributes = { verb: "get", resource: "secrets", namespace: "a" };
      const answer = { allowed: true, reason: 'RBAC: allowed by RoleBinding "s/a" of Role "secretary" to User "paul"' };
      for (const kind of ["subjectaccessreviews", "localsubjectaccessreviews"]) {
        const { code, status } = await ask(kind, { user: "paul", resourceAttributes }, admin);
        expect([code, status]).to.deep.equal([201, answer]);
      }
      const elsewhere = { user: "paul", resourceAttributes: { ...resourceAttributes, namespace: "b" } };
      expect((await ask("subjectaccessreviews", elsewhere, admin)).status).to.deep.equal({ allowed: false });
      const refused = await ask("localsubjectaccessreviews", elsewhere, admin);
      expect(refused.code).to.equal(422);
      expect(refused.data.message).to.contain(
        'spec.resourceAttributes.namespace: Invalid value: "b": must match metadata.namespace',
      );
    });

    it("that a binding refers to a role in vain", async () => {
      const spec = { user: "mary", resourceAttributes: { verb: "get", resource: "pods" } };
      expect((await ask("subjectaccessreviews", spec, admin)).status).to.deep.equal({
        allowed: false,
        reason: 'RBAC: clusterrole.rbac.authorization.k8s.io "none" not found',
      });
    });

    it("only those about oneself are for everybody", async () => {
      const spec = { user: "paul", resourceAttributes: { verb: "get", resource: "pods" } };
      expect((await ask("subjectaccessreviews", spec)).code).to.equal(403);
      const { code, status } = await ask("selfsubjectaccessreviews", {
        nonResourceAttributes: { verb: "get", path: "/x" },
      });
      expect([code, status.allowed]).to.deep.equal([201, false]);
    });

    it("everything that somebody may do somewhere", async () => {
      const { data } = await ask("selfsubjectrulesreviews", { namespace: "a" });
      const { status } = data as unknown as SelfSubjectRulesReview;
      expect(status.incomplete).to.equal(false);
      const wanted = { verbs: ["*"], apiGroups: ["*"], resources: ["configmaps"], resourceNames: ["one"] };
      expect(status.resourceRules).to.deep.include(wanted);
      const { data: none } = await ask("selfsubjectrulesreviews", {});
      expect([none.code, none.message]).to.deep.equal([400, "no namespace on request"]);
    });

    const invalid: readonly [kind: string, spec: object, problems: readonly string[]][] = [
      [
        "SubjectAccessReview",
        {},
        [
          'spec.resourceAttributes: Invalid value: "null": exactly one of nonResourceAttributes or resourceAttributes must be specified',
          'spec.user: Invalid value: "": at least one of user or group must be specified',
        ],
      ],
      [
        "SelfSubjectAccessReview",
        { resourceAttributes: {}, nonResourceAttributes: {} },
        ["spec.nonResourceAttributes: Invalid value: {}: cannot be specified in combination with resourceAttributes"],
      ],
      [
        "SelfSubjectAccessReview",
        {
          resourceAttributes: {
            fieldSelector: {},
            labelSelector: { rawSelector: "a", requirements: [{ key: "a", operator: "Exists" }] },
          },
        },
        [
          "spec.resourceAttributes.fieldSelector.requirements: Required value: when spec.resourceAttributes.fieldSelector is specified, requirements or rawSelector is required",
          'spec.resourceAttributes.labelSelector.rawSelector: Invalid value: "a": may not specified at the same time as requirements',
        ],
      ],
    ];
    for (const [kind, spec, problems] of invalid) {
      it(`none to a ${kind} of ${JSON.stringify(spec)}`, async () => {
        const { code, data } = await ask(`${kind.toLowerCase()}s`, spec, admin);
        expect(code).to.equal(422);
        expect(data.details?.causes?.map(({ field, message }) => `${field}: ${message}`)).to.deep.equal(problems);
      });
    }
  });
});
