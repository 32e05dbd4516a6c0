import { expect } from "chai";
import { configMaps, type ConfigMap } from "../api/core/config-map.ts";
import { namespaces } from "../api/core/namespace.ts";
import { nodes } from "../api/core/node.ts";
import type { Controller } from "../client/controller.ts";
import { newNode } from "./builders.ts";
import { TestCluster } from "./cluster.ts";

/** Counts up to three in each ConfigMap, one write at a time, and then every ten seconds by one. */
const counter: Controller<ConfigMap> = {
  name: "counter",
  for: configMaps,
  build: ({ client }) => ({
    async reconcile(object) {
      const count = Number(object.data?.count ?? 0);
      if (count >= 3 && object.data?.waited !== "yes") {
        await client.update(configMaps, { ...object, data: { ...object.data, waited: "yes" } });
        return { afterMs: 10_000 };
      }
      if (count >= 3) return { afterMs: 10_000 };
      await client.update(configMaps, { ...object, data: { count: String(count + 1) } });
    },
  }),
};

describe("TestCluster", () => {
  let cluster: TestCluster;
  afterEach(() => cluster.stop());

  const newMap = (data: Record<string, string> = {}) => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace: "default", name: "m" },
    data,
  });

  it("starts with what every cluster has", async () => {
    cluster = await TestCluster.start();
    const names = (await cluster.list(namespaces)).map(({ metadata }) => metadata.name);
    expect(names).to.include.members(["default", "kube-system", "kube-public", "kube-node-lease"]);
  });

  it("settles when controllers have nothing more to write, with hardly any time passed", async () => {
    cluster = await TestCluster.start({ controllers: [counter] });
    await cluster.apply(newMap());
    await cluster.settle();
    expect((await cluster.get(configMaps, "m")).data).to.deep.equal({ count: "3", waited: "yes" });
    expect(cluster.clock.monotonic()).to.be.below(1000);
  });

  it("applies again to what exists", async () => {
    cluster = await TestCluster.start();
    await cluster.apply(newMap({ a: "1" }), newNode("n1"));
    await cluster.apply(newMap({ a: "2" }));
    expect((await cluster.get(configMaps, "default/m")).data).to.deep.equal({ a: "2" });
    await cluster.setStatus(nodes, "n1", { phase: "Running" });
    expect((await cluster.get(nodes, "n1")).status).to.include({ phase: "Running" });
  });

  it("rejects a stop when a component has failed", async () => {
    cluster = await TestCluster.start();
    cluster.run(() => Promise.reject(new Error("broken component")));
    expect(await cluster.stop().catch(String)).to.equal("Error: broken component");
    cluster = await TestCluster.start();
  });
});
