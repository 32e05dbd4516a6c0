import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import type { Handler } from "../../lib/http.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import type { ExtenderConfiguration } from "../configuration/scheduler-configuration.ts";
import { runScheduler } from "../run-scheduler.ts";
import { Extender } from "./extender.ts";

type Answer = (args: Record<string, unknown>) => unknown;

/** An extender in the same process. A promise that stays open is an extender that takes its time. */
const inProcess =
  (verbs: Readonly<Record<string, Answer>>): Handler =>
  async ({ path, body, signal }) => {
    const answer = verbs[path.slice(1)];
    if (!answer) return { status: 404, headers: {}, body: { kind: "empty" } };
    const aborted = new Promise((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true }),
    );
    const args = JSON.parse(Buffer.from(await body.bytes(1e9)).toString()) as Record<string, unknown>;
    const object = await Promise.race([answer(args), aborted]);
    return { status: 200, headers: {}, body: { kind: "object", object, chunks: () => [] } };
  };

const managedResources = [{ name: "a.test/gpu", ignoredByScheduler: true }];
const gpuPod = (name: string) =>
  newPod(name, {
    spec: {
      containers: [
        { name: "c", image: "a", resources: { requests: { "a.test/gpu": "1" }, limits: { "a.test/gpu": "1" } } },
      ],
    },
  });

