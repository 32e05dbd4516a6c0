import { expect } from "chai";
import { deployments } from "../api/apps/deployment.ts";
import { replicaSets } from "../api/apps/replica-set.ts";
import { builtinResources } from "../api/index.ts";
import { leases } from "../api/coordination/lease.ts";
import { configMaps } from "../api/core/config-map.ts";
import { endpoints } from "../api/core/endpoints.ts";
import { namespaces } from "../api/core/namespace.ts";
import { isPodActive } from "../api/core/pod-state.ts";
import { pods } from "../api/core/pod.ts";
import { services } from "../api/core/service.ts";
import { serviceAccounts } from "../api/core/service-account.ts";
import { endpointSlices } from "../api/discovery/endpoint-slice.ts";
import type { KubeObject } from "../api/meta/object.ts";
import { controllerOf } from "../api/meta/owner.ts";
import { resourcePath, type ResourceDefinition } from "../api/resource.ts";
import type { Handler } from "../lib/http.ts";
import { newDeployment, newService } from "../testing/builders.ts";
import type { Component, TestCluster } from "../testing/cluster.ts";
import { allControllers, startControllerCluster } from "../testing/controller-cluster.ts";
import { dyingAfter, isWrite } from "../testing/dying-transport.ts";
import { newDaemonSet } from "../testing/daemon-set.ts";
import { claimTemplates, newStatefulSet } from "../testing/stateful-set.ts";
import { storedObject } from "../testing/stored-object.ts";
import { runControllers } from "./run-controllers.ts";

const cascading: readonly ResourceDefinition[] = [deployments, replicaSets, pods, services, endpoints, endpointSlices];
const idle: Component = () => Promise.resolve();

describe("controllers that crash", () => {
  /** What the cluster looks like once a rollout has ended. */
  async function summary(cluster: TestCluster) {
    const all = await cluster.list(pods);
    const sets = await cluster.list(replicaSets);
    const [deployment] = await cluster.list(deployments);
    const { conditions = [], ...status } = deployment?.status ?? {};
    return {
      images: all.filter(isPodActive).map(({ spec }) => spec.containers[0]?.image),
      orphans: all.filter((pod) => !sets.some(({ metadata }) => metadata.uid === controllerOf(pod)?.uid)).length,
      sizes: sets.map(({ spec }) => spec.replicas).sort(),
      available: status.availableReplicas,
      updated: status.updatedReplicas,
      reasons: conditions.map(({ reason }) => reason).sort(),
      isObserved: status.observedGeneration === deployment?.metadata.generation,
      slices: (await cluster.list(endpointSlices)).map((slice) => slice.endpoints.length),
      endpoints: (await cluster.list(endpoints)).map(({ subsets }) => subsets?.[0]?.addresses?.length),
      finalizers: [...all, ...sets].flatMap(({ metadata }) => metadata.finalizers ?? []),
    };
  }

  it("leave nothing behind between any two writes of a rolling update", async () => {
    const { cluster } = await startControllerCluster({ controllers: idle });
    const first = cluster.run(allControllers);
    await cluster.apply(newService("web"), newDeployment("web", { replicas: 3, image: "app:1" }));
    await cluster.settle();
    first();
    let crashAfter = 0;
    for (let died = true; died; crashAfter++) {
      const image = `app:${crashAfter % 2 === 0 ? 2 : 1}`;
      const faulty = dyingAfter(cluster.transport, crashAfter);
      const dying = cluster.run((parts, signal) => allControllers({ ...parts, transport: faulty.transport }, signal));
      const patch = { spec: { template: newDeployment("web", { image }).spec.template } };
      await cluster.client.patch(deployments, { namespace: "default", name: "web" }, { type: "merge", patch });
      await cluster.settle();
      died = faulty.isDead();
      dying();
      await cluster.settle();
      const healthy = cluster.run(allControllers);
      await cluster.settle();
      expect(await summary(cluster), `after a crash at write ${crashAfter}`).to.deep.equal({
        images: [image, image, image],
        orphans: 0,
        sizes: [0, 3],
        available: 3,
        updated: 3,
        reasons: ["MinimumReplicasAvailable", "NewReplicaSetAvailable"],
        isObserved: true,
        slices: [3],
        endpoints: [3],
        finalizers: [],
      });
      healthy();
    }
    expect(crashAfter).to.be.greaterThan(20);
    await cluster.stop();
  }).timeout(120_000);

  it("finish a cascading deletion that was cut short anywhere", async () => {
    let crashAfter = 0;
    for (let died = true; died; crashAfter++) {
      const { cluster } = await startControllerCluster({ controllers: idle });
      const first = cluster.run(allControllers);
      await cluster.apply(newService("web"), newDeployment("web", { replicas: 3 }));
      await cluster.settle();
      first();
      const faulty = dyingAfter(cluster.transport, crashAfter);
      const second = cluster.run((parts, signal) => allControllers({ ...parts, transport: faulty.transport }, signal));
      const options = { propagationPolicy: "Foreground" } as const;
      await cluster.client.delete(deployments, { namespace: "default", name: "web" }, options);
      await cluster.delete(services, "web");
      await cluster.settle();
      died = faulty.isDead();
      second();
      await cluster.settle();
      cluster.run(allControllers);
      await cluster.settle();
      for (const kind of cascading) {
        expect(await cluster.list(kind), `${kind.plural} after a crash at write ${crashAfter}`).to.deep.equal([]);
      }
      await cluster.stop();
    }
    expect(crashAfter).to.be.greaterThan(8);
  }).timeout(60_000);
});

