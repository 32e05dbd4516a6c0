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
}

const layouts: readonly Layout[] = [
  { title: "zones, as Kubernetes does", topologyKey: "topology.kubernetes.io/zone" },
  {
    title: "racks, where the pods ask for it",
    topologyKey: "topology.kubernetes.io/rack",
    labels: { "scheduling.kctl.dev/spread": "rack" },
  },
];

describe("nine replicas over three failure domains", () => {
  for (const { title, topologyKey, labels } of layouts) {
    it(`are spread evenly over ${title}: losing one leaves six`, async () => {
      const cluster = await TestCluster.start({ components: [runScheduler] });
      // The nodes of the first domain are larger and empty, those of the others are in use.
      for (const domain of DOMAINS) {
        for (const index of [1, 2, 3]) {
          const name = `${domain}${index}`;
          await cluster.addNodes(newNode(name, { cpu: domain === "a" ? "8" : "4", labels: { [topologyKey]: domain } }));
          if (domain !== "a") await cluster.apply(newPod(`used-${name}`, { cpu: "1", spec: { nodeName: name } }));
        }
      }
      await cluster.apply(...Array.from({ length: 9 }, (_, index) => replica(index, labels)));
      await cluster.settle();
      const domainOf = new Map(
        (await cluster.list(nodes)).map(({ metadata }) => [metadata.name, metadata.labels?.[topologyKey]]),
      );
      const placed = (await cluster.list(pods)).filter(({ metadata }) => metadata.labels?.app === "web");
      const counts = DOMAINS.map(
        (domain) => placed.filter(({ spec }) => domainOf.get(spec.nodeName ?? "") === domain).length,
      );
      await cluster.stop();
      expect(counts).to.deep.equal([3, 3, 3]);
      for (const count of counts) expect(9 - count).to.be.at.least(6);
    });
  }
});
