// Controllers that write several times for one object, and have no folder with a crash test of their own.

import { expect } from "chai";
import { configMaps } from "../api/core/config-map.ts";
import { deployments } from "../api/apps/deployment.ts";
import { namespaces } from "../api/core/namespace.ts";
import { nodes } from "../api/core/node.ts";
import { persistentVolumeClaims } from "../api/core/persistent-volume-claim.ts";
import { podCondition } from "../api/core/pod-state.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import { controllerOf } from "../api/meta/owner.ts";
import { isNotFound } from "../api/meta/status.ts";
import { BAND_LABEL } from "../api/kctl-scheduling/bands.ts";
import { priorityClasses } from "../api/scheduling/priority-class.ts";
import { RECLAIMED_CPU } from "../api/kctl-scheduling/reclaim.ts";
import { newDeployment, newPod } from "../testing/builders.ts";
import type { TestCluster } from "../testing/cluster.ts";
import { someControllers } from "../testing/controller-cluster.ts";
import { crashAnywhere } from "../testing/crash-anywhere.ts";
import { FakeUsage } from "../testing/fake-usage.ts";
import { newClaim } from "../testing/storage-builders.ts";

const MINUTE_MS = 60_000;

const placed = (name: string, nodeName: string, spec: Partial<Pod["spec"]> = {}) =>
  newPod(name, { spec: { nodeName, ...spec } });
const namesOf = async (cluster: TestCluster) => (await cluster.list(pods)).map(({ metadata }) => metadata.name).sort();

