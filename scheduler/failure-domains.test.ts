import { expect } from "chai";
import { nodes } from "../api/core/node.ts";
import { pods } from "../api/core/pod.ts";
import { newNode, newPod } from "../testing/builders.ts";
import { TestCluster } from "../testing/cluster.ts";
import { runScheduler } from "./run-scheduler.ts";

const DOMAINS = ["a", "b", "c"];
const replica = (index: number, labels: Record<string, string> = {}) => {
  const owner = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web", uid: "web", controller: true };
  const name = `web-${index}`;
  return newPod(name, {
    cpu: "500m",
    metadata: { name, namespace: "default", labels: { app: "web", ...labels }, ownerReferences: [owner] },
  });
};

interface Layout {
  readonly title: string;
  readonly topologyKey: string;
  readonly labels?: Record<string, string>;
  /** How many nodes each domain has. */
  readonly sizes: readonly number[];
  readonly replicas: readonly number[];
}

const RACK = "topology.kubernetes.io/rack";
const asking = { "scheduling.kctl.dev/spread": "rack" };
const layouts: readonly Layout[] = [
  {
    title: "evenly over zones, as Kubernetes does",
    topologyKey: "topology.kubernetes.io/zone",
    sizes: [3, 3, 3],
    replicas: [3, 3, 3],
  },
  {
    title: "evenly over racks that ask for it",
    topologyKey: RACK,
    labels: asking,
    sizes: [6, 2, 1],
    replicas: [3, 3, 3],
  },
  { title: "over nodes only, if they do not", topologyKey: RACK, sizes: [6, 2, 1], replicas: [6, 2, 1] },
];

async function fill(cluster: TestCluster, { topologyKey, sizes, labels }: Layout): Promise<void> {
  for (const [at, domain] of DOMAINS.entries()) {
    for (let index = 0; index < (sizes[at] ?? 0); index++) {
      await cluster.addNodes(newNode(`${domain}${index}`, { labels: { [topologyKey]: domain } }));
    }
  }
  await cluster.apply(...Array.from({ length: 9 }, (_, index) => replica(index, labels)));
  await cluster.settle();
}

/** How many replicas run in each domain. */
async function countReplicas(cluster: TestCluster): Promise<readonly number[]> {
  const replicas = (await cluster.list(pods)).filter(({ metadata }) => metadata.labels?.app === "web");
  return DOMAINS.map((domain) => replicas.filter(({ spec }) => spec.nodeName?.startsWith(domain)).length);
}

describe("nine replicas over three failure domains", () => {
  for (const layout of layouts) {
    it(`are spread ${layout.title}`, async () => {
      const cluster = await TestCluster.start({ components: [runScheduler] });
      await fill(cluster, layout);
      expect(await countReplicas(cluster)).to.deep.equal(layout.replicas);
      await cluster.stop();
    });
  }

  it("leave six when a rack is lost, and are replaced in the others", async () => {
    const cluster = await TestCluster.start({ components: [runScheduler] });
    await fill(cluster, { title: "", topologyKey: RACK, labels: asking, sizes: [2, 2, 2], replicas: [] });
    for (const name of ["a0", "a1"]) {
      const node = await cluster.get(nodes, name);
      const effects = ["NoSchedule", "NoExecute"] as const;
      const taints = effects.map((effect) => ({ key: "node.kubernetes.io/unreachable", effect }));
      await cluster.client.update(nodes, { ...node, spec: { ...node.spec, taints } });
    }
    const lost = (await cluster.list(pods)).filter(({ spec }) => spec.nodeName?.startsWith("a"));
    expect(lost).to.have.length(3);
    for (const { metadata } of lost) {
      await cluster.client.delete(pods, { namespace: "default", name: metadata.name }, { gracePeriodSeconds: 0 });
    }
    await cluster.apply(...[10, 11, 12].map((index) => replica(index, asking)));
    await cluster.step(2_000);
    expect([...(await countReplicas(cluster))].sort()).to.deep.equal([0, 4, 5]);
    await cluster.stop();
  });
});