describe("pods in which extenders have a say", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  async function start(verbs: Readonly<Record<string, Answer>>, settings: Partial<ExtenderConfiguration> = {}) {
    cluster = await TestCluster.start();
    const allocatable = { cpu: "4", memory: "8Gi", pods: "10", "a.test/gpu": "4" };
    await cluster.addNodes(...["a", "b", "c"].map((name) => newNode(name, { status: { allocatable } })));
    const configuration: ExtenderConfiguration = { urlPrefix: "http://extender.test", managedResources, ...settings };
    cluster.run((parts, signal) => {
      const extender = new Extender({ configuration, transport: inProcess(verbs), clock: parts.clock });
      return runScheduler({ ...parts, extenders: [extender] }, signal);
    });
    await cluster.settle();
  }
  const nodeOf = async (name: string) => (await cluster.get(pods, name)).spec.nodeName;
  const conditionOf = async (name: string) => podCondition(await cluster.get(pods, name), "PodScheduled");

  it("go to nodes that the extender allows, and to the one that it likes most", async () => {
    await start(
      {
        filter: () => ({ NodeNames: ["b", "c"], FailedNodes: { a: "no" } }),
        prioritize: () => [
          { Host: "b", Score: 1 },
          { Host: "c", Score: 10 },
        ],
      },
      { filterVerb: "filter", prioritizeVerb: "prioritize", weight: 5, nodeCacheCapable: true },
    );
    await cluster.apply(gpuPod("p"), gpuPod("q"));
    await cluster.settle();
    expect(await nodeOf("p")).to.equal("c");
    expect(await nodeOf("q")).to.equal("c");
  });

  it("wait without holding up others", async () => {
    let answer: (value: unknown) => void = () => undefined;
    const late = new Promise((resolve) => (answer = resolve));
    await start({ filter: () => late }, { filterVerb: "filter" });
    await cluster.apply(gpuPod("slow"), newPod("plain"));
    await cluster.settle();
    expect(await nodeOf("plain")).to.be.oneOf(["a", "b", "c"]);
    expect(await nodeOf("slow")).to.equal(undefined);
    answer({ NodeNames: ["b"] });
    await cluster.settle();
    expect(await nodeOf("slow")).to.equal("b");
  });

  it("say why the extender turned them away, and go on when something changes", async () => {
    let allowed: string[] = [];
    await start(
      { filter: () => ({ NodeNames: allowed, FailedNodes: { a: "busy", b: "busy", c: "broken" } }) },
      { filterVerb: "filter" },
    );
    await cluster.apply(gpuPod("p"));
    await cluster.settle();
    const condition = await conditionOf("p");
    expect(condition?.reason).to.equal("Unschedulable");
    expect(condition?.message).to.match(/^0\/3 nodes are available: 1 broken, 2 busy\./);
    allowed = ["d"];
    await cluster.addNodes(
      newNode("d", { status: { allocatable: { cpu: "4", memory: "8Gi", pods: "9", "a.test/gpu": "1" } } }),
    );
    await cluster.step(2000);
    expect(await nodeOf("p")).to.equal("d");
  });

  it("are tried again when the extender fails, and say that it did", async () => {
    let failures = 1;
    await start(
      { filter: () => (failures-- > 0 ? { Error: "out of order" } : { NodeNames: ["a"] }) },
      { filterVerb: "filter" },
    );
    await cluster.apply(gpuPod("p"));
    await cluster.settle();
    expect(await conditionOf("p")).to.include({ reason: "SchedulerError", message: "out of order" });
    const seen = (await cluster.list(events)).map((event) => `${event.type} ${event.reason}`);
    expect(seen).to.deep.equal(["Warning FailedScheduling"]);
    await cluster.step(2000);
    expect(await nodeOf("p")).to.equal("a");
  });

  it("are scheduled without an extender that may be ignored", async () => {
    await start({ filter: () => ({ Error: "out of order" }) }, { filterVerb: "filter", ignorable: true });
    await cluster.apply(gpuPod("p"));
    await cluster.settle();
    expect(await nodeOf("p")).to.be.oneOf(["a", "b", "c"]);
  });

  it("are bound by an extender that binds", async () => {
    const bound: unknown[] = [];
    await start(
      {
        async bind(args) {
          bound.push(args);
          const target = { apiVersion: "v1", kind: "Node", name: args.Node };
          const metadata = { name: args.PodName, namespace: args.PodNamespace };
          const key = { namespace: "default", name: args.PodName as string, subresource: "binding" };
          await cluster.client.createSubresource(pods, key, {
            apiVersion: "v1",
            kind: "Binding",
            metadata,
            target,
          });
          return {};
        },
      },
      { bindVerb: "bind" },
    );
    await cluster.apply(gpuPod("p"), newPod("plain"));
    await cluster.settle();
    expect(bound).to.have.length(1);
    expect(await nodeOf("p")).to.equal((bound[0] as { Node: string }).Node);
    expect(await nodeOf("plain")).not.to.equal(undefined);
  });

  const preempting = async (answer: Answer) => {
    await start({ preempt: answer }, { preemptVerb: "preempt", nodeCacheCapable: true, managedResources: [] });
    for (const name of ["a", "b", "c"])
      await cluster.apply(newPod(`low-${name}`, { cpu: "4", spec: { nodeName: name } }));
    await cluster.settle();
    const spec = { priorityClassName: "system-cluster-critical" };
    await cluster.apply(newPod("urgent", { cpu: "1", namespace: "kube-system", spec }));
    await cluster.settle();
    return (await cluster.list(pods)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  };

  it("push others out when the extender agrees", async () => {
    const leaving = await preempting(({ NodeNameToMetaVictims }) => ({ NodeNameToMetaVictims }));
    expect(leaving).to.have.length(1);
  });

  it("push nobody out when the extender does not agree", async () => {
    const leaving = await preempting(() => ({ NodeNameToMetaVictims: {} }));
    expect(leaving).to.deep.equal([]);
  });

  it("are left alone when they go while the extender thinks", async () => {
    let answer: (value: unknown) => void = () => undefined;
    const late = new Promise((resolve) => (answer = resolve));
    await start({ filter: () => late }, { filterVerb: "filter" });
    await cluster.apply(gpuPod("p"));
    await cluster.settle();
    await cluster.delete(pods, "p");
    await cluster.settle();
    answer({ NodeNames: ["a", "b", "c"] });
    await cluster.settle();
    expect((await cluster.list(pods)).map(({ metadata }: Pod) => metadata.name)).to.deep.equal([]);
    expect(await cluster.list(events)).to.deep.equal([]);
  });
});
