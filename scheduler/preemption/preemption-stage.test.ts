import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { nodes } from "../../api/core/node.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { pods, type PodSpec } from "../../api/core/pod.ts";
import { podDisruptionBudgets } from "../../api/policy/pod-disruption-budget.ts";
import { priorityClasses } from "../../api/scheduling/priority-class.ts";
import { StatusError } from "../../api/meta/status.ts";
import type { Handler } from "../../lib/http.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { runScheduler } from "../run-scheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);

const CLASSES = { low: 1, middle: 100, high: 1000, polite: 1000 };
type ClassName = keyof typeof CLASSES;

interface Wanted {
  readonly cpu?: string;
  readonly labels?: Record<string, string>;
  readonly spec?: Partial<PodSpec>;
}

const podOf = (name: string, priorityClassName: ClassName, { cpu = "2", labels, spec }: Wanted = {}) =>
  newPod(name, { cpu, labels, spec: { ...newPod(name, { cpu }).spec, priorityClassName, ...spec } });

describe("preemption in a cluster", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  async function start(nodeNames: readonly string[], ...components: readonly Component[]): Promise<void> {
    cluster = await TestCluster.start({ components });
    for (const [name, value] of Object.entries(CLASSES)) {
      const metadata = { name };
      await cluster.client.create(priorityClasses, {
        apiVersion: "scheduling.k8s.io/v1",
        kind: "PriorityClass",
        metadata,
        value,
        ...(name === "polite" && { preemptionPolicy: "Never" }),
      });
    }
    await cluster.addNodes(...nodeNames.map((name) => newNode(name, { cpu: "2" })));
  }

  const on = (node: string): Wanted => ({ spec: { nodeName: node } });
  const get = (name: string) => cluster.get(pods, name);
  const nodeOf = async (name: string) => (await get(name)).spec.nodeName;
  const promiseOf = async (name: string) => (await get(name)).status.nominatedNodeName;
  const messageOf = async (name: string) => podCondition(await get(name), "PodScheduled")?.message;
  const names = async () => (await cluster.list(pods)).map(({ metadata: { name } }) => name).sort();
  /** What a kubelet does in the end. */
  const finish = (name: string) =>
    cluster.client.delete(pods, { namespace: "default", name }, { gracePeriodSeconds: 0 });
  const leaving = async () =>
    (await cluster.list(pods))
      .filter(({ metadata }) => metadata.deletionTimestamp)
      .map(({ metadata: { name } }) => name);

  it("gives the pods that must go their time, says why they go, and keeps the node for the pod they go for", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.step(0);
    const old = await get("old");
    expect(old.metadata.deletionGracePeriodSeconds).to.equal(30);
    expect(podCondition(old, "DisruptionTarget")).to.include({
      status: "True",
      reason: "PreemptionByScheduler",
      message: "default-scheduler: preempting to accommodate a higher priority pod",
    });
    const preemptor = await get("new");
    const said = (await cluster.list(events)).filter(({ reason }) => reason === "Preempted");
    expect(said.map(({ involvedObject, type, message }) => [involvedObject.name, type, message])).to.deep.equal([
      ["old", "Normal", `Preempted by pod ${preemptor.metadata.uid} on node n1`],
    ]);
    expect(preemptor.status.nominatedNodeName).to.equal("n1");
    expect(podCondition(preemptor, "PodScheduled")?.message).to.equal("0/1 nodes are available: 1 Insufficient cpu.");
    await finish("old");
    await cluster.step(2000);
    expect(await nodeOf("new")).to.equal("n1");
  });

  it("counts what it did", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("old", "low", { cpu: "1" }), podOf("older", "low", { cpu: "1" }));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.settle();
    const { text } = await cluster.metrics.render();
    expect(text).to.match(/^scheduler_preemption_attempts_total 1$/m);
    expect(text).to.match(/^scheduler_preemption_victims_sum 2$/m);
  });

  it("pushes out no more while those who must go are on their way out", async () => {
    await start(["n1", "n2"], scheduler);
    await cluster.apply(podOf("a", "low", on("n1")), podOf("b", "low", on("n2")));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.step(1000);
    const first = await leaving();
    expect(first).to.have.length(1);
    // A change that might help has it tried again.
    await cluster.setStatus(nodes, "n1", { allocatable: { cpu: "2500m", memory: "8Gi", pods: "110" } });
    await cluster.setStatus(nodes, "n2", { allocatable: { cpu: "2500m", memory: "8Gi", pods: "110" } });
    await cluster.step(320_000);
    expect(await leaving()).to.deep.equal(first);
    expect(await messageOf("new")).to.equal(
      "0/2 nodes are available: 2 Insufficient cpu. preemption: not eligible due to a terminating pod on the nominated node.",
    );
    expect(await promiseOf("new")).to.equal(first[0] === "a" ? "n1" : "n2");
  });

  it("keeps to disruption budgets if it can", async () => {
    await start(["n1", "n2"], scheduler);
    await cluster.apply(podOf("a", "low", { ...on("n1"), labels: { app: "guarded" } }), podOf("b", "middle", on("n2")));
    await cluster.client.create(podDisruptionBudgets, {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "guard", namespace: "default" },
      spec: { minAvailable: 1, selector: { matchLabels: { app: "guarded" } } },
    });
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.settle();
    expect(await leaving()).to.deep.equal(["b"]);
  });

  it("pushes out nobody for a pod that may not, and says so", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "polite"));
    await cluster.settle();
    expect(await leaving()).to.deep.equal([]);
    expect(await messageOf("new")).to.equal(
      "0/1 nodes are available: 1 Insufficient cpu. preemption: not eligible due to preemptionPolicy=Never.",
    );
  });

  it("gives the room to nobody less urgent, such as those that replace the pods that went", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.settle();
    await cluster.apply(podOf("again", "low"));
    await finish("old");
    await cluster.step(20_000);
    expect(await nodeOf("new")).to.equal("n1");
    expect(await nodeOf("again")).to.equal(undefined);
  });

  it("gives the room to a more urgent pod that comes in between", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "middle"));
    await cluster.settle();
    expect(await promiseOf("new")).to.equal("n1");
    await cluster.apply(podOf("urgent", "high"));
    await cluster.step(2000);
    expect(await promiseOf("urgent")).to.equal("n1");
    expect(await promiseOf("new")).to.equal(undefined);
    await finish("old");
    await cluster.step(20_000);
    expect(await nodeOf("urgent")).to.equal("n1");
    expect(await nodeOf("new")).to.equal(undefined);
  });

  it("takes the promise back when the pod cannot have the node any more", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.settle();
    expect(await promiseOf("new")).to.equal("n1");
    await cluster.setStatus(nodes, "n1", { allocatable: { cpu: "1", memory: "8Gi", pods: "110" } });
    await cluster.step(320_000);
    expect(await promiseOf("new")).to.equal(undefined);
    expect(await messageOf("new")).to.include("preemption: 0/1 nodes are available: 1 Preemption is not helpful");
  });

  it("remembers what was promised when it starts again", async () => {
    await start(["n1"]);
    const stop = cluster.run(scheduler);
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.settle();
    stop();
    await cluster.settle();
    await finish("old");
    await cluster.apply(podOf("quick", "low"));
    cluster.run(scheduler);
    await cluster.step(20_000);
    expect(await nodeOf("new")).to.equal("n1");
    expect(await nodeOf("quick")).to.equal(undefined);
  });

  it("tries another time when the server does not answer", async () => {
    let refusals = 2;
    await start(["n1"], (parts, signal) => {
      const transport: Handler = (request) => {
        const isDeletion = request.method === "DELETE" && request.path.includes("/pods/");
        if (isDeletion && refusals-- > 0) return Promise.reject(new StatusError("ServiceUnavailable", "away"));
        return parts.transport(request);
      };
      return runScheduler({ ...parts, transport }, signal);
    });
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.step(5000);
    expect(refusals).to.be.below(0);
    expect(await leaving()).to.deep.equal(["old"]);
  });

  it("gives up a promise that it cannot keep, as a pod cannot be pushed out", async () => {
    await start(["n1"], (parts, signal) => {
      const transport: Handler = (request) =>
        request.method === "DELETE" && request.path.includes("/pods/")
          ? Promise.reject(new StatusError("Forbidden", "no"))
          : parts.transport(request);
      return runScheduler({ ...parts, transport }, signal);
    });
    await cluster.apply(podOf("old", "low"));
    await cluster.settle();
    await cluster.apply(podOf("new", "high"));
    await cluster.step(60_000);
    expect(await names()).to.deep.equal(["new", "old"]);
    expect(await leaving()).to.deep.equal([]);
  });

  it("makes room as soon as a pod that could not be pushed out has left", async () => {
    await start(["n1"], scheduler);
    await cluster.apply(podOf("small", "low", { cpu: "500m" }), podOf("important", "high", { cpu: "1500m" }));
    await cluster.settle();
    await cluster.apply(podOf("new", "middle"));
    await cluster.settle();
    expect(await leaving()).to.deep.equal([]);
    await finish("important");
    await cluster.step(2000);
    expect(await leaving()).to.deep.equal(["small"]);
    await finish("small");
    await cluster.step(20_000);
    expect(await nodeOf("new")).to.equal("n1");
  });
});
