// What frameworks say to the API server: which tasks an accepted offer starts, what is refused, and what an attacker gets.

import { expect } from "chai";
import type { TaskResult } from "../../api/kctl-scheduling/offer-answer.ts";
import type { UserInfo } from "../../lib/http.ts";
import { ApiHarness, type Reply } from "../../testing/api-harness.ts";
import { newNode, newPod } from "../../testing/builders.ts";

const GROUP = "/apis/scheduling.kctl.dev/v1";
const OWNER: UserInfo = { username: "ann", groups: ["system:authenticated"] };
const OTHER: UserInfo = { username: "eve", groups: ["system:authenticated"] };

const framework = (spec: object = {}) => ({
  metadata: { name: "spark" },
  spec: { role: "eng/web", namespaces: ["default"], ...spec },
});
const offer = (spec: object = {}) => ({
  metadata: { name: "o" },
  spec: {
    framework: "spark",
    role: "eng/web",
    node: "a",
    resources: { cpu: "3", memory: "4Gi", pods: "10" },
    expiresAt: "2200-01-01T00:00:00.000000Z",
    ...spec,
  },
});
const task = (name: string, cpu = "1", namespace = "default") => {
  const { metadata, spec } = newPod(name, { cpu, memory: "1Gi", namespace });
  return { metadata, spec };
};