describe("a cluster with all controllers", () => {
  it("writes nothing but leases while it is idle", async () => {
    const { cluster, errors } = await startControllerCluster({ nodes: ["n1", "n2"] });
    const set = newStatefulSet(2, { ...claimTemplates, minReadySeconds: 5 });
    await cluster.apply(newService("web"), newDeployment("web", { replicas: 3 }), set, newDaemonSet());
    await cluster.step(30_000);
    const written: string[] = [];
    const stop = new AbortController();
    for (const resource of builtinResources.filter(({ plural, verbs }) => plural !== "leases" && !verbs)) {
      const { resourceVersion } = await cluster.client.list(resource);
      const watch = async () => {
        for await (const event of cluster.client.watch(resource, { resourceVersion, signal: stop.signal })) {
          if (event.type !== "BOOKMARK") written.push(`${event.type} ${resource.plural} ${event.object.metadata.name}`);
        }
      };
      void watch().catch(() => undefined);
    }
    await cluster.step(3_600_000);
    stop.abort();
    await cluster.stop();
    expect(written).to.deep.equal([]);
    expect(errors).to.deep.equal([]);
  }).timeout(60_000);

  it("gives each namespace its service account, and the certificate authority where it is known", async () => {
    const controllers: Component = (parts, signal) =>
      runControllers(
        { ...parts, resources: builtinResources, gracePeriodMs: 40_000, certificateAuthority: "PEM" },
        signal,
      );
    const { cluster } = await startControllerCluster({ controllers });
    await cluster.client.create(namespaces, { metadata: { name: "shop" }, spec: {} });
    await cluster.settle();
    expect((await cluster.get(serviceAccounts, "shop/default")).metadata.name).to.equal("default");
    expect((await cluster.get(configMaps, "shop/kube-root-ca.crt")).data).to.deep.equal({ "ca.crt": "PEM" });
    await cluster.delete(serviceAccounts, "shop/default");
    await cluster.delete(configMaps, "shop/kube-root-ca.crt");
    await cluster.settle();
    await cluster.get(serviceAccounts, "shop/default");
    const restored = await cluster.get(configMaps, "shop/kube-root-ca.crt");
    await cluster.client.update(configMaps, { ...restored, data: { "ca.crt": "" } });
    await cluster.settle();
    expect((await cluster.get(configMaps, "shop/kube-root-ca.crt")).data).to.deep.equal({ "ca.crt": "PEM" });
    await cluster.stop();
  });

  it("survives objects of which everything optional is missing", async () => {
    const { cluster, errors } = await startControllerCluster({ controllers: idle });
    const bare = new Map<string, readonly KubeObject[]>(
      builtinResources.map((resource) => {
        const metadata = { name: "bare", ...(resource.scope === "Namespaced" && { namespace: "default" }) };
        const spec = { template: { spec: { containers: [] } }, selector: resource === services ? undefined : {} };
        return [resourcePath(resource, {}), [storedObject(resource, { metadata, spec, status: {} })]];
      }),
    );
    const transport: Handler = (request) => {
      const items = bare.get(request.path);
      if (request.method !== "GET" || !items || request.query.get("watch")) return cluster.transport(request);
      const [first] = items;
      const object = {
        kind: `${first?.kind}List`,
        apiVersion: first?.apiVersion,
        metadata: { resourceVersion: "1" },
        items,
      };
      return Promise.resolve({ status: 200, headers: {}, body: { kind: "object", object, chunks: () => [] } });
    };
    cluster.run((parts, signal) => allControllers({ ...parts, transport }, signal));
    await cluster.step(60_000);
    await cluster.stop();
    expect(errors.filter((text) => /TypeError|undefined|not iterable|Invalid time/.test(text))).to.deep.equal([]);
  });
});

