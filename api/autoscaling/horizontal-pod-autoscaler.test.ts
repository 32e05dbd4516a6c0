import { expect } from "chai";
import { horizontalPodAutoscalers, type HorizontalPodAutoscaler } from "./horizontal-pod-autoscaler.ts";
import { validateHorizontalPodAutoscaler } from "./validate-horizontal-pod-autoscaler.ts";
import { storedObject } from "../../testing/stored-object.ts";

const scaleTargetRef = { kind: "Deployment", name: "web", apiVersion: "apps/v1" };
const autoscalerOf = (spec: object = {}, status: object = {}): HorizontalPodAutoscaler =>
  storedObject(horizontalPodAutoscalers, { spec: { scaleTargetRef, maxReplicas: 5, ...spec }, status });
const texts = (autoscaler: HorizontalPodAutoscaler, old?: HorizontalPodAutoscaler) =>
  validateHorizontalPodAutoscaler(autoscaler, old).map(({ path, message }) => `${path}: ${message}`);

describe("a horizontal pod autoscaler", () => {
  it("looks at the cpu unless told otherwise", () => {
    const { minReplicas, metrics, behavior } = autoscalerOf().spec;
    expect(minReplicas).to.equal(1);
    expect(metrics).to.deep.equal([
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } } },
    ]);
    expect(behavior).to.equal(undefined);
    expect(texts(autoscalerOf())).to.deep.equal([]);
  });

  it("gets the rest of the rules about its speed where it has some", () => {
    const { behavior } = autoscalerOf({ behavior: { scaleDown: { selectPolicy: "Min" } } }).spec;
    const percent = { type: "Percent", value: 100, periodSeconds: 15 };
    expect(behavior).to.deep.equal({
      scaleUp: {
        stabilizationWindowSeconds: 0,
        selectPolicy: "Max",
        policies: [{ type: "Pods", value: 4, periodSeconds: 15 }, percent],
      },
      scaleDown: { selectPolicy: "Min", policies: [percent] },
    });
  });

  it("begins without a status, and keeps its own afterwards", () => {
    const written = autoscalerOf({}, { currentReplicas: 3, desiredReplicas: 4 });
    const created = horizontalPodAutoscalers.prepare?.(written);
    expect(created?.status).to.deep.equal({ desiredReplicas: 0 });
    expect(horizontalPodAutoscalers.prepare?.(autoscalerOf(), written).status).to.equal(written.status);
  });

  const metrics = (...list: object[]) => ({ metrics: list });
  const M = "spec.metrics[0]";
  const average = { type: "AverageValue", averageValue: "1" };
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "limits that are none",
      { minReplicas: 0, maxReplicas: -1 },
      [
        "spec.minReplicas: Invalid value: 0: must be greater than or equal to 1",
        "spec.maxReplicas: Invalid value: -1: must be greater than 0",
        "spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`",
        "spec.metrics: Forbidden: must specify at least one Object or External metric to support scaling to zero replicas",
      ],
    ],
    [
      "a target that is no name",
      { scaleTargetRef: { kind: "", name: "a/b" } },
      [
        "spec.scaleTargetRef.kind: Required value",
        "spec.scaleTargetRef.name: Invalid value: \"a/b\": may not contain '/'",
      ],
    ],
    [
      "a metric of another sort than it says",
      metrics({ type: "Pods", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 1 } } }),
      [`${M}.pods: Required value: must populate information for the given metric source`],
    ],
    [
      "a metric of two sorts",
      metrics({
        type: "Pods",
        pods: { metric: { name: "m" }, target: average },
        resource: { name: "cpu", target: average },
      }),
      [`${M}.resource: Forbidden: must populate the given metric source only`],
    ],
    [
      "a resource without a target, and one with two",
      metrics(
        { type: "Resource", resource: { name: "", target: { type: "Utilization" } } },
        {
          type: "ContainerResource",
          containerResource: { name: "pods", container: "A", target: { ...average, averageUtilization: 0 } },
        },
      ),
      [
        `${M}.resource.name: Required value: must specify a resource name`,
        `${M}.resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization`,
        'spec.metrics[1].containerResource.name: Invalid value: "pods": must be a standard resource for containers',
        "spec.metrics[1].containerResource.container: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
        "spec.metrics[1].containerResource.target.averageUtilization: Invalid value: 0: must be greater than 0",
        "spec.metrics[1].containerResource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization",
      ],
    ],
    [
      "targets that are none",
      metrics(
        {
          type: "External",
          external: { metric: { name: "" }, target: { type: "Most", value: "0", averageValue: "1" } },
        },
        {
          type: "Object",
          object: { describedObject: { kind: "A", name: "" }, metric: { name: "a%" }, target: { type: "Value" } },
        },
        { type: "Pods", pods: { metric: { name: "m" }, target: { type: "Value", value: "1" } } },
      ),
      [
        `${M}.external.metric.name: Required value: must specify a metric name`,
        `${M}.external.target.type: Invalid value: "Most": must be either Utilization, Value, or AverageValue`,
        `${M}.external.target.value: Invalid value: "0": must be positive`,
        `${M}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
        "spec.metrics[1].object.describedObject.name: Required value",
        "spec.metrics[1].object.metric.name: Invalid value: \"a%\": may not contain '%'",
        "spec.metrics[1].object.target.averageValue: Required value: must set either a target value or averageValue",
        "spec.metrics[2].pods.target.averageValue: Required value: must specify a positive target averageValue",
      ],
    ],
    [
      "rules about its speed that are none",
      {
        behavior: {
          scaleUp: { stabilizationWindowSeconds: 3601, policies: [] },
          scaleDown: {
            stabilizationWindowSeconds: -1,
            policies: [
              { type: "Pods", value: 0, periodSeconds: 0 },
              { type: "Pods", value: 1, periodSeconds: 1801 },
            ],
          },
        },
      },
      [
        "spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600",
        "spec.behavior.scaleUp.policies: Required value: must specify at least one Policy",
        "spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero",
        "spec.behavior.scaleDown.policies[0].value: Invalid value: 0: must be greater than zero",
        "spec.behavior.scaleDown.policies[0].periodSeconds: Invalid value: 0: must be greater than zero",
        "spec.behavior.scaleDown.policies[1].periodSeconds: Invalid value: 1801: must be less than or equal to 1800",
      ],
    ],
  ];
  for (const [title, spec, expected] of cases) {
    it(`is refused with ${title}`, () => {
      expect(texts(autoscalerOf(spec))).to.deep.equal(expected);
    });
  }

  it("may go on scaling to nothing, but not begin to", () => {
    const external = { type: "External", external: { metric: { name: "m" }, target: average } };
    const idle = autoscalerOf({ minReplicas: 0, metrics: [external] });
    expect(texts(idle, idle)).to.deep.equal([]);
    expect(texts(idle, autoscalerOf())).to.have.lengthOf(1);
  });

  it("shows in its columns what the metrics are and are to be", () => {
    const { columns } = horizontalPodAutoscalers;
    expect(columns.map(({ name }) => name).join(", ")).to.equal(
      "Name, Reference, Targets, MinPods, MaxPods, Replicas, Age",
    );
    const row = (autoscaler: HorizontalPodAutoscaler) =>
      columns.map((column) => column.cell(autoscaler, 60_000)).join(" | ");
    expect(row(autoscalerOf())).to.equal("test | Deployment/web | cpu: <unknown>/80% | 1 | 5 | 0 | 60s");
    const all = metrics(
      { type: "External", external: { metric: { name: "q" }, target: { type: "AverageValue", averageValue: "2" } } },
      { type: "Resource", resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } } },
      { type: "Pods", pods: { metric: { name: "m" }, target: average } },
    );
    const currentMetrics = [
      { type: "External", external: { metric: { name: "q" }, current: { averageValue: "3" } } },
      { type: "Resource", resource: { name: "memory", current: { averageValue: "2Gi" } } },
    ];
    expect(row(autoscalerOf(all, { currentMetrics, currentReplicas: 2 }))).to.equal(
      "test | Deployment/web | 3/2 (avg), memory: 2Gi/1Gi + 1 more... | 1 | 5 | 2 | 60s",
    );
  });
});
