import { expect } from "chai";
import fc from "fast-check";
import { toV1, toV2 } from "./convert-horizontal-pod-autoscaler.ts";
import { horizontalPodAutoscalersV1 } from "./horizontal-pod-autoscaler-v1.ts";
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { validateHorizontalPodAutoscaler } from "./validate-horizontal-pod-autoscaler.ts";
import { validateObject } from "../schema/validate.ts";
import { storedObject } from "../../testing/stored-object.ts";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const scaleTargetRef = { kind: "Deployment", name: "web", apiVersion: "apps/v1" };
const v1Of = (fields: object, annotations?: object) =>
  storedObject(horizontalPodAutoscalersV1, {
    metadata: { ...(annotations && { annotations }) },
    spec: { scaleTargetRef, maxReplicas: 5, ...fields },
  });

describe("a horizontal pod autoscaler of version 1", () => {
  it("has its share of the cpu as a metric in version 2", () => {
    expect(toV2(v1Of({ targetCPUUtilizationPercentage: 60 })).spec).to.deep.equal({
      scaleTargetRef,
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [
        { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
      ],
    });
  });

  it("gets the usual share where it names none", () => {
    expect(toV1(toV2(v1Of({}))).spec.targetCPUUtilizationPercentage).to.equal(80);
  });

  it("carries in annotations what it has no fields for, as Kubernetes writes it", () => {
    const metrics = [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      {
        type: "Object",
        object: {
          describedObject: { kind: "Ingress", name: "in" },
          metric: { name: "requests" },
          target: { type: "Value", value: "10k" },
        },
      },
      { type: "Pods", pods: { metric: { name: "packets" }, target: { type: "AverageValue", averageValue: "1" } } },
    ];
    const behavior = {
      scaleUp: { selectPolicy: "Disabled", policies: [{ type: "Pods", value: 1, periodSeconds: 9 }] },
    };
    const status = {
      desiredReplicas: 1,
      currentMetrics: [{ type: "Resource", resource: { name: "cpu", current: { averageUtilization: 40 } } }],
      conditions: [{ type: "AbleToScale", status: "True" }],
    };
    const v2 = storedObject(horizontalPodAutoscalers, {
      spec: { scaleTargetRef, maxReplicas: 5, metrics, behavior },
      status,
    });
    const { metadata, spec, status: written } = toV1(v2);
    expect(spec.targetCPUUtilizationPercentage).to.equal(50);
    expect(written.currentCPUUtilizationPercentage).to.equal(40);
    expect(metadata.annotations).to.deep.equal({
      [`${PREFIX}metrics`]:
        '[{"type":"Object","object":{"target":{"kind":"Ingress","name":"in"},"metricName":"requests","targetValue":"10k"}},{"type":"Pods","pods":{"metricName":"packets","targetAverageValue":"1"}}]',
      [`${PREFIX}current-metrics`]:
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"0"}}]',
      [`${PREFIX}conditions`]: '[{"type":"AbleToScale","status":"True"}]',
      [`${PREFIX}behavior`]:
        '{"ScaleUp":{"StabilizationWindowSeconds":0,"SelectPolicy":"Disabled","Policies":[{"Type":"Pods","Value":1,"PeriodSeconds":9}],"Tolerance":null},"ScaleDown":{"StabilizationWindowSeconds":null,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":null}}',
    });
  });

  for (const text of ["nonsense", '{"a":1}', '[{"type":5}]', "null", "[[]]"]) {
    it(`is not disturbed by the annotation ${text}`, () => {
      const annotations = Object.fromEntries(
        ["metrics", "current-metrics", "conditions", "behavior"].map((name) => [PREFIX + name, text]),
      );
      const v2 = toV2(v1Of({ targetCPUUtilizationPercentage: 60 }, { ...annotations, mine: "1" }));
      expect(v2.metadata.annotations).to.deep.equal({ mine: "1" });
      expect(v2.spec.metrics?.at(-1)?.resource?.name).to.equal("cpu");
    });
  }
});