describe("controllers with several replicas", () => {
  const replica =
    (name: string, wrap: (transport: Handler) => Handler = (transport) => transport): Component =>
    (parts, signal) =>
      runControllers(
        {
          ...parts,
          transport: wrap(parts.transport),
          resources: builtinResources,
          gracePeriodMs: 40_000,
          replica: name,
        },
        signal,
      );

  it("act one at a time, and the next takes over when the leader ends", async () => {
    const { cluster } = await startControllerCluster({ controllers: idle });
    const stopFirst = cluster.run(replica("a"));
    await cluster.step(5_000);
    cluster.run(replica("b"));
    await cluster.step(20_000);
    const holder = async () => (await cluster.get(leases, "kube-system/kube-controller-manager")).spec.holderIdentity;
    expect(await holder()).to.equal("a");
    await cluster.apply(newDeployment("web", { replicas: 2 }));
    await cluster.settle();
    expect(await cluster.list(pods)).to.have.length(2);
    stopFirst();
    await cluster.step(5_000);
    expect(await holder()).to.equal("b");
    await cluster.apply(newDeployment("api", { replicas: 2 }));
    await cluster.settle();
    expect(await cluster.list(pods)).to.have.length(4);
    await cluster.stop();
  });

  it("refuse the old leader's writes once another one leads", async () => {
    let isPaused = false;
    const refusals: string[] = [];
    /** While it is paused nothing of its reaches the server; what it sends afterwards is still of its old term. */
    const held: (() => void)[] = [];
    const pausing =
      (transport: Handler): Handler =>
      async (request) => {
        if (isPaused && (isWrite(request) || request.path.includes("/leases/"))) {
          await new Promise<void>((resolve) => held.push(resolve));
        }
        const response = await transport(request);
        const body = response.body.kind === "object" ? (response.body.object as { message?: string }) : {};
        if (response.status === 409 && body.message?.includes("fenced"))
          refusals.push(`${request.method} ${request.path}`);
        return response;
      };
    const { cluster } = await startControllerCluster({ controllers: replica("old", pausing) });
    await cluster.step(5_000);
    cluster.run(replica("new"));
    await cluster.step(5_000);
    isPaused = true;
    await cluster.apply(newDeployment("web", { replicas: 3 }));
    await cluster.step(60_000);
    const { spec } = await cluster.get(leases, "kube-system/kube-controller-manager");
    expect(spec.holderIdentity).to.equal("new");
    const before = await cluster.list(pods);
    expect(before).to.have.length(3);
    expect(held).to.not.be.empty;
    isPaused = false;
    held.splice(0).forEach((release) => release());
    await cluster.step(30_000);
    expect(refusals.some((text) => text === "POST /api/v1/namespaces/default/pods")).to.equal(true);
    expect((await cluster.list(pods)).map(({ metadata }) => metadata.uid)).to.deep.equal(
      before.map(({ metadata }) => metadata.uid),
    );
    expect(await cluster.list(replicaSets)).to.have.length(1);
    await cluster.stop();
  });
});
