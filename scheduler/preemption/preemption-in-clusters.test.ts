import { expect } from "chai";
import { events } from "../../api/core/event.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import { replicaSets } from "../../api/apps/replica-set.ts";
import { nodes } from "../../api/core/node.ts";
import { priorityClasses } from "../../api/scheduling/priority-class.ts";
import { replicaSetController } from "../../controllers/replicaset/controller.ts";
import { seededRandom, type Random } from "../../lib/random.ts";
import { newNode, newPod } from "../../testing/builders.ts";
import { TestCluster, type Component } from "../../testing/cluster.ts";
import { runScheduler } from "../run-scheduler.ts";

const scheduler: Component = (parts, signal) => runScheduler(parts, signal);

/** Of which a node has 10, as in Kubernetes' conformance tests. */
const SCARCE = "example.com/fakecpu";

interface ClassOptions {
  readonly value: number;
  readonly labels?: Record<string, string>;
}

const classOf = (name: string, { value, labels }: ClassOptions) => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name, ...(labels && { labels }) },
  value,
});

const scarceSpec = (priorityClassName: string, amount: number) => ({
  priorityClassName,
  containers: [
    {
      name: "main",
      image: "registry.test/app:1",
      resources: { requests: { [SCARCE]: `${amount}` }, limits: { [SCARCE]: `${amount}` } },
    },
  ],
  terminationGracePeriodSeconds: 0,
});

describe("preemption, as Kubernetes' conformance tests see it", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  async function start(nodeNames: readonly string[]): Promise<void> {
    cluster = await TestCluster.start({ components: [scheduler], controllers: [replicaSetController] });
    for (const [index, name] of ["p1", "p2", "p3", "p4"].entries())
      await cluster.client.create(priorityClasses, classOf(name, { value: index + 1 }));
    await cluster.addNodes(...nodeNames.map((name) => newNode(name)));
    for (const name of nodeNames) {
      const allocatable = { cpu: "4", memory: "8Gi", pods: "110", [SCARCE]: "10" };
      await cluster.setStatus(nodes, name, { allocatable, capacity: allocatable });
    }
  }

  const scarce = (name: string, [priorityClassName, amount]: readonly [string, number], namespace = "default") =>
    newPod(name, { namespace, spec: { ...newPod(name).spec, ...scarceSpec(priorityClassName, amount) } });
  const names = async () => (await cluster.list(pods)).map(({ metadata: { name } }) => name).sort();
  const placed = async (name: string, namespace = "default") =>
    (await cluster.client.get(pods, { namespace, name })).spec.nodeName;

  for (const [title, className, namespace] of [
    ["a pod of high priority", "p4", "default"],
    ["a critical pod", "system-cluster-critical", "kube-system"],
  ] as const) {
    it(`removes the pod of the lowest priority, and that one only, for ${title}`, async () => {
      await start(["n1", "n2"]);
      await cluster.apply(scarce("low", ["p1", 8]));
      await cluster.settle();
      await cluster.apply(scarce("middle", ["p2", 8]));
      await cluster.settle();
      await cluster.apply(scarce("new", [className, 8], namespace));
      await cluster.step(3000);
      expect(await placed("new", namespace)).to.be.a("string");
      expect(await names()).to.deep.equal(["middle", "new"]);
    });
  }

  it("runs its path with ReplicaSets that replace what is removed", async () => {
    await start(["n1"]);
    const seen = new Map<string, Set<string>>();
    for (const [name, amount] of [
      ["p1", 2],
      ["p2", 3],
      ["p3", 4],
    ] as const) {
      await cluster.client.create(replicaSets, {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: { name: `rs-${name}`, namespace: "default" },
        spec: {
          replicas: 1,
          selector: { matchLabels: { name } },
          template: { metadata: { labels: { name } }, spec: scarceSpec(name, amount) },
        },
      });
      await cluster.settle();
    }
    const look = async () => {
      for (const { metadata } of await cluster.list(pods)) {
        const label = metadata.labels?.name ?? "";
        seen.set(label, (seen.get(label) ?? new Set()).add(metadata.uid));
      }
    };
    await look();
    await cluster.apply(scarce("new", ["p4", 6]));
    for (let second = 0; second < 20; second++) {
      await cluster.step(1000);
      await look();
    }
    expect(await placed("new")).to.equal("n1");
    expect(["p1", "p2", "p3"].map((name) => seen.get(name)?.size)).to.deep.equal([2, 2, 1]);
    const victims = (await cluster.list(events)).filter(({ reason }) => reason === "Preempted");
    expect(victims.map(({ involvedObject }) => involvedObject.name?.slice(0, 5)).sort()).to.deep.equal([
      "rs-p1",
      "rs-p2",
    ]);
  });

  it("lets everything of a PriorityClass be changed but what pods have read of it", async () => {
    await start([]);
    const found = await cluster.client.get(priorityClasses, { name: "p1" });
    const changed = await cluster.client.update(priorityClasses, { ...found, description: "updated" });
    expect(changed.description).to.equal("updated");
    const patch = { type: "merge", patch: { description: "patched" } } as const;
    expect((await cluster.client.patch(priorityClasses, { name: "p1" }, patch)).description).to.equal("patched");
    const error: unknown = await cluster.client
      .patch(priorityClasses, { name: "p1" }, { type: "merge", patch: { value: 7 } })
      .catch((reason: unknown) => reason);
    expect(String(error)).to.include("may not be changed in an update");
  });
});

