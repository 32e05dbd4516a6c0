// Offers and reservations in a cluster: the real API server, the allocator and the default scheduler, on a clock of the test's.

import { expect } from "chai";
import { nodes } from "../../api/core/node.ts";
import { pods } from "../../api/core/pod.ts";
import { frameworks, type FrameworkSpec } from "../../api/kctl-scheduling/framework.ts";
import { offers } from "../../api/kctl-scheduling/offer.ts";
import { reservations, type ReservationSpec } from "../../api/kctl-scheduling/reservation.ts";
import type { TaskResult } from "../../api/kctl-scheduling/offer-answer.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { runScheduler } from "../run-scheduler.ts";

const frameworkOf = (name: string, spec: Partial<FrameworkSpec> = {}) => ({
  apiVersion: "scheduling.kctl.dev/v1",
  kind: "Framework",
  metadata: { name },
  spec: { role: name, namespaces: ["default"], ...spec },
});
const reservationOf = (spec: Partial<ReservationSpec> = {}) => ({
  apiVersion: "scheduling.kctl.dev/v1",
  kind: "Reservation",
  metadata: { name: "r" },
  spec: { role: "web", resources: { cpu: "2" }, ...spec },
});

const urgentClass = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: "urgent" },
  value: 1000,
};

/** Lets the pods of a namespace's default account be of the role. */
function mayStandFor(role: string, namespace: string) {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const metadata = { name: "may-use" };
  const rule = {
    apiGroups: ["scheduling.kctl.dev"],
    resources: ["frameworkroles"],
    resourceNames: [role],
    verbs: ["use"],
  };
  return [
    { apiVersion, kind: "ClusterRole", metadata, rules: [rule] },
    {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata,
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "may-use" },
      subjects: [{ kind: "ServiceAccount", name: "default", namespace }],
    },
  ];
}