describe("an offer", () => {
  let api: ApiHarness;
  beforeEach(async () => {
    api = await ApiHarness.start();
    const { data } = await api.call("POST", "/api/v1/nodes", { body: newNode("a") });
    await api.call("PUT", "/api/v1/nodes/a", { body: { ...data, spec: {} } });
    await api.call("POST", `${GROUP}/frameworks`, { body: framework(), user: OWNER });
    await api.create(`${GROUP}/offers`, offer());
  });
  afterEach(() => api.stop());

  const accept = (tasks: readonly object[], user = OWNER, more: object = {}) =>
    api.call("POST", `${GROUP}/offers/o/accept`, { body: { tasks, ...more }, user });
  const resultsOf = ({ data }: Reply) => (data as unknown as { readonly results: readonly TaskResult[] }).results;
  const startedBy = (reply: Reply) => resultsOf(reply).map(({ started }) => started);
  const messagesOf = (reply: Reply) =>
    resultsOf(reply).map(({ status }) => (status as { readonly message?: string } | undefined)?.message);

  it("starts tasks on its node when it is accepted, as pods of the framework", async () => {
    const reply = await accept([task("t1"), task("t2")]);
    expect([reply.code, startedBy(reply)]).to.deep.equal([201, [true, true]]);
    const pod = await api.get("/api/v1/namespaces/default/pods/t1");
    expect(pod.spec).to.include({ nodeName: "a" });
    expect(pod.metadata.uid).to.equal(resultsOf(reply)[0]?.uid);
    expect(pod.metadata.labels).to.deep.equal({
      "scheduling.kctl.dev/framework": "spark",
      "scheduling.kctl.dev/role": "eng.web",
    });
    expect(pod.metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`)).to.deep.equal(["Framework spark"]);
    const { status } = await api.get(`${GROUP}/offers/o`);
    expect(status).to.include({ phase: "Accepted", tasksStarted: 2, conflicts: 0 });
    const allocation = (await api.get("/apis/placement.kctl.dev/v1/nodeallocations/a")) as { requested?: object };
    expect(allocation.requested).to.include({ cpu: 2000, pods: 2 });
  });

  it("is over once it is answered", async () => {
    await accept([task("t1")]);
    const again = await accept([task("t2")]);
    expect([again.code, again.data.message]).to.deep.equal([
      409,
      'Operation cannot be fulfilled on offers.scheduling.kctl.dev "o": the offer has ended: it is Accepted',
    ]);
    const late = await api.call("POST", `${GROUP}/offers/o/decline`, { user: OWNER });
    expect(late.code).to.equal(409);
  });

  it("is over once it has expired, whether anybody has noticed or not", async () => {
    const body = { ...offer({ expiresAt: "2020-01-01T00:00:00.000000Z" }), metadata: { name: "late" } };
    await api.create(`${GROUP}/offers`, body);
    const reply = await api.call("POST", `${GROUP}/offers/late/accept`, { body: { tasks: [task("t1")] }, user: OWNER });
    expect(reply.code).to.equal(409);
    expect(reply.data.message).to.contain("has expired");
  });

  it("says when the node is wanted again as it is declined", async () => {
    const reply = await api.call("POST", `${GROUP}/offers/o/decline`, { body: { filterSeconds: 7 }, user: OWNER });
    expect(reply.code).to.equal(201);
    const { status } = (await api.get(`${GROUP}/offers/o`)) as {
      status?: { phase?: string; answeredTime?: string; filteredUntil?: string };
    };
    expect(status?.phase).to.equal("Declined");
    expect(Date.parse(status?.filteredUntil ?? "") - Date.parse(status?.answeredTime ?? "")).to.equal(7000);
  });

  it("holds tasks to what was offered, each on what those before it have left", async () => {
    const reply = await accept([task("t1", "2"), task("big", "2"), task("t2", "1")]);
    expect(startedBy(reply)).to.deep.equal([true, false, true]);
    expect(messagesOf(reply)[1]).to.contain("more than is left of the offer: cpu: requested 2000, left 1000");
  });

  it("reports a task that lost the race for the node, and starts the others", async () => {
    await api.create("/api/v1/namespaces/default/pods", newPod("rival", { cpu: "2500m", spec: { nodeName: "a" } }));
    const reply = await accept([task("t1"), task("t2")]);
    expect(startedBy(reply)).to.deep.equal([true, false]);
    expect(messagesOf(reply)[1]).to.contain('node "a" has no room for the pod: Insufficient cpu');
    expect((await api.get(`${GROUP}/offers/o`)).status).to.include({ tasksStarted: 1, conflicts: 1 });
  });

  it("starts no task twice, so that a framework which has crashed can ask again", async () => {
    await accept([task("t1")]);
    await api.create(`${GROUP}/offers`, { ...offer(), metadata: { name: "p" } });
    const reply = await api.call("POST", `${GROUP}/offers/p/accept`, {
      body: { tasks: [task("t1"), task("t2"), task("t2")] },
      user: OWNER,
    });
    expect(startedBy(reply)).to.deep.equal([false, true, false]);
    expect(messagesOf(reply)[0]).to.equal('pods "t1" already exists');
  });

  it("charges quotas, and leaves out what they have no room for", async () => {
    await api.create("/api/v1/namespaces/default/resourcequotas", {
      metadata: { name: "q" },
      spec: { hard: { pods: "1" } },
    });
    const path = "/api/v1/namespaces/default/resourcequotas/q";
    const quota = await api.get(path);
    const status = { hard: { pods: "1" }, used: { pods: "0" } };
    await api.call("PUT", `${path}/status`, { body: { ...quota, status } });
    const reply = await accept([task("t1"), task("t2")]);
    expect(startedBy(reply)).to.deep.equal([true, false]);
    expect(messagesOf(reply)[1]).to.contain("exceeded quota");
    expect((await api.get(path)).status).to.deep.equal({ hard: { pods: "1" }, used: { pods: "1" } });
  });

  it("tries without starting anything in a dry run", async () => {
    const reply = await api.call("POST", `${GROUP}/offers/o/accept?dryRun=All`, {
      body: { tasks: [task("t1")] },
      user: OWNER,
    });
    expect(startedBy(reply)).to.deep.equal([true]);
    expect((await api.call("GET", "/api/v1/namespaces/default/pods/t1")).code).to.equal(404);
    expect((await api.get(`${GROUP}/offers/o`)).status).to.include({ phase: "Outstanding" });
  });

  const refusals: readonly (readonly [title: string, body: object, code: number, message: string])[] = [
    ["no tasks", { tasks: [] }, 400, "to start nothing, decline the offer"],
    ["too many tasks", { tasks: Array.from({ length: 51 }, (_, index) => task(`t${index}`)) }, 400, "at most 50 items"],
    ["tasks that are none", { tasks: ["t"] }, 400, "OfferAcceptance"],
    ["a filter without end", { tasks: [task("t")], filterSeconds: 86_401 }, 400, "between 0 and 86400"],
    ["something else altogether", { kind: "Pod", tasks: [task("t")] }, 400, "cannot be handled as a OfferAcceptance"],
  ];
  for (const [title, body, code, message] of refusals) {
    it(`is not accepted with ${title}`, async () => {
      const reply = await api.call("POST", `${GROUP}/offers/o/accept`, { body, user: OWNER });
      expect(reply.code).to.equal(code);
      expect(reply.data.message).to.contain(message);
      expect((await api.get(`${GROUP}/offers/o`)).status).to.include({ phase: "Outstanding" });
    });
  }

  it("is for the framework's owner alone, even among those who may do everything else", async () => {
    for (const [path, body] of [
      ["offers/o/accept", { tasks: [task("t1")] }],
      ["offers/o/decline", {}],
      ["frameworks/spark/revive", {}],
    ] as const) {
      const reply = await api.call("POST", `${GROUP}/${path}`, { body, user: OTHER });
      expect([path, reply.code]).to.deep.equal([path, 403]);
      expect(reply.data.message).to.contain('only the owner of framework "spark" may do this');
    }
    expect((await api.get(`${GROUP}/offers/o`)).status).to.include({ phase: "Outstanding" });
  });

  it("starts tasks in the framework's namespaces and on its own node only", async () => {
    const elsewhere = task("t2");
    const reply = await accept([
      task("t1", "1", "kube-system"),
      { ...elsewhere, spec: { ...elsewhere.spec, nodeName: "b" } },
      { metadata: { namespace: "default" }, spec: elsewhere.spec },
    ]);
    expect(messagesOf(reply)).to.deep.equal([
      'pods "t1" is forbidden: framework "spark" starts no tasks in namespace "kube-system"',
      'task "t2" wants node "b", the offer is of "a"',
      "a task's metadata must have a name and a namespace",
    ]);
  });

  it("is worth nothing once its node is gone", async () => {
    await api.call("DELETE", "/api/v1/nodes/a");
    const reply = await accept([task("t1")]);
    expect([reply.code, reply.data.message?.includes('its node "a" is gone')]).to.deep.equal([409, true]);
  });

  it("forgets filters when the framework is revived", async () => {
    await api.call("PATCH", `${GROUP}/frameworks/spark`, {
      body: { spec: { suppressed: true } },
      headers: { "content-type": "application/merge-patch+json" },
    });
    expect((await api.call("POST", `${GROUP}/frameworks/spark/revive`, { user: OWNER })).code).to.equal(201);
    const revived = (await api.get(`${GROUP}/frameworks/spark`)) as { spec?: object; status?: object };
    expect(revived.spec).to.not.have.property("suppressed");
    expect(revived.status).to.have.property("revivedTime");
  });
});

describe("the right to stand for a role", () => {
  let api: ApiHarness;
  const rules = (...given: object[]) => given;
  beforeEach(async () => {
    api = await ApiHarness.start({ authorizationModes: ["RBAC"] });
    const { data } = await api.call("POST", "/api/v1/nodes", { body: newNode("a") });
    await api.call("PUT", "/api/v1/nodes/a", { body: { ...data, spec: {} } });
    await grant("ann", rules({ apiGroups: ["scheduling.kctl.dev"], resources: ["frameworks"], verbs: ["create"] }));
  });
  afterEach(() => api.stop());

  async function grant(user: string, given: readonly object[]): Promise<void> {
    const name = `for-${user.replaceAll(":", "-")}-${JSON.stringify(given).length}`;
    const rbac = "/apis/rbac.authorization.k8s.io/v1";
    await api.create(`${rbac}/clusterroles`, { metadata: { name }, rules: given });
    await api.create(`${rbac}/clusterrolebindings`, {
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
    });
  }
  const use = (name: string) => ({
    apiGroups: ["scheduling.kctl.dev"],
    resources: ["frameworkroles"],
    resourceNames: [name],
    verbs: ["use"],
  });

  it("is needed for a framework of the role, or of one that it is a part of", async () => {
    const body = framework({ namespaces: ["default", "kube-system"] });
    const refused = await api.call("POST", `${GROUP}/frameworks`, { body, user: OWNER });
    expect([refused.code, refused.data.message?.includes('may not stand for role "eng/web"')]).to.deep.equal([
      403,
      true,
    ]);
    await grant("ann", rules(use("eng")));
    const created = await api.call("POST", `${GROUP}/frameworks`, { body, user: OWNER });
    expect([created.code, (created.data.spec as { owner?: string }).owner]).to.deep.equal([201, "ann"]);
  });

  it("does not let a framework create pods that its owner could not", async () => {
    await grant(
      "ann",
      rules(use("eng"), { apiGroups: ["scheduling.kctl.dev"], resources: ["offers/accept"], verbs: ["create"] }),
    );
    await api.call("POST", `${GROUP}/frameworks`, { body: framework({ namespaces: ["kube-system"] }), user: OWNER });
    await api.create(`${GROUP}/offers`, offer());
    const body = { tasks: [task("t1", "1", "kube-system")] };
    const reply = await api.call("POST", `${GROUP}/offers/o/accept`, { body, user: OWNER });
    const [result] = (reply.data as unknown as { readonly results: readonly TaskResult[] }).results;
    expect((result?.status as { readonly message: string }).message).to.contain(
      'User "ann" cannot create resource "pods"',
    );
  });

  it("is needed by a pod's account to use what is reserved for the role, whoever creates the pod", async () => {
    const pod = newPod("p", { labels: { "scheduling.kctl.dev/role": "eng.web" } });
    const refused = await api.call("POST", "/api/v1/namespaces/default/pods", { body: pod });
    expect([refused.code, refused.data.message?.includes('may not stand for role "eng/web"')]).to.deep.equal([
      403,
      true,
    ]);
    await grant("system:serviceaccount:default:default", rules(use("eng.web")));
    expect((await api.call("POST", "/api/v1/namespaces/default/pods", { body: pod })).code).to.equal(201);
  });

  it("cannot be had by changing a pod, nor can a pod be charged to a framework", async () => {
    await api.create("/api/v1/namespaces/default/pods", newPod("p"));
    for (const label of ["role", "framework"]) {
      const key = `scheduling.kctl.dev/${label}`;
      const changed = await api.call("PATCH", "/api/v1/namespaces/default/pods/p", {
        body: { metadata: { labels: { [key]: "eng" } } },
        headers: { "content-type": "application/merge-patch+json" },
      });
      expect([changed.code, changed.data.message]).to.deep.equal([
        403,
        `pods "p" is forbidden: the label ${key} cannot be changed`,
      ]);
    }
    const forged = newPod("q", { labels: { "scheduling.kctl.dev/framework": "spark" } });
    const refused = await api.call("POST", "/api/v1/namespaces/default/pods", { body: forged });
    expect(refused.code).to.equal(403);
  });
});
