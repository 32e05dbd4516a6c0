import { expect } from "chai";
import { leases } from "../../api/coordination/lease.ts";
import { endpointSlices } from "../../api/discovery/endpoint-slice.ts";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { isPodActive, isPodReady } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import { formatMicroTime, formatTime } from "../../lib/clock.ts";
import { newDeployment, newNode, newPod, newService } from "../../testing/builders.ts";
import { newStatefulSet } from "../../testing/stateful-set.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

const three = ["n1", "n2", "n3"];

describe("a node that falls silent", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: three });
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const node = (name: string) => parts.cluster.get(nodes, name);
  const taints = async (name: string) =>
    ((await node(name)).spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`);
  const on = async (name: string) => (await parts.cluster.list(pods)).filter(({ spec }) => spec.nodeName === name);
  /** The kubelet posts a status again, and renews its Lease from now on. */
  const revive = async (name: string) => {
    const { clock, client } = parts.cluster;
    parts.kubelet.silent.delete(name);
    const time = formatTime(clock.now());
    const ready = { type: "Ready", status: "True", lastHeartbeatTime: time, lastTransitionTime: time };
    const patch = { status: { conditions: [ready] } };
    await client.patch(nodes, { name }, { type: "strategic", patch }, { subresource: "status" });
  };
  const silence = (...names: string[]) => names.forEach((name) => parts.kubelet.silent.add(name));

  it("stays ready within the grace period, and is unknown after it", async () => {
    silence("n1");
    await parts.cluster.step(29_000);
    expect(findCondition((await node("n1")).status.conditions, "Ready")?.status).to.equal("True");
    await parts.cluster.step(12_000);
    expect(findCondition((await node("n1")).status.conditions, "Ready")).to.deep.include({
      status: "Unknown",
      reason: "NodeStatusUnknown",
      message: "Kubelet stopped posting node status.",
    });
    expect(await taints("n1")).to.deep.equal([
      "node.kubernetes.io/unreachable:NoSchedule",
      "node.kubernetes.io/unreachable:NoExecute",
    ]);
    expect(await taints("n2")).to.deep.equal([]);
    const told = (await parts.cluster.list(events)).filter(({ reason }) => reason === "NodeNotReady");
    expect(told.map(({ message }) => message)).to.deep.equal(["Node n1 status is now: NodeNotReady"]);
  });

  it("has its pods taken out of services at once, and replaced after five minutes", async () => {
    await parts.cluster.apply(newService("web"), newDeployment("web", { replicas: 3 }));
    await parts.cluster.settle();
    silence("n1");
    await parts.cluster.step(42_000);
    const [slice] = await parts.cluster.list(endpointSlices);
    expect(slice?.endpoints.map(({ conditions, nodeName }) => `${nodeName} ${conditions.ready}`).sort()).to.deep.equal([
      "n1 false",
      "n2 true",
      "n3 true",
    ]);
    await parts.cluster.step(290_000);
    expect((await on("n1")).filter(isPodActive)).to.have.length(1);
    await parts.cluster.step(15_000);
    expect((await on("n1")).filter(isPodActive)).to.have.length(0);
    const [lost] = await on("n1");
    expect(findCondition((lost as Pod).status.conditions, "DisruptionTarget")).to.include({
      reason: "DeletionByTaintManager",
    });
    const active = (await parts.cluster.list(pods)).filter(isPodActive);
    expect(active.filter(isPodReady)).to.have.length(3);
  });

  it("keeps its pods when it comes back in time", async () => {
    await parts.cluster.apply(newDeployment("web", { replicas: 3 }));
    await parts.cluster.settle();
    const before = (await parts.cluster.list(pods)).map(({ metadata }) => metadata.uid).sort();
    silence("n1");
    await parts.cluster.step(100_000);
    await revive("n1");
    await parts.cluster.step(600_000);
    expect(await taints("n1")).to.deep.equal([]);
    expect((await parts.cluster.list(pods)).map(({ metadata }) => metadata.uid).sort()).to.deep.equal(before);
    const reasons = (await parts.cluster.list(events)).map(({ message }) => message ?? "");
    expect(reasons.some((message) => message.startsWith("Cancelling deletion of Pod default/web-"))).to.equal(true);
  });

  it("loses no pods while all nodes are silent, and is emptied once another one is back", async () => {
    await parts.cluster.apply(newDeployment("web", { replicas: 3 }));
    await parts.cluster.settle();
    silence(...three);
    await parts.cluster.step(1_200_000);
    for (const name of three) {
      expect(await taints(name)).to.deep.equal(["node.kubernetes.io/unreachable:NoSchedule"]);
      expect((await on(name)).filter(isPodActive)).to.have.length(1);
    }
    for (const name of ["n1", "n2"]) await revive(name);
    await parts.cluster.step(360_000);
    expect((await on("n1")).filter(isPodActive)).to.not.be.empty;
    expect((await on("n3")).filter(isPodActive)).to.deep.equal([]);
  });

  it("is left alone where most of a small zone is silent, while other zones are emptied", async () => {
    const labels = { "topology.kubernetes.io/zone": "b" };
    const others = ["b1", "b2", "b3", "b4"];
    await parts.cluster.apply(...others.map((name) => newNode(name, { labels })));
    await parts.cluster.step(10_000);
    silence("n1", "b1", "b2", "b3");
    await parts.cluster.step(90_000);
    const emptied = async () => {
      const all = await parts.cluster.list(nodes);
      const isEmptied = ({ spec }: (typeof all)[number]) => spec.taints?.some(({ effect }) => effect === "NoExecute");
      return all.filter(isEmptied).map(({ metadata }) => metadata.name);
    };
    expect(await emptied()).to.deep.equal(["n1"]);
    await revive("b3");
    await parts.cluster.step(15_000);
    expect(await emptied()).to.have.members(["n1", "b1", "b2"]);
  });

  it("is emptied after all when those that were in doubt beside it are heard of again", async () => {
    const others = ["n4", "n5"];
    await parts.cluster.apply(...others.map((name) => newNode(name)));
    await parts.cluster.step(10_000);
    const isEmptied = async () => (await taints("n1")).some((taint) => taint.endsWith("NoExecute"));
    const beat = async () => {
      const spec = { renewTime: formatMicroTime(parts.cluster.clock.now()) };
      for (const name of ["n2", "n3"]) {
        const key = { namespace: "kube-node-lease", name };
        await parts.cluster.client.patch(leases, key, { type: "merge", patch: { spec } });
      }
    };
    silence("n1", "n2", "n3");
    await parts.cluster.step(2_000);
    await beat();
    await parts.cluster.step(38_500);
    expect(findCondition((await node("n1")).status.conditions, "Ready")?.status).to.equal("Unknown");
    expect(await isEmptied()).to.equal(false);
    await beat();
    await parts.cluster.step(6_000);
    expect(await isEmptied()).to.equal(true);
    expect(await taints("n2")).to.deep.equal([]);
  });

  it("is emptied no sooner than ten seconds after the one before", async () => {
    await parts.cluster.apply(...["n4", "n5", "n6", "n7"].map((name) => newNode(name)));
    await parts.cluster.step(10_000);
    silence("n1", "n2");
    await parts.cluster.step(45_000);
    const isEmptied = async (name: string) => (await taints(name)).some((taint) => taint.endsWith("NoExecute"));
    expect([await isEmptied("n1"), await isEmptied("n2")].sort()).to.deep.equal([false, true]);
    await parts.cluster.step(10_000);
    expect([await isEmptied("n1"), await isEmptied("n2")]).to.deep.equal([true, true]);
  });

  it("drives out at once what does not tolerate it, late what does for a while, and never what does for ever", async () => {
    const tolerating = (tolerationSeconds?: number) => ({
      nodeName: "n1",
      tolerations: [
        { key: "custom", operator: "Exists" as const, effect: "NoExecute" as const, tolerationSeconds },
        { key: "node.kubernetes.io/not-ready", operator: "Exists" as const, effect: "NoExecute" as const },
      ],
    });
    await parts.cluster.apply(
      newPod("none", { spec: { nodeName: "n1" } }),
      newPod("minute", { spec: tolerating(60) }),
      newPod("ever", { spec: tolerating() }),
    );
    await parts.cluster.settle();
    const old = await node("n1");
    const taint = { key: "custom", effect: "NoExecute" as const };
    await parts.cluster.client.update(nodes, { ...old, spec: { ...old.spec, taints: [taint] } });
    await parts.cluster.settle();
    const left = async () => (await on("n1")).map(({ metadata }) => metadata.name).sort();
    expect(await left()).to.deep.equal(["ever", "minute"]);
    await parts.cluster.step(55_000);
    expect(await left()).to.deep.equal(["ever", "minute"]);
    await parts.cluster.step(10_000);
    expect(await left()).to.deep.equal(["ever"]);
  });

  it("keeps taints that users have set", async () => {
    const old = await node("n2");
    const taint = { key: "dedicated", value: "gpu", effect: "NoSchedule" as const };
    await parts.cluster.client.update(nodes, { ...old, spec: { ...old.spec, taints: [taint], unschedulable: true } });
    await parts.cluster.settle();
    expect(await taints("n2")).to.deep.equal(["dedicated:NoSchedule", "node.kubernetes.io/unschedulable:NoSchedule"]);
  });

  it("is marked as never seen when no kubelet has ever spoken for it", async () => {
    await parts.cluster.apply({ apiVersion: "v1", kind: "Node", metadata: { name: "ghost" } });
    parts.kubelet.silent.add("ghost");
    // A machine that starts is given a minute for its first status.
    await parts.cluster.step(55_000);
    expect(findCondition((await node("ghost")).status.conditions, "Ready")).to.equal(undefined);
    await parts.cluster.step(10_000);
    expect(findCondition((await node("ghost")).status.conditions, "Ready")).to.deep.include({
      status: "Unknown",
      reason: "NodeStatusNeverUpdated",
      message: "Kubelet never posted node status.",
    });
  });

  it("ends what it still runs when it is back: there are as many replicas as wanted, of a set never two of a name", async () => {
    const { cluster } = parts;
    await cluster.apply(newDeployment("web", { replicas: 3 }), newStatefulSet(3));
    await cluster.step(1_000);
    const lost = (await cluster.get(pods, "web-0")).spec.nodeName ?? "";
    const uids = async () => (await on(lost)).map(({ metadata }) => metadata.uid).sort();
    const before = await uids();
    const ofSet = (await on(lost)).filter(({ metadata }) => /^web-\d$/.test(metadata.name));
    silence(lost);
    await cluster.step(400_000);
    // The kubelet that is cut off has not heard of it: its pods stay, on their way out, and those of the set are not replaced.
    expect(await uids()).to.deep.equal(before);
    const active = (await cluster.list(pods)).filter(isPodActive);
    expect(active).to.have.length(6 - ofSet.length);
    await revive(lost);
    await cluster.step(60_000);
    const after = await cluster.list(pods);
    expect(after.filter(isPodReady)).to.have.length(6);
    expect(after).to.have.length(6);
    expect((await uids()).filter((uid) => before.includes(uid))).to.deep.equal([]);
    expect(await taints(lost)).to.deep.equal([]);
  });

  it("is not noticed when only the wall clock jumps", async () => {
    parts.cluster.clock.jumpWallClock(3_600_000);
    await parts.cluster.step(60_000);
    parts.cluster.clock.jumpWallClock(-7_200_000);
    await parts.cluster.step(60_000);
    for (const name of three) {
      expect(findCondition((await node(name)).status.conditions, "Ready")?.status).to.equal("True");
    }
  });
});