const BANDS = {
  monitoring: 950_000_000,
  "production-high": 899_000_000,
  "production-low": 800_000_000,
  batch: -150_000_000,
};

describe("preemption between bands", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  /** Who was pushed out for whom, by the names of pods. */
  async function preemptions(): Promise<readonly (readonly [victim: string, preemptor: string])[]> {
    const said = (await cluster.list(events)).filter(({ reason }) => reason === "Preempted");
    return said.map(({ involvedObject, message }) => [
      involvedObject.name ?? "",
      nameByUid.get(/^Preempted by pod (\S+) /.exec(message ?? "")?.[1] ?? "") ?? "",
    ]);
  }

  const nameByUid = new Map<string, string>();
  let count = 0;

  async function create(className: string, random: Random): Promise<void> {
    const name = `${className}-${count++}`;
    const cpu = `${1 + Math.floor(random.float() * 3)}`;
    const spec = { ...newPod(name, { cpu }).spec, priorityClassName: className, terminationGracePeriodSeconds: 0 };
    const created = await cluster.client.create(pods, newPod(name, { cpu, spec }));
    nameByUid.set(created.metadata.uid, name);
  }

  it("pushes nobody out of production for production, and nobody for those who were pushed out", async () => {
    cluster = await TestCluster.start({ components: [scheduler] });
    for (const [name, value] of Object.entries(BANDS)) {
      const [band = ""] = name.split("-");
      await cluster.client.create(
        priorityClasses,
        classOf(name, { value, labels: { "scheduling.kctl.dev/band": band } }),
      );
    }
    await cluster.addNodes(...[1, 2, 3].map((index) => newNode(`n${index}`)));
    const random = seededRandom(5);
    const classes = Object.keys(BANDS);
    for (let round = 0; round < 12; round++) {
      for (let index = 0; index < 3; index++)
        await create(round < 3 ? "batch" : (classes[Math.floor(random.float() * classes.length)] ?? ""), random);
      await cluster.step(2000);
      // What was pushed out comes again, as its owner would make it.
      const lost = (await preemptions()).length - replaced;
      for (let index = 0; index < lost; index++) await create("batch", random);
      replaced += lost;
      const running = (await cluster.list(pods)).filter(({ spec }) => spec.nodeName);
      const ended = running[Math.floor(random.float() * running.length)];
      if (ended && round % 3 === 2) await cluster.delete(pods, ended.metadata.name);
    }
    await cluster.step(20_000);
    const all = await preemptions();
    expect(all.length).to.be.above(3);
    expect(all.filter(([victim]) => !victim.startsWith("batch-"))).to.deep.equal([]);
    expect(all.filter(([, preemptor]) => preemptor.startsWith("batch-"))).to.deep.equal([]);
    const waiting = (await cluster.list(pods)).filter(({ spec }) => !spec.nodeName);
    expect(waiting.map((pod) => podCondition(pod, "PodScheduled")?.reason)).to.not.include(undefined);
  });
  let replaced = 0;
});
