import { expect } from "chai";
import { events } from "../api/core/event.ts";
import { pods } from "../api/core/pod.ts";
import { podCondition } from "../api/core/pod-state.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { parseConfiguration } from "./configuration/parse-configuration.ts";
import { runScheduler } from "./run-scheduler.ts";

const configured = (settings: object) =>
  parseConfiguration(
    JSON.stringify({
      apiVersion: "kubescheduler.config.k8s.io/v1",
      kind: "KubeSchedulerConfiguration",
      ...settings,
    }),
  ).configuration;

const off = (...names: string[]) => ({ disabled: names.map((name) => ({ name })) });

describe("a scheduler with a configuration", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  async function start(settings: object) {
    const configuration = configured(settings);
    cluster = await TestCluster.start({
      components: [(parts, signal) => runScheduler({ ...parts, configuration }, signal)],
    });
  }
  const nodeOf = async (name: string) => (await cluster.get(pods, name)).spec.nodeName;
  const named = (name: string, schedulerName: string, cpu = "1") => newPod(name, { cpu, spec: { schedulerName } });

  it("follows the profile that a pod names, and leaves pods that name none of them", async () => {
    const strategy = (type: string) => ({
      pluginConfig: [{ name: "NodeResourcesFit", args: { scoringStrategy: { type } } }],
      plugins: { score: { ...off("*"), enabled: [{ name: "NodeResourcesFit" }] } },
    });
    await start({
      profiles: [
        { schedulerName: "spreading", ...strategy("LeastAllocated") },
        { schedulerName: "packing", ...strategy("MostAllocated") },
      ],
    });
    await cluster.addNodes(newNode("empty"), newNode("busy"));
    await cluster.apply(newPod("there", { cpu: "2", spec: { nodeName: "busy" } }));
    await cluster.settle();
    await cluster.apply(named("p", "packing"), named("d", "default-scheduler"));
    await cluster.settle();
    await cluster.apply(named("s", "spreading"));
    await cluster.settle();
    expect(await nodeOf("p")).to.equal("busy");
    expect(await nodeOf("s")).to.equal("empty");
    expect(await nodeOf("d")).to.equal(undefined);
    const sources = (await cluster.list(events)).map(({ source }) => source?.component);
    expect(sources.sort()).to.deep.equal(["packing", "spreading"]);
  });

  it("counts what one profile has placed when another decides", async () => {
    await start({ profiles: [{ schedulerName: "one" }, { schedulerName: "two" }] });
    await cluster.addNodes(newNode("n", { cpu: "3" }));
    await cluster.apply(...[1, 2, 3, 4].map((index) => named(`p${index}`, index % 2 ? "one" : "two")));
    await cluster.settle();
    const placed = (await cluster.list(pods)).filter(({ spec }) => spec.nodeName === "n");
    expect(placed).to.have.length(3);
  });

  it("does not ask rules that are off", async () => {
    const taints = [{ key: "team", effect: "NoSchedule" as const }];
    await start({ profiles: [{ schedulerName: "default-scheduler", plugins: { filter: off("TaintToleration") } }] });
    await cluster.addNodes(newNode("n", { spec: { taints } }));
    await cluster.apply(newPod("p"));
    await cluster.settle();
    expect(await nodeOf("p")).to.equal("n");
  });

  it("holds all pods to an affinity that is added", async () => {
    const requiredDuringSchedulingIgnoredDuringExecution = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "pool", operator: "In", values: ["a"] }] }],
    };
    const args = { addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution } };
    await start({ profiles: [{ pluginConfig: [{ name: "NodeAffinity", args }] }] });
    await cluster.addNodes(newNode("n", { labels: { pool: "b" } }));
    await cluster.apply(newPod("p"));
    await cluster.settle();
    const condition = podCondition(await cluster.get(pods, "p"), "PodScheduled");
    expect(condition?.message).to.match(
      /^0\/1 nodes are available: 1 node\(s\) didn't match scheduler-enforced node affinity\./,
    );
    await cluster.addNodes(newNode("m", { labels: { pool: "a" } }));
    await cluster.step(2000);
    expect(await nodeOf("p")).to.equal("m");
  });

  it("says which nodes a pod that names its node passes over", async () => {
    await start({});
    await cluster.addNodes(newNode("a", { cpu: "1" }), newNode("b"), newNode("c"));
    const matchFields = [{ key: "metadata.name", operator: "In" as const, values: ["a"] }];
    const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] } };
    await cluster.apply(newPod("p", { cpu: "2", spec: { affinity: { nodeAffinity } } }));
    await cluster.settle();
    const condition = podCondition(await cluster.get(pods, "p"), "PodScheduled");
    expect(condition?.message).to.match(
      /^0\/3 nodes are available: 1 Insufficient cpu, 2 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./,
    );
  });

  it("waits as long after failures as it says", async () => {
    await start({ podInitialBackoffSeconds: 30, podMaxBackoffSeconds: 60 });
    await cluster.addNodes(newNode("n", { cpu: "1" }));
    await cluster.apply(newPod("p", { cpu: "2" }));
    await cluster.settle();
    await cluster.addNodes(newNode("m", { cpu: "2" }));
    await cluster.step(29_000);
    expect(await nodeOf("p")).to.equal(undefined);
    await cluster.step(2000);
    expect(await nodeOf("p")).to.equal("m");
  });
});
