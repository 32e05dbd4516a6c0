import { expect } from "chai";
import { deployments } from "../../api/apps/deployment.ts";
import {
  horizontalPodAutoscalers,
  type HorizontalPodAutoscaler,
} from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import { horizontalPodAutoscalersV1 } from "../../api/autoscaling/horizontal-pod-autoscaler-v1.ts";
import { events } from "../../api/core/event.ts";
import { findCondition } from "../../api/meta/condition-list.ts";
import type { KubeObject, NewObject } from "../../api/meta/object.ts";
import type { Handler } from "../../lib/http.ts";
import { newDeployment } from "../../testing/builders.ts";
import { startControllerCluster, type ControllerCluster } from "../../testing/controller-cluster.ts";
import { loadedKubelet } from "../../testing/loaded-kubelet.ts";

const MINUTE_MS = 60_000;

const autoscaler = (spec: Partial<HorizontalPodAutoscaler["spec"]> = {}): NewObject<HorizontalPodAutoscaler> => ({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "web", namespace: "default" },
  spec: {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
    minReplicas: 2,
    maxReplicas: 20,
    metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } }],
    ...spec,
  },
});

describe("a HorizontalPodAutoscaler", () => {
  let parts: ControllerCluster;
  /** All that is asked of the application, in thousandths of a core; its ready pods share it. */
  let demand: number | undefined;
  beforeEach(async () => {
    demand = 1000;
    let kubelet: Handler | undefined;
    parts = await startControllerCluster({
      nodes: ["n1", "n2", "n3", "n4", "n5"],
      nodeHandler: () => (request) => {
        const { client, clock } = parts.cluster;
        const loadOf = (_: unknown, ready: readonly unknown[]) =>
          demand === undefined ? undefined : { cpuMillis: demand / ready.length, memoryBytes: 2 ** 20 };
        kubelet ??= loadedKubelet({ client, clock, loadOf });
        return kubelet(request);
      },
    });
  });
  afterEach(async () => {
    await parts.cluster.stop();
    expect(parts.errors).to.deep.equal([]);
  });

  const web = (replicas = 2, requests: object = { cpu: "1" }) => {
    const deployment = newDeployment("web", { replicas });
    const [container] = deployment.spec.template.spec.containers;
    const template = {
      ...deployment.spec.template,
      spec: { ...deployment.spec.template.spec, containers: [{ ...container, resources: { requests } }] },
    };
    return { ...deployment, spec: { ...deployment.spec, template } } as typeof deployment;
  };
  const replicas = async () => (await parts.cluster.get(deployments, "web")).spec.replicas;
  const status = async () => (await parts.cluster.get(horizontalPodAutoscalers, "web")).status;
  const conditions = async () =>
    Object.fromEntries(((await status()).conditions ?? []).map((each) => [each.type, `${each.status} ${each.reason}`]));
  const messages = async () =>
    (await parts.cluster.list(events))
      .filter(({ involvedObject }) => involvedObject.kind === "HorizontalPodAutoscaler")
      .map(({ reason, message }) => `${reason}: ${message}`);
  const begin = async (...wanted: readonly NewObject<KubeObject>[]) => {
    await parts.cluster.apply(...wanted);
    await parts.cluster.step(MINUTE_MS);
  };

  it("follows the load: three times as much is three times as many pods in a minute, and back after its window", async () => {
    await begin(web(), autoscaler());
    expect(await replicas()).to.equal(2);
    expect((await status()).currentMetrics?.[0]?.resource?.current).to.deep.equal({
      averageUtilization: 50,
      averageValue: "500m",
    });
    demand = 3000;
    await parts.cluster.step(MINUTE_MS);
    expect(await replicas()).to.equal(6);
    expect(await messages()).to.include(
      "SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target",
    );
    expect((await status()).lastScaleTime).to.be.a("string");
    demand = 1000;
    await parts.cluster.step(4 * MINUTE_MS);
    expect(await replicas()).to.equal(6);
    expect(await conditions()).to.include({
      AbleToScale: "True ScaleDownStabilized",
      ScalingActive: "True ValidMetricFound",
    });
    await parts.cluster.step(2 * MINUTE_MS);
    expect(await replicas()).to.equal(2);
    expect(await messages()).to.include("SuccessfulRescale: New size: 2; reason: All metrics below target");
    expect(await conditions()).to.deep.equal({
      AbleToScale: "True ReadyForNewScale",
      ScalingActive: "True ValidMetricFound",
      ScalingLimited: "False DesiredWithinRange",
    });
  });

  it("keeps to its limits, and says that it does", async () => {
    await begin(web(9), autoscaler({ maxReplicas: 4 }));
    expect(await messages()).to.include(
      "SuccessfulRescale: New size: 4; reason: Current number of replicas above Spec.MaxReplicas",
    );
    demand = 40_000;
    await parts.cluster.step(MINUTE_MS);
    expect(await replicas()).to.equal(4);
    expect(await conditions()).to.include({ ScalingLimited: "True TooManyReplicas" });
  });

  it("brings the replicas to its minimum without any metric", async () => {
    demand = undefined;
    await begin(web(1), autoscaler({ minReplicas: 3 }));
    expect(await replicas()).to.equal(3);
  });

  it("leaves a target alone that has been scaled to nothing", async () => {
    await begin(web(0), autoscaler());
    expect(await replicas()).to.equal(0);
    expect(await conditions()).to.include({ ScalingActive: "False ScalingDisabled" });
  });

  it("changes nothing while metrics are missing, and says so", async () => {
    demand = undefined;
    await begin(web(), autoscaler());
    expect(await replicas()).to.equal(2);
    const cause =
      "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API";
    expect(await messages()).to.include(`FailedGetResourceMetric: ${cause}`);
    expect(await messages()).to.include(
      `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${cause}`,
    );
    expect(findCondition((await status()).conditions, "ScalingActive")).to.include({
      status: "False",
      reason: "FailedGetResourceMetric",
      message: `the HPA was unable to compute the replica count: ${cause}`,
    });
  });

  const external = { metric: { name: "queue" }, target: { type: "Value", value: "5" } };
  const described = { apiVersion: "v1", kind: "Service", name: "web" };
  const withoutMetric: readonly (readonly [type: string, metrics: HorizontalPodAutoscaler["spec"]["metrics"]])[] = [
    ["External", [{ type: "External", external }]],
    [
      "Pods",
      [{ type: "Pods", pods: { metric: { name: "hits" }, target: { type: "AverageValue", averageValue: "5" } } }],
    ],
    ["Object", [{ type: "Object", object: { ...external, describedObject: described } }]],
  ];
  for (const [type, metrics] of withoutMetric) {
    it(`says that metrics of the sort ${type} are not served`, async () => {
      await begin(web(), autoscaler({ metrics }));
      expect(await conditions()).to.include({ ScalingActive: `False FailedGet${type}Metric` });
    });
  }

  it("says which request is missing", async () => {
    await begin(web(2, { memory: "1Mi" }), autoscaler());
    const text = (await messages()).join("\n");
    expect(text).to.match(
      /FailedGetResourceMetric: failed to get cpu utilization: missing request for cpu in container \S+ of Pod web-/,
    );
  });

  it("says that its target does not exist, and scales it once it does", async () => {
    await begin(autoscaler({ minReplicas: 3 }));
    expect(await conditions()).to.deep.equal({ AbleToScale: "False FailedGetScale" });
    await begin(web());
    expect(await replicas()).to.equal(3);
  });

  for (const [title, scaleTargetRef, expected] of [
    [
      "of an unknown kind",
      { apiVersion: "apps/v1", kind: "Nothing", name: "x" },
      'no matches for kind "Nothing" in group "apps"',
    ],
    [
      "of a group that is not served",
      { apiVersion: "none.io/v1", kind: "X", name: "x" },
      'no matches for kind "X" in group "none.io"',
    ],
    [
      "that cannot be scaled",
      { apiVersion: "v1", kind: "Service", name: "x" },
      "the server could not find the requested resource",
    ],
  ] as const) {
    it(`says what is wrong with a target ${title}`, async () => {
      await begin(autoscaler({ scaleTargetRef }));
      expect((await messages()).join("\n"))
        .to.contain("FailedGetScale: ")
        .and.to.contain(expected);
    });
  }

  it("does not act on pods that two autoscalers count", async () => {
    const second = { ...autoscaler({ minReplicas: 2 }), metadata: { name: "second", namespace: "default" } };
    await begin(web(), autoscaler(), second);
    expect(await conditions()).to.include({ ScalingActive: "False AmbiguousSelector" });
  });

  it("keeps to the policies of its behavior", async () => {
    const scaleUp = { policies: [{ type: "Pods" as const, value: 1, periodSeconds: 60 }] };
    await begin(web(), autoscaler({ behavior: { scaleUp } }));
    demand = 10_000;
    await parts.cluster.step(MINUTE_MS);
    expect(await replicas()).to.equal(3);
    expect(await conditions()).to.include({ ScalingLimited: "True ScaleUpLimit" });
    await parts.cluster.step(2 * MINUTE_MS);
    expect(await replicas()).to.equal(5);
  });

  it("takes memory as well", async () => {
    const byMemory = {
      type: "Resource" as const,
      resource: { name: "memory", target: { type: "AverageValue", averageValue: "256Ki" } },
    };
    await begin(web(), autoscaler({ metrics: [byMemory] }));
    await parts.cluster.step(MINUTE_MS);
    expect(await replicas()).to.equal(20);
    expect((await status()).currentMetrics?.[0]?.resource?.current).to.deep.equal({ averageValue: "1048576" });
  });

  it("scales for objects of version 1, too", async () => {
    const { metadata, spec } = autoscaler();
    const { scaleTargetRef } = spec;
    const version1 = { scaleTargetRef, minReplicas: 2, maxReplicas: 20, targetCPUUtilizationPercentage: 50 };
    demand = 3000;
    await parts.cluster.apply(web());
    const key = { apiVersion: "autoscaling/v1", kind: "HorizontalPodAutoscaler", metadata };
    await parts.cluster.client.create(horizontalPodAutoscalersV1, { ...key, spec: version1 });
    await parts.cluster.step(2 * MINUTE_MS);
    expect(await replicas()).to.equal(6);
    const seen = await parts.cluster.get(horizontalPodAutoscalersV1, "web");
    expect(seen.status).to.include({ currentReplicas: 6, desiredReplicas: 6, currentCPUUtilizationPercentage: 50 });
  });

  it("writes nothing while nothing changes", async () => {
    await begin(web(), autoscaler());
    await parts.cluster.step(2 * MINUTE_MS);
    const { resourceVersion } = (await parts.cluster.get(horizontalPodAutoscalers, "web")).metadata;
    await parts.cluster.step(5 * MINUTE_MS);
    expect((await parts.cluster.get(horizontalPodAutoscalers, "web")).metadata.resourceVersion).to.equal(
      resourceVersion,
    );
  });
});
