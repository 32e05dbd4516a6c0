import { expect } from "chai";
import type { Node } from "../../api/core/node.ts";
import { namespaces, type Namespace } from "../../api/core/namespace.ts";
import { nodes } from "../../api/core/node.ts";
import { podCondition } from "../../api/core/pod-state.ts";
import { pods, type Pod } from "../../api/core/pod.ts";
import { daemonSets } from "../../api/apps/daemon-set.ts";
import { POOL_LABEL } from "../../api/kctl-scheduling/pools.ts";
import { statusErrorOf } from "../../api/meta/status.ts";
import { PLACEMENTS_PATH, type PlacementResponse } from "../../api/placement/placement.ts";
import { readAnswer } from "../../client/response-body.ts";
import { objectRequestBody } from "../../lib/http.ts";
import { asStored, newNode, newPod } from "../../testing/builders.ts";
import { TestCluster } from "../../testing/cluster.ts";
import { PodInfo } from "../pod-info.ts";
import { runScheduler } from "../run-scheduler.ts";
import { Snapshot } from "../snapshot.ts";
import { nodePool } from "./node-pool.ts";

const inPool = (pool?: string): Record<string, string> => (pool === undefined ? {} : { [POOL_LABEL]: pool });
const daemonOf = (uid: string, name = "agent") => ({
  ownerReferences: [{ apiVersion: "apps/v1", kind: "DaemonSet", name, uid, controller: true }],
});

interface Case {
  readonly title: string;
  readonly namespace?: string;
  readonly bound?: string;
  readonly node?: string;
  readonly metadata?: object;
  readonly fits: boolean;
}

const cases: readonly Case[] = [
  { title: "keeps pods of a pool within it", bound: "a", node: "a", fits: true },
  { title: "keeps pods of a pool from other pools", bound: "a", node: "b", fits: false },
  { title: "keeps pods of a pool from nodes of none", bound: "a", fits: false },
  { title: "keeps other pods from the nodes of a pool", node: "a", fits: false },
  { title: "has nothing to say where there are no pools", fits: true },
  { title: "takes an empty label for none", bound: "", node: "", fits: true },
  { title: "lets the cluster's own pods go everywhere", namespace: "kube-system", node: "a", fits: true },
  { title: "lets node agents of unbound namespaces go everywhere", metadata: daemonOf("d"), node: "a", fits: true },
  { title: "holds back node agents of bound namespaces", metadata: daemonOf("d"), bound: "a", node: "b", fits: false },
];

describe("the plugin of pools", () => {
  for (const { title, namespace = "team", bound, node, metadata, fits } of cases) {
    it(title, () => {
      const snapshot = new Snapshot();
      snapshot.setNamespace(
        asStored<Namespace>({
          metadata: { name: namespace, labels: inPool(bound) },
        }),
      );
      snapshot.setNode(asStored<Node>(newNode("n", { labels: inPool(node) })));
      const [info] = snapshot.nodes;
      if (!info) throw new Error("there is a node");
      const pod = new PodInfo(
        asStored<Pod>(newPod("p", { namespace, metadata: { name: "p", namespace, ...metadata } })),
      );
      const rejection = nodePool.prepare(pod, snapshot)?.filter?.(info);
      expect(rejection && [...rejection]).to.deep.equal(
        fits ? undefined : ["node(s) didn't belong to the namespace's pool"],
      );
    });
  }
});

async function bindTo(cluster: TestCluster, name: string, node: string): Promise<unknown> {
  const key = { namespace: "team", name };
  const body = { metadata: key, target: { kind: "Node", name: node } };
  return cluster.client.createSubresource(pods, { ...key, subresource: "binding" }, body).then(
    () => "bound",
    (error: unknown) => String(error),
  );
}

async function placeOn(cluster: TestCluster, name: string, node: string): Promise<unknown> {
  const response = await cluster.client.raw({
    method: "POST",
    path: PLACEMENTS_PATH,
    headers: { accept: "application/json", "content-type": "application/json" },
    body: objectRequestBody({ bindings: [{ namespace: "team", name, node }] }),
  });
  const { results } = (await readAnswer(response)) as PlacementResponse;
  return results[0]?.status ? String(statusErrorOf(results[0].status)) : "bound";
}

