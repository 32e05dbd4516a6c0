import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import { replicaSets, type ReplicaSet } from "../../api/apps/replica-set.ts";
import { events } from "../../api/core/event.ts";
import { isPodActive } from "../../api/core/pod-state.ts";
import { pods } from "../../api/core/pod.ts";
import type { ResourceQuota } from "../../api/core/resource-quota.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import { controllerOf } from "../../api/meta/owner.ts";
import { newDeployment, newPod } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";

const REVISION = "deployment.kubernetes.io/revision";
const KEY = { namespace: "default", name: "web" };

/** What the conformance tests of Deployments look for, as far as controller.test.ts does not. */
describe("a Deployment, as conformance tests see it", () => {
  let parts: ControllerCluster;
  beforeEach(async () => {
    parts = await startControllerCluster({ nodes: ["n1", "n2"] });
  });
  afterEach(() => parts.cluster.stop());

  const orphan = (replicas: number, annotations: Readonly<Record<string, string>> = {}): NewObject<ReplicaSet> => {
    const labels = { app: "web", pod: "old" };
    return {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "old", namespace: "default", labels, annotations },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: newPod("x", { image: "app:0" }).spec },
      },
    };
  };
  const apply = async (...objects: readonly NewObject<KubeObject>[]) => {
    await parts.cluster.apply(...objects);
    await parts.cluster.settle();
  };
  const deployment = () => parts.cluster.get(deployments, "web");
  const images = async () =>
    (await parts.cluster.list(pods)).filter(isPodActive).map(({ spec }) => spec.containers[0]?.image);
  const patch = async (change: object, subresource?: string) => {
    await parts.cluster.client.patch(deployments, KEY, { type: "merge", patch: change }, { subresource });
    await parts.cluster.settle();
  };

  it("takes over a ReplicaSet, and goes on with its revisions, which are 64 bits wide", async () => {
    await apply(orphan(1, { [REVISION]: "3546343826724305832" }));
    expect(await images()).to.deep.equal(["app:0"]);
    await apply(newDeployment("web", { replicas: 1, image: "app:1" }));
    expect((await deployment()).metadata.annotations).to.include({ [REVISION]: "3546343826724305833" });
    expect(await images()).to.deep.equal(["app:1"]);
    const old = await parts.cluster.get(replicaSets, "old");
    expect([controllerOf(old)?.name, old.spec.replicas]).to.deep.equal(["web", 0]);
  });

  it("removes what it took over where it is to keep no history", async () => {
    await apply(orphan(1));
    await apply(newDeployment("web", { replicas: 1, image: "app:1", spec: { revisionHistoryLimit: 0 } }));
    const left = await parts.cluster.list(replicaSets);
    expect(left.map(({ metadata }) => metadata.name)).to.not.include("old");
    expect(left).to.have.length(1);
  });

  it("rolls over a rollout that never ends", async () => {
    parts.kubelet.isHealthy = ({ spec }) => spec.containers[0]?.image !== "app:broken";
    await apply(orphan(2));
    const strategy = { type: "RollingUpdate" as const, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } };
    await apply(newDeployment("web", { replicas: 2, image: "app:broken", spec: { strategy, minReadySeconds: 10 } }));
    await parts.cluster.step(15_000);
    expect((await images()).sort()).to.deep.equal(["app:0", "app:0", "app:broken"]);
    await patch({ spec: { template: newDeployment("web", { image: "app:2" }).spec.template } });
    await parts.cluster.step(60_000);
    expect(await images()).to.deep.equal(["app:2", "app:2"]);
    const sizes = (await parts.cluster.list(replicaSets)).map(({ spec }) => spec.replicas).sort();
    expect(sizes).to.deep.equal([0, 0, 2]);
  });

  it("is scaled by its scale", async () => {
    await apply(newDeployment("web", { replicas: 1 }));
    await patch({ spec: { replicas: 4 } }, "scale");
    expect((await deployment()).spec.replicas).to.equal(4);
    expect(await images()).to.have.length(4);
    const messages = (await parts.cluster.list(events)).map(({ message }) => message ?? "");
    expect(messages.some((message) => /^Scaled up replica set web-\w+ from 1 to 4$/.test(message))).to.equal(true);
  });

  it("goes with its ReplicaSets and pods", async () => {
    await apply(newDeployment("web", { replicas: 2 }));
    await parts.cluster.client.delete(deployments, KEY, { propagationPolicy: "Background" });
    await parts.cluster.step(1000);
    const left = [await parts.cluster.list(replicaSets), await parts.cluster.list(pods)];
    expect(left).to.deep.equal([[], []]);
  });

  it("puts right what somebody else says of its pods", async () => {
    await apply(newDeployment("web", { replicas: 2 }));
    await parts.cluster.setStatus(deployments, "web", { readyReplicas: 0, availableReplicas: 0 });
    await parts.cluster.settle();
    expect((await deployment()).status).to.include({ readyReplicas: 2, availableReplicas: 2 });
  });

  it("says that its pods are refused, until they no longer are", async () => {
    const quota = (size: string): NewObject<ResourceQuota> => ({
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "q", namespace: "default" },
      spec: { hard: { pods: size } },
    });
    await apply(quota("1"));
    await parts.cluster.apply(newDeployment("web", { replicas: 2 }));
    await parts.cluster.settle();
    const failure = findCondition((await deployment()).status.conditions, "ReplicaFailure");
    expect(failure).to.include({ status: "True", reason: "FailedCreate" });
    expect(failure?.message).to.match(/is forbidden: exceeded quota: q/);
    await apply(quota("10"));
    await parts.cluster.step(60_000);
    expect(await images()).to.have.length(2);
    expect(findCondition((await deployment()).status.conditions, "ReplicaFailure")).to.equal(undefined);
  });
});
