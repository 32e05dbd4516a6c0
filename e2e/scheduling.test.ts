// Gangs, queues, preemption and offers as their users see them: stock kubectl, an API server over etcd, and scheduler and
// controllers as processes of their own, each with no more rights than its roles give. Nodes are what the test says they are.

import { expect } from "chai";
import type { Node } from "../api/core/node.ts";
import type { Pod } from "../api/core/pod.ts";
import { podCondition } from "../api/core/pod-state.ts";
import type { PodGroup } from "../api/kctl-scheduling/pod-group.ts";
import type { KubeObject, NewObject } from "../api/meta/object.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { newMembers, newPodGroup, newQueue, newQueuedPods } from "../testing/gang-builders.ts";
import { describeWith } from "../testing/machine-parts.ts";
import { CommandLine } from "./cluster-under-test.ts";
import { ProcessesCluster } from "./processes-cluster.ts";
import { eventually } from "./waiting.ts";

const BAND = "scheduling.kctl.dev/band";
const cpu = (count: number) => ({ cpu: String(count) });

const priorityClass = (name: string, value: number, labels?: Readonly<Record<string, string>>) => ({
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name, ...(labels && { labels }) },
  value,
});

describeWith(["etcd", "kubectl"], "scheduling beyond Kubernetes over etcd", function () {
  let cluster: ProcessesCluster;
  let kubectl: CommandLine;
  let kctl: CommandLine;

  before(async () => {
    cluster = await ProcessesCluster.prepare({ hasNode: false });
    await cluster.start();
    kubectl = new CommandLine("kubectl", cluster);
    kctl = new CommandLine("kctl", cluster);
    await eventually(
      "pods can be created",
      async () => (await kubectl.attempt("get serviceaccount default")).code === 0,
    );
    await apply(
      priorityClass("urgent", 1000),
      priorityClass("serving", 800_000_000, { [BAND]: "production" }),
      priorityClass("core", 890_000_000, { [BAND]: "production" }),
    );
  });
  after(() => cluster.wipe());
  afterEach(async function () {
    if (this.currentTest?.isFailed())
      console.error(await kubectl.run("get nodes,podgroups,queues,pods -o wide"), await cluster.describe());
    await kubectl.run("delete pods --all --force --grace-period=0 --wait=false");
    await kubectl.run("delete nodes,podgroups,queues,poddisruptionbudgets --all --wait=false");
  });

  const apply = (...items: readonly (NewObject<KubeObject> | object)[]) =>
    kubectl.run("create -f -", { input: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
  const read = async <T>(line: string) => JSON.parse(await kubectl.run(`get ${line} -o json`)) as T;
  const podsNow = async () => (await read<{ readonly items: readonly Pod[] }>("pods")).items;
  const placed = async () =>
    (await podsNow())
      .filter(({ spec }) => spec.nodeName)
      .map(({ metadata }) => metadata.name)
      .sort();
  const wait = (line: string) => kubectl.run(`wait --timeout=180s --for=${line}`);
  const whyOf = async (name: string) => podCondition(await read<Pod>(`pod ${name}`), "PodScheduled")?.message;
  const revisionsOf = (all: readonly Pod[]) => new Set(all.map(({ metadata }) => metadata.resourceVersion));
  /** Ready nodes `n0` and so on, with so many cores each; resolves when pods may go there. */
  async function addNodes(...cpus: readonly number[]): Promise<void> {
    await apply(...cpus.map((each, index) => newNode(`n${index}`, { ...cpu(each), memory: "64Gi" })));
    await eventually("the nodes are open", async () =>
      (await read<{ readonly items: readonly Node[] }>("nodes")).items.every(({ spec }) => !spec.taints?.length),
    );
  }

  it("lets a gang wait as a whole, and places it in one transaction when there is room", async () => {
    await addNodes(4, 3);
    await apply(newPodGroup("g", { minMember: 8 }), ...newMembers("g", 8));
    await wait("jsonpath={.status.conditions[0].reason}=Unschedulable podgroup/g");
    await eventually("a member says why", async () =>
      /2 Insufficient cpu.* 7 of 8 pods that are placed together found a node\.$/.test((await whyOf("g-0")) ?? ""),
    );
    expect(await placed()).to.deep.equal([]);
    await apply(newNode("late", cpu(1)));
    await wait("jsonpath={.status.scheduled}=8 podgroup/g");
    const all = await podsNow();
    expect(all.map(({ spec }) => spec.nodeName).sort()).to.deep.equal([
      ...["late", "n0", "n0", "n0", "n0"],
      ...["n1", "n1", "n1"],
    ]);
    expect(revisionsOf(all).size).to.equal(1);
  });

  it("places one of two gangs that want the same room, and the other when the first has ended", async () => {
    const [a, b] = [newMembers("a", 6), newMembers("b", 6)];
    const alternating = a.flatMap((member, index) => [member, b[index] ?? member]);
    await addNodes(4, 4);
    await apply(newPodGroup("a", { minMember: 6 }), newPodGroup("b", { minMember: 6 }), ...alternating);
    const groups = async () => (await read<{ readonly items: readonly PodGroup[] }>("podgroups")).items;
    const first = await eventually("one is placed", async () =>
      (await groups()).find(({ status }) => status.scheduled === 6),
    );
    const other = first.metadata.name === "a" ? "b" : "a";
    await wait(`condition=Scheduled=false podgroup/${other}`);
    const names = await placed();
    expect(new Set(names.map((name) => name.slice(0, 1)))).to.deep.equal(new Set([first.metadata.name]));
    for (const name of names)
      await kubectl.run(`patch pod ${name} --subresource=status -p {"status":{"phase":"Succeeded"}}`);
    await wait(`condition=Scheduled podgroup/${other}`);
    expect((await groups()).map(({ status }) => status.phase).sort()).to.deep.equal(["Scheduled", "Succeeded"]);
  });

  it("places a gang that is larger than a plain transaction of etcd", async () => {
    await addNodes(...Array.from({ length: 20 }, () => 10));
    await apply(newPodGroup("big", { minMember: 200 }), ...newMembers("big", 200));
    await wait("jsonpath={.status.scheduled}=200 podgroup/big");
    expect(revisionsOf(await podsNow()).size).to.equal(1);
  });

  it("lends what a queue does not use, and takes it back up to what is guaranteed", async () => {
    await addNodes(4);
    await apply(newQueue("a", { guarantee: cpu(2) }), newQueue("b", { guarantee: cpu(2) }));
    await apply(...newQueuedPods("a", 4));
    await wait("jsonpath={.status.admitted}=4 queue/a");
    const lent = await kctl.run("get queues");
    expect(rows(lent)["a"]).to.deep.equal(["a", "<none>", "Open", "cpu: 4/2", "200%", "0", "4"]);
    await apply(...newQueuedPods("b", 3));
    await wait("jsonpath={.status.admitted}=2 queue/b");
    await wait("jsonpath={.status.admitted}=2 queue/a");
    const shared = rows(await kctl.run("get queues"));
    expect(shared["a"]).to.deep.equal(["a", "<none>", "Open", "cpu: 2/2", "100%", "0", "2"]);
    expect(shared["b"]).to.deep.equal(["b", "<none>", "Open", "cpu: 2/2", "100%", "1", "2"]);
    expect((await placed()).map((name) => name.slice(0, 1))).to.deep.equal(["a", "a", "b", "b"]);
  });

  it("pushes out who is not protected by a disruption budget, in favour of a pod that is promised the node", async () => {
    const guarded = { app: "guarded" };
    await addNodes(1, 1);
    await apply(
      {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "guarded" },
        spec: { minAvailable: 1, selector: { matchLabels: guarded } },
      },
      newPod("guarded", { ...cpu(1), labels: guarded }),
      newPod("plain", cpu(1)),
    );
    await wait("condition=PodScheduled pod/guarded pod/plain");
    await wait("jsonpath={.status.expectedPods}=1 pdb/guarded");
    const { nodeName = "" } = (await read<Pod>("pod plain")).spec;
    await apply(newPod("urgent", { ...cpu(1), spec: { priorityClassName: "urgent" } }));
    await wait(`jsonpath={.status.nominatedNodeName}=${nodeName} pod/urgent`);
    await wait("condition=DisruptionTarget pod/plain");
    const victim = await read<Pod>("pod plain");
    expect(podCondition(victim, "DisruptionTarget")).to.include({ reason: "PreemptionByScheduler" });
    expect(victim.metadata.deletionGracePeriodSeconds).to.equal(30);
    expect(await placed()).to.deep.equal(["guarded", "plain"]);
    // What the kubelet does when the containers have ended.
    await kubectl.run("delete pod plain --force --grace-period=0");
    await wait("condition=PodScheduled pod/urgent");
    const { spec } = await read<Pod>("pod urgent");
    expect(spec.nodeName).to.equal(nodeName);
    expect((await read<Pod>("pod guarded")).metadata).not.to.have.property("deletionTimestamp");
  });

  it("pushes out nobody in production for what is more important there", async () => {
    await addNodes(1);
    await apply(newPod("serving", { ...cpu(1), spec: { priorityClassName: "serving" } }));
    await wait("condition=PodScheduled pod/serving");
    await apply(newPod("core", { ...cpu(1), spec: { priorityClassName: "core" } }));
    await wait("condition=PodScheduled=false pod/core");
    expect(await whyOf("core")).to.equal(
      "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    );
    const serving = await read<Pod>("pod serving");
    expect(serving.metadata).not.to.have.property("deletionTimestamp");
    expect(podCondition(serving, "DisruptionTarget")).to.equal(undefined);
  });

  it("shows gangs, offers, shares and what became of bindings", async () => {
    await addNodes(4);
    await apply(newPodGroup("g", { minMember: 2 }), ...newMembers("g", 2), {
      apiVersion: "scheduling.kctl.dev/v1",
      kind: "Framework",
      metadata: { name: "batch" },
      spec: { role: "batch", namespaces: ["default"], offerTimeoutSeconds: 300 },
    });
    await wait("jsonpath={.status.outstandingOffers}=1 framework/batch");
    await wait("jsonpath={.status.scheduled}=2 podgroup/g");
    expect(rows(await kctl.run("get podgroups"))["g"]?.slice(0, 5)).to.deep.equal([
      "g",
      "Scheduled",
      "2/2",
      "0",
      "<none>",
    ]);
    await eventually("the offer holds what is left", async () => {
      const [offer] = Object.values(rows(await kctl.run("get offers --field-selector spec.framework=batch")));
      return offer?.join(" ").includes("cpu: 2");
    });
    // Of the resource of which it is offered most: nobody else asks for storage on the node.
    expect(rows(await kctl.run("get frameworks"))["batch"]?.slice(0, 4)).to.deep.equal([
      ...["batch", "batch", "Active", "100.0%"],
    ]);
    expect(rows(await kctl.run("get nodeallocations"))["n0"]?.slice(0, 3)).to.deep.equal(["n0", "<none>", "50%"]);
    const figures = rows(await kctl.run("top schedulers"))["default-scheduler"] ?? [];
    expect(Number(figures[2])).to.be.greaterThan(0);
    expect(figures[4]).to.match(/^\d+\.\d%$/);
    await kubectl.run("delete framework batch");
  });

  it("tells its figures to who may read them, and to nobody else", async () => {
    await kubectl.run("create serviceaccount prometheus");
    await kubectl.run("create clusterrole figures --verb=get --non-resource-url=/metrics");
    await kubectl.run("create clusterrolebinding figures --clusterrole=figures --serviceaccount=default:prometheus");
    const token = (await kubectl.run("create token prometheus")).trim();
    const ask = (path: string, bearer = token) => {
      const server = `--kubeconfig=/dev/null --server=${cluster.schedulerUrl} --insecure-skip-tls-verify`;
      return kubectl.attempt(`${server} --token=${bearer} get --raw ${path}`);
    };
    expect((await ask("/readyz")).stdout).to.equal("ok");
    expect((await ask("/metrics")).stdout).to.match(
      /^scheduler_schedule_attempts_total\{.*result="scheduled".*\} [1-9]/m,
    );
    expect((await ask("/configz")).stderr).to.contain(
      'User "system:serviceaccount:default:prometheus" cannot get path "/configz"',
    );
    expect((await ask("/metrics", "stranger")).stderr).to.contain("Unauthorized");
  });
});

/** The rows of a table by their first word. */
function rows(table: string): Readonly<Record<string, readonly string[]>> {
  const lines = table.trimEnd().split("\n").slice(1);
  const cells = lines.map((line) => line.split(/\s{2,}/).slice(0, 7));
  return Object.fromEntries(cells.map((row) => [row[0] ?? "", row]));
}