const createOn = (cluster: TestCluster, name: string, { node, metadata }: { node: string; metadata?: object }) =>
  cluster
    .apply(
      newPod(name, { namespace: "team", metadata: { name, namespace: "team", ...metadata }, spec: { nodeName: node } }),
    )
    .then(
      () => "bound",
      (error: unknown) => String(error),
    );

async function relabel(cluster: TestCluster, kind: "node" | "namespace", [name, pool]: [string, string | null]) {
  const target = [{ name }, { type: "merge", patch: { metadata: { labels: { [POOL_LABEL]: pool } } } }] as const;
  await (kind === "node" ? cluster.client.patch(nodes, ...target) : cluster.client.patch(namespaces, ...target));
  await cluster.settle();
}

describe("pools in a cluster", () => {
  let cluster: TestCluster;
  beforeEach(async () => {
    cluster = await TestCluster.start({ components: [runScheduler] });
    await cluster.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: "team", labels: inPool("a") } });
    await cluster.addNodes(newNode("in-b", { labels: inPool("b") }), newNode("in-none"));
  });
  afterEach(() => cluster.stop());
  const nodeOf = async (name: string) => (await cluster.get(pods, `team/${name}`)).spec.nodeName;

  it("make pods wait for a node of their pool, and wake them when one joins", async () => {
    await cluster.apply(newPod("p", { namespace: "team" }));
    await cluster.settle();
    const waiting = await cluster.get(pods, "team/p");
    expect(podCondition(waiting, "PodScheduled")?.message).to.equal(
      "0/2 nodes are available: 2 node(s) didn't belong to the namespace's pool. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    );
    await relabel(cluster, "node", ["in-none", "a"]);
    await cluster.step(2_000);
    expect(await nodeOf("p")).to.equal("in-none");
  });

  it("wake pods when their namespace moves to another pool", async () => {
    await cluster.apply(newPod("p", { namespace: "team" }));
    await cluster.settle();
    await relabel(cluster, "namespace", ["team", "b"]);
    await cluster.step(2_000);
    expect(await nodeOf("p")).to.equal("in-b");
    await relabel(cluster, "namespace", ["team", null]);
    await cluster.apply(newPod("q", { namespace: "team" }));
    await cluster.settle();
    expect(await nodeOf("q")).to.equal("in-none");
  });

  const ways: [title: string, way: (cluster: TestCluster, name: string, node: string) => Promise<unknown>][] = [
    ["a binding", bindTo],
    ["a placement", placeOn],
  ];
  for (const [title, way] of ways) {
    it(`cannot be broken by ${title}, from whichever scheduler`, async () => {
      await cluster.apply(newPod("p", { namespace: "team", spec: { schedulerName: "other" } }));
      for (const [node, where] of [
        ["in-b", 'is in pool "b"'],
        ["in-none", "is in no pool"],
        ["unknown", "is in no pool"],
      ] as const) {
        expect(await way(cluster, "p", node)).to.contain(
          `node "${node}" is forbidden: it ${where}, and the pod's namespace is bound to pool "a"`,
        );
      }
      await cluster.addNodes(newNode("in-a", { labels: inPool("a") }));
      expect(await way(cluster, "p", "in-a")).to.equal("bound");
    });
  }

  it("cannot be broken by creating pods on nodes", async () => {
    expect(await createOn(cluster, "p", { node: "in-b" })).to.contain('node "in-b" is forbidden');
    await cluster.addNodes(newNode("in-a", { labels: inPool("a") }));
    expect(await createOn(cluster, "p", { node: "in-a" })).to.equal("bound");
  });

  it("hold for a pod that claims to be of a DaemonSet which there is not", async () => {
    await relabel(cluster, "namespace", ["team", null]);
    expect(await createOn(cluster, "forged", { node: "in-b", metadata: daemonOf("unknown") })).to.contain(
      'node "in-b" is forbidden',
    );
    const template = { metadata: { labels: { app: "agent" } }, spec: newPod("agent").spec };
    const metadata = { name: "agent", namespace: "team" };
    const spec = { selector: { matchLabels: { app: "agent" } }, template };
    await cluster.apply({ apiVersion: "apps/v1", kind: "DaemonSet", metadata, spec } as Parameters<
      TestCluster["apply"]
    >[0]);
    const { uid } = (await cluster.get(daemonSets, "team/agent")).metadata;
    expect(await createOn(cluster, "agent-b", { node: "in-b", metadata: daemonOf(uid) })).to.equal("bound");
  });
});