const amount = fc.integer({ min: 1, max: 999 }).map(String);
const share = fc.integer({ min: 1, max: 200 });
const metric = fc.record(
  { name: fc.constantFrom("a", "b"), selector: fc.constant({ matchLabels: { x: "y" } }) },
  { requiredKeys: ["name"] },
);
const value = amount.map((text) => ({ type: "Value", value: text }));
const average = amount.map((text) => ({ type: "AverageValue", averageValue: text }));
const use = fc.oneof(
  average,
  share.map((averageUtilization) => ({ type: "Utilization", averageUtilization })),
);
const described = fc.constant({ kind: "Ingress", name: "in", apiVersion: "networking.k8s.io/v1" });
const otherMetric = fc.oneof(
  fc.record({
    type: fc.constant("Object"),
    object: fc.record({ describedObject: described, metric, target: fc.oneof(value, average) }),
  }),
  fc.record({ type: fc.constant("Pods"), pods: fc.record({ metric, target: average }) }),
  fc.record({
    type: fc.constant("Resource"),
    resource: fc.record({ name: fc.constant("memory"), target: use }),
  }),
  fc.record({
    type: fc.constant("ContainerResource"),
    containerResource: fc.record({ name: fc.constantFrom("cpu", "memory"), container: fc.constant("c"), target: use }),
  }),
  fc.record({
    type: fc.constant("External"),
    external: fc.record({ metric, target: fc.oneof(value, average) }),
  }),
);
const cpuMetric = share.map((averageUtilization) => ({
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization } },
}));
const rules = fc.record(
  {
    stabilizationWindowSeconds: fc.integer({ min: 0, max: 3600 }),
    selectPolicy: fc.constantFrom("Max", "Min", "Disabled"),
    policies: fc.array(fc.record({ type: fc.constantFrom("Pods", "Percent"), value: share, periodSeconds: share }), {
      minLength: 1,
      maxLength: 2,
    }),
  },
  { requiredKeys: [] },
);
const currentMetric = fc.oneof(
  fc.record({
    type: fc.constant("Resource"),
    resource: fc.record({
      name: fc.constantFrom("cpu", "memory"),
      current: fc.record({ averageValue: amount, averageUtilization: share }, { requiredKeys: ["averageValue"] }),
    }),
  }),
  fc.record({
    type: fc.constant("External"),
    external: fc.record({
      metric,
      current: fc.record({ value: amount, averageValue: amount }, { requiredKeys: ["value"] }),
    }),
  }),
  fc.record({
    type: fc.constant("Pods"),
    pods: fc.record({ metric, current: amount.map((averageValue) => ({ averageValue })) }),
  }),
  fc.record({
    type: fc.constant("Object"),
    object: fc.record({ describedObject: described, metric, current: amount.map((text) => ({ value: text })) }),
  }),
);

/** Version 2 with the metric that version 1 knows, if any, in the last place. */
const autoscaler: fc.Arbitrary<HorizontalPodAutoscaler> = fc
  .record({
    metrics: fc
      .tuple(fc.array(otherMetric, { maxLength: 3 }), fc.option(cpuMetric, { nil: undefined }))
      .map(([others, cpu]) => (cpu ? [...others, cpu] : others)),
    behavior: fc.option(fc.record({ scaleUp: rules, scaleDown: rules }, { requiredKeys: [] }), { nil: undefined }),
    annotations: fc.option(fc.constant({ mine: "1" }), { nil: undefined }),
    status: fc.record({
      currentReplicas: share,
      desiredReplicas: share,
      currentMetrics: fc.array(currentMetric, { minLength: 1, maxLength: 3 }),
      conditions: fc.constant([
        { type: "AbleToScale", status: "True", lastTransitionTime: "2020-01-01T00:00:00Z", reason: "R", message: "m" },
      ]),
    }),
  })
  .map(({ metrics, behavior, annotations, status }) =>
    storedObject(horizontalPodAutoscalers, {
      metadata: { ...(annotations && { annotations }) },
      spec: { scaleTargetRef, maxReplicas: 500, metrics, ...(behavior && { behavior }) },
      status,
    }),
  );

describe("the conversion of horizontal pod autoscalers", () => {
  it("brings back every version 2 from its version 1", () => {
    fc.assert(
      fc.property(autoscaler, (v2) => {
        expect(validateHorizontalPodAutoscaler(v2)).to.deep.equal([]);
        expect(toV2(toV1(v2))).to.deep.equal(v2);
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  it("brings back every version 1 that came from a version 2", () => {
    fc.assert(
      fc.property(autoscaler, (v2) => {
        const v1 = toV1(v2);
        expect(validateObject(horizontalPodAutoscalersV1.schema, v1)).to.deep.equal([]);
        expect(toV1(toV2(v1))).to.deep.equal(v1);
      }),
      { numRuns: 300, seed: 2 },
    );
  });
});