describe("controllers that crash between any two of their writes", () => {
  it("mark a node that fell silent, and its pods", async () => {
    const writes = await crashAnywhere({
      controllers: someControllers("node-lifecycle"),
      cluster: { nodes: ["n1", "n2"] },
      prepare: ({ cluster }) => cluster.apply(placed("a", "n1"), placed("b", "n1"), placed("c", "n2")),
      async act({ cluster, kubelet }) {
        kubelet.silent.add("n1");
        await cluster.step(MINUTE_MS);
      },
      async check({ cluster }, label) {
        // Who comes after a crash has to wait for the grace period, too.
        await cluster.step(MINUTE_MS);
        const { spec, status } = await cluster.get(nodes, "n1");
        expect(status.conditions?.find(({ type }) => type === "Ready")?.status, label).to.equal("Unknown");
        const taints = (spec.taints ?? []).map(({ key, effect }) => `${key} ${effect}`).sort();
        expect(taints, label).to.deep.equal([
          "node.kubernetes.io/unreachable NoExecute",
          "node.kubernetes.io/unreachable NoSchedule",
        ]);
        const ready = (await cluster.list(pods)).map((pod) => podCondition(pod, "Ready")?.status);
        expect(ready, label).to.deep.equal(["False", "False", "True"]);
      },
    });
    expect(writes).to.be.greaterThan(3);
  }).timeout(60_000);

  it("evict what does not tolerate a taint, and say why", async () => {
    const tolerations = [{ key: "out", operator: "Exists" as const }];
    const writes = await crashAnywhere({
      controllers: someControllers("taint-eviction"),
      prepare: ({ cluster }) =>
        cluster.apply(placed("a", "n1"), placed("b", "n1"), placed("stays", "n1", { tolerations })),
      async act({ cluster }) {
        const patch = { spec: { taints: [{ key: "out", effect: "NoExecute" }] } };
        await cluster.client.patch(nodes, { name: "n1" }, { type: "merge", patch });
        await cluster.step(1000);
      },
      async check({ cluster }, label) {
        expect(await namesOf(cluster), label).to.deep.equal(["stays"]);
      },
    });
    expect(writes).to.be.greaterThan(2);
  }).timeout(60_000);

  it("end and remove the pods of a node that is gone", async () => {
    const writes = await crashAnywhere({
      controllers: someControllers("pod-cleanup"),
      cluster: { nodes: ["n1", "n2"] },
      prepare: ({ cluster }) => cluster.apply(placed("a", "n1"), placed("b", "n1"), placed("c", "n2")),
      async act({ cluster }) {
        await cluster.delete(nodes, "n1");
        await cluster.step(2 * MINUTE_MS);
      },
      async check({ cluster }, label) {
        await cluster.step(MINUTE_MS);
        expect(await namesOf(cluster), label).to.deep.equal(["c"]);
      },
    });
    expect(writes).to.be.greaterThan(2);
  }).timeout(60_000);

  it("empty a namespace, and remove it", async () => {
    const namespace = "shop";
    const writes = await crashAnywhere({
      controllers: someControllers("namespace", "service-account"),
      async prepare({ cluster }) {
        await cluster.client.create(namespaces, { metadata: { name: namespace }, spec: {} });
        await cluster.client.create(configMaps, { metadata: { name: "settings", namespace } });
        await cluster.client.create(deployments, { ...newDeployment("web"), metadata: { name: "web", namespace } });
        await cluster.apply(newPod("a", { namespace }), newPod("b", { namespace }));
      },
      async act({ cluster }) {
        await cluster.delete(namespaces, namespace);
        await cluster.step(1000);
      },
      async check({ cluster }, label) {
        const left = await cluster.get(namespaces, namespace).catch((error: unknown) => isNotFound(error));
        expect(left, label).to.equal(true);
        for (const kind of [configMaps, deployments, pods]) expect(await cluster.list(kind), label).to.deep.equal([]);
      },
    });
    expect(writes).to.be.greaterThan(6);
  }).timeout(60_000);

  it("make each claim of a pod's own volumes once", async () => {
    const volumes = ["one", "two", "three"].map((name) => ({
      name,
      ephemeral: { volumeClaimTemplate: { spec: newClaim("t").spec } },
    }));
    const writes = await crashAnywhere({
      controllers: someControllers("ephemeral-volume"),
      async act({ cluster }) {
        await cluster.apply(newPod("a", { spec: { volumes } }));
        await cluster.settle();
      },
      async check({ cluster }, label) {
        const claims = await cluster.list(persistentVolumeClaims);
        const owned = claims.map((claim) => `${claim.metadata.name} of ${controllerOf(claim)?.name}`);
        expect(owned, label).to.deep.equal(["a-one of a", "a-three of a", "a-two of a"]);
      },
    });
    expect(writes).to.equal(3);
  }).timeout(60_000);

  it("take back what a node has lent", async () => {
    const amounts = { [RECLAIMED_CPU]: "1500" };
    const borrowing = {
      priorityClassName: "best-effort",
      containers: [{ name: "main", image: "i", resources: { requests: amounts, limits: amounts } }],
    };
    const usage = new FakeUsage();
    const busy = { containers: [{ name: "main", image: "i", resources: { requests: { cpu: "3" } } }] };
    const writes = await crashAnywhere({
      controllers: someControllers("reclamation"),
      cluster: { nodeHandler: usage.nodeHandler },
      async prepare({ cluster }) {
        usage.follow(cluster.clock);
        usage.use(0.1);
        const bestEffort = { metadata: { name: "best-effort", labels: { [BAND_LABEL]: "best-effort" } } };
        await cluster.client.create(priorityClasses, { ...bestEffort, value: -200_000_000 });
        await cluster.apply(placed("web", "n1", busy));
      },
      async act({ cluster }) {
        await cluster.apply(newPod("wanting", { spec: { ...borrowing, schedulingGates: [{ name: "a/b" }] } }));
        // What is used counts for pods that were placed before it was measured.
        await cluster.step(40_000);
        // Where they have died before that, there is nothing to lend.
        if (Number((await cluster.get(nodes, "n1")).status.allocatable?.[RECLAIMED_CPU]) >= 1500)
          await cluster.apply(placed("a", "n1", borrowing));
        await cluster.step(2000);
        usage.use(3);
        await cluster.step(40_000);
      },
      async check({ cluster }, label) {
        await cluster.step(MINUTE_MS);
        expect(await namesOf(cluster), label).to.deep.equal(["wanting", "web"]);
        // Of four cores a tenth is never lent, and three are in use.
        expect((await cluster.get(nodes, "n1")).status.allocatable?.[RECLAIMED_CPU], label).to.equal("600");
      },
    });
    expect(writes).to.be.greaterThan(2);
  }).timeout(60_000);

  it("roll out a configuration that has changed", async () => {
    const key = { name: "settings", namespace: "default" };
    const web = newDeployment("web", { replicas: 2 });
    const { template } = web.spec;
    const containers = template.spec.containers.map((each) => ({
      ...each,
      envFrom: [{ configMapRef: { name: "settings" } }],
    }));
    const following = {
      ...web,
      metadata: { ...web.metadata, annotations: { "kctl.dev/roll-out-on-configuration-change": "true" } },
      spec: { ...web.spec, template: { ...template, spec: { ...template.spec, containers } } },
    };
    const writes = await crashAnywhere({
      controllers: someControllers("configuration-rollout"),
      others: [someControllers("deployment", "replicaset", "garbage-collector")],
      async act({ cluster }) {
        await cluster.client.create(configMaps, { metadata: key, data: { color: "red" } });
        await cluster.client.create(deployments, following);
        await cluster.step(5000);
        const patch = { data: { color: "blue" } };
        await cluster.client.patch(configMaps, key, { type: "merge", patch });
        await cluster.step(5000);
      },
      async check({ cluster }, label) {
        const maps = await cluster.list(configMaps);
        const running = (await cluster.list(pods)).filter(({ metadata }) => !metadata.deletionTimestamp);
        const colors = running.map(({ spec }) => {
          const name = spec.containers[0]?.envFrom?.[0]?.configMapRef?.name;
          return name === key.name ? "not pinned" : maps.find(({ metadata }) => metadata.name === name)?.data?.color;
        });
        expect(colors, label).to.deep.equal(["blue", "blue"]);
      },
    });
    expect(writes).to.be.greaterThan(2);
  }).timeout(60_000);
});