describe("offers in a cluster", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ components: [runScheduler] });
    await cluster.addNodes(newNode("a"));
  });
  afterEach(() => cluster.stop());

  /** `spark a Outstanding`. */
  const seen = async () =>
    (await cluster.list(offers)).map(({ spec, status }) => `${spec.framework} ${spec.node} ${status.phase}`).sort();
  const outstanding = async (framework: string) => {
    const all = await cluster.list(offers, { fieldSelector: `spec.framework=${framework},status.phase=Outstanding` });
    return all[0]?.metadata.name ?? expect.fail(`${framework} has no offer`);
  };
  const answer = async (name: string, subresource: "accept" | "decline", body: object = {}) =>
    (await cluster.client.createSubresource(offers, { name, subresource }, body)) as { results?: TaskResult[] };
  const task = (name: string, cpu: string) => {
    const { metadata, spec } = newPod(name, { cpu, memory: "1Gi" });
    return { metadata, spec };
  };

  it("go to a framework as soon as there is one, and are rescinded with their node", async () => {
    expect(await seen()).to.deep.equal([]);
    await cluster.apply(frameworkOf("spark"));
    await cluster.settle();
    expect(await seen()).to.deep.equal(["spark a Outstanding"]);
    expect((await cluster.get(frameworks, "spark")).status).to.include({
      outstandingOffers: 1,
      dominantShare: "1.0000",
    });
    await cluster.delete(nodes, "a");
    await cluster.settle();
    expect(await seen()).to.deep.equal([]);
    expect((await cluster.get(frameworks, "spark")).status.offers).to.deep.equal({ rescinded: 1 });
  });

  it("do not come again for the time that they were declined for", async () => {
    await cluster.apply(frameworkOf("spark"));
    await cluster.settle();
    await answer(await outstanding("spark"), "decline", { filterSeconds: 5 });
    await cluster.step(4_500);
    expect(await seen()).to.deep.equal(["spark a Declined"]);
    await cluster.step(600);
    expect(await seen()).to.deep.equal(["spark a Outstanding"]);
    expect((await cluster.get(frameworks, "spark")).status.offers).to.deep.equal({ declined: 1 });
  });

  it("expire, and come later each time", async () => {
    await cluster.apply(frameworkOf("spark", { offerTimeoutSeconds: 10 }));
    await cluster.settle();
    await cluster.step(10_200);
    expect(await seen()).to.deep.equal([]);
    await cluster.step(4_000);
    expect(await seen()).to.deep.equal([]);
    await cluster.step(1_200);
    expect(await seen()).to.deep.equal(["spark a Outstanding"]);
    const { status } = await cluster.get(frameworks, "spark");
    expect(status.offers).to.deep.equal({ expired: 1 });
    expect(status.conditions?.[0]).to.include({ type: "Connected", reason: "NotAnswering" });
  });

  it("stop for a framework that stays silent, until it is revived", async () => {
    await cluster.apply(frameworkOf("spark", { offerTimeoutSeconds: 5, failoverTimeoutSeconds: 8 }));
    await cluster.step(60_000);
    expect(await seen()).to.deep.equal([]);
    expect((await cluster.get(frameworks, "spark")).status.conditions?.[0]).to.include({
      status: "False",
      reason: "Silent",
    });
    await cluster.client.createSubresource(frameworks, { name: "spark", subresource: "revive" }, {});
    await cluster.settle();
    expect(await seen()).to.deep.equal(["spark a Outstanding"]);
  });

  it("start tasks, whose rest is offered again a little later", async () => {
    await cluster.apply(frameworkOf("spark"));
    await cluster.settle();
    const { results } = await answer(await outstanding("spark"), "accept", {
      tasks: [task("t1", "1"), task("t2", "1")],
    });
    expect(results?.map(({ started }) => started)).to.deep.equal([true, true]);
    await cluster.step(5_200);
    const [rest] = await cluster.list(offers, { fieldSelector: "status.phase=Outstanding" });
    expect(rest?.spec.resources).to.include({ cpu: "2", memory: "6Gi", pods: "108" });
    const { status } = await cluster.get(frameworks, "spark");
    expect(status).to.include({ tasksStarted: 2, conflicts: 0 });
    expect(status.allocated).to.deep.equal({ cpu: "2", memory: "2Gi", pods: "2" });
  });

  it("are rescinded when the default scheduler takes what they hold, and made anew of the rest", async () => {
    await cluster.apply(frameworkOf("spark"));
    await cluster.settle();
    const first = await outstanding("spark");
    await cluster.apply(newPod("p", { cpu: "3" }));
    await cluster.settle();
    expect((await cluster.get(pods, "p")).spec.nodeName).to.equal("a");
    const [next] = await cluster.list(offers, { fieldSelector: "status.phase=Outstanding" });
    expect(next?.metadata.name).to.not.equal(first);
    expect(next?.spec.resources.cpu).to.equal("1");
  });

  it("are made by another allocator as the one before has left them", async () => {
    await cluster.apply(frameworkOf("spark"), frameworkOf("flink"));
    await cluster.settle();
    const held = await seen();
    cluster.run(runScheduler);
    await cluster.settle();
    expect(await seen()).to.deep.equal(held);
  });

  it("leave what is reserved to its role, and so does the default scheduler", async () => {
    await cluster.apply(reservationOf());
    await cluster.settle();
    expect((await cluster.get(reservations, "r")).status.held).to.deep.equal([
      { node: "a", role: "web", resources: { cpu: "2" } },
    ]);
    await cluster.apply(frameworkOf("spark"), newPod("big", { cpu: "3" }));
    await cluster.settle();
    const [offer] = await cluster.list(offers);
    expect(offer?.spec.resources.cpu).to.equal("2");
    expect((await cluster.get(pods, "big")).spec.nodeName).to.equal(undefined);
    await cluster.delete(reservations, "r");
    await cluster.step(20_000);
    expect((await cluster.get(pods, "big")).spec.nodeName).to.equal("a");
  });

  it("give the role what is reserved for it", async () => {
    await cluster.apply(reservationOf({ resources: { cpu: "3" } }));
    await cluster.settle();
    await cluster.apply(...mayStandFor("web", "default"));
    const role = { "scheduling.kctl.dev/role": "web" };
    await cluster.apply(newPod("theirs", { cpu: "2" }), newPod("ours", { cpu: "3", labels: role }));
    await cluster.settle();
    expect((await cluster.get(pods, "theirs")).spec.nodeName).to.equal(undefined);
    expect((await cluster.get(pods, "ours")).spec.nodeName).to.equal("a");
    await cluster.apply(newPod("small", { cpu: "1" }));
    await cluster.settle();
    expect((await cluster.get(pods, "small")).spec.nodeName).to.equal("a");
  });

  it("do not let urgent pods push out others whose room would stay reserved", async () => {
    await cluster.apply(reservationOf({ resources: { cpu: "3" } }), ...mayStandFor("web", "default"));
    await cluster.settle();
    await cluster.apply(urgentClass, newPod("ours", { cpu: "3", labels: { "scheduling.kctl.dev/role": "web" } }));
    await cluster.settle();
    await cluster.apply(newPod("urgent", { cpu: "2", spec: { priorityClassName: "urgent" } }));
    await cluster.step(5_000);
    expect((await cluster.get(pods, "ours")).metadata).to.not.have.property("deletionTimestamp");
    const urgent = await cluster.get(pods, "urgent");
    expect([urgent.spec.nodeName, urgent.status.nominatedNodeName]).to.deep.equal([undefined, undefined]);
    await cluster.delete(reservations, "r");
    await cluster.step(60_000);
    expect((await cluster.get(pods, "urgent")).status.nominatedNodeName).to.equal("a");
    expect((await cluster.get(pods, "ours")).metadata).to.have.property("deletionTimestamp");
  });

  it("are not made where a reservation finds no room, which says so", async () => {
    await cluster.apply(reservationOf({ resources: { cpu: "5" } }));
    await cluster.settle();
    const { status } = await cluster.get(reservations, "r");
    expect(status.conditions?.[0]).to.include({ type: "Held", status: "False", reason: "NoRoom" });
    await cluster.addNodes(newNode("b", { cpu: "8" }));
    await cluster.settle();
    expect((await cluster.get(reservations, "r")).status.held?.map(({ node }) => node)).to.deep.equal(["b"]);
  });
});
