import { expect } from "chai";
import type { Container } from "../api/core/container.ts";
import type { ContainerStatus } from "../api/core/pod-status.ts";
import type { Pod } from "../api/core/pod.ts";
import { container, exited, podOf, render, running, runtimeOf, stateOf } from "../testing/pod-states.ts";
import { planPod } from "./plan-pod.ts";
import type { PodState } from "./pod-state.ts";
import { judgeResize, wantsResize } from "./resize.ts";
import { asGiven } from "./runtimes/given-resources.ts";
import { buildStatusPatch } from "./status-writer.ts";

const MIB = 2 ** 20;
const of = (cpu: string, memory = "64Mi"): Container["resources"] => ({
  requests: { cpu, memory },
  limits: { cpu, memory },
});

const statusOf = (resources: Container["resources"]): ContainerStatus => ({
  name: "main",
  state: { running: { startedAt: "2026-01-01T11:59:30Z" } },
  lastState: {},
  ready: true,
  restartCount: 0,
  image: "app:1",
  imageID: "sha256:1",
  containerID: "fake://main-0",
  allocatedResources: resources.requests,
  resources,
});

/** A pod whose container has `had` and is to have `wanted`. */
const resized = (had: Container["resources"], wanted: Container["resources"], more: Partial<Container> = {}): Pod =>
  podOf(
    { containers: [container("main", { resources: wanted, ...more })] },
    { status: { phase: "Running", containerStatuses: [statusOf(had)] } },
  );

const given = (cpuMillis: number, mib = 64) =>
  asGiven({ cpuMillisRequest: cpuMillis, cpuMillisLimit: cpuMillis, memoryBytesLimit: mib * MIB });

const plan = (pod: Pod, cpuMillis: number, more: Partial<PodState> = {}) =>
  planPod(stateOf(pod, { runtime: runtimeOf([running("main", { given: given(cpuMillis) })]), ...more }));

const conditionOf = ({ status }: ReturnType<typeof planPod>, type: string) =>
  status.conditions?.find((each) => each.type === type);

describe("a pod whose resources are changed while it runs", () => {
  it("gets them, and is in progress until it has them", () => {
    const pod = resized(of("100m"), of("200m"));
    const during = plan(pod, 100);
    expect(render(during)).to.deep.equal(["resize-container main"]);
    expect(conditionOf(during, "PodResizeInProgress")?.status).to.equal("True");
    expect(during.status.containerStatuses?.[0]).to.deep.include({
      resources: of("100m"),
      allocatedResources: { cpu: "200m", memory: "64Mi" },
    });
    const after = plan(pod, 200);
    expect(render(after)).to.deep.equal([]);
    expect(conditionOf(after, "PodResizeInProgress")).to.equal(undefined);
    expect(after.status.containerStatuses?.[0]?.resources).to.deep.equal(of("200m"));
  });

  it("starts anew where its resizePolicy says so of what is changed, and of nothing else", () => {
    const resizePolicy = [
      { resourceName: "memory", restartPolicy: "RestartContainer" },
      { resourceName: "cpu", restartPolicy: "NotRequired" },
    ] as const;
    expect(render(plan(resized(of("100m"), of("100m", "32Mi"), { resizePolicy }), 100))).to.deep.equal([
      "stop-container main 30",
    ]);
    expect(render(plan(resized(of("100m"), of("200m"), { resizePolicy }), 100))).to.deep.equal([
      "resize-container main",
    ]);
  });

  it("keeps what it has while there is no room, and says why", () => {
    const resizeObstacle = { reason: "Deferred", message: "Node didn't have enough resource: cpu" } as const;
    const deferred = plan(resized(of("100m"), of("200m")), 100, { resizeObstacle });
    expect(render(deferred)).to.deep.equal([]);
    expect(deferred.wakeAfterMs).to.equal(10_000);
    expect(conditionOf(deferred, "PodResizePending")).to.include({ status: "True", ...resizeObstacle });
    expect(conditionOf(deferred, "PodResizeInProgress")).to.equal(undefined);
    expect(deferred.status.containerStatuses?.[0]).to.deep.include({
      resources: of("100m"),
      allocatedResources: { cpu: "100m", memory: "64Mi" },
    });
  });

  it("starts anew with what it has while there is no room", () => {
    const resizeObstacle = { reason: "Infeasible", message: "never" } as const;
    const runtime = runtimeOf([exited("main", 1)]);
    const [step] = planPod(stateOf(resized(of("100m"), of("200m")), { runtime, resizeObstacle })).steps;
    expect(step?.kind === "start-container" && step.container.resources).to.deep.equal(of("100m"));
  });

  it("says what is wrong where it cannot be done", () => {
    const failures = new Map([
      ["container/main", { reason: "Error", message: "no such control group", failedForMs: 0, retryInMs: 5000 }],
    ] as const);
    const failed = plan(resized(of("100m"), of("200m")), 100, { failures });
    expect(conditionOf(failed, "PodResizeInProgress")).to.include({
      reason: "Error",
      message: "no such control group",
    });
    expect(failed.wakeAfterMs).to.equal(5000);
  });

  it("is not touched where it has what it asks for, or its runtime gives no limits", () => {
    expect(render(plan(resized(of("100m"), of("100m")), 50))).to.deep.equal([]);
    const runtime = runtimeOf([running("main")]);
    expect(render(planPod(stateOf(resized(of("100m"), of("200m")), { runtime })))).to.deep.equal([]);
  });

  it("loses its condition when that is over", () => {
    const condition = { type: "PodResizePending", status: "True", reason: "Deferred" } as const;
    const pod = podOf({}, { status: { conditions: [condition] } });
    expect(buildStatusPatch(pod, { conditions: [] })).to.deep.equal({
      metadata: { uid: "u1" },
      status: { conditions: [{ type: "PodResizePending", $patch: "delete" }] },
    });
  });
});

describe("the room for a pod whose resources are changed", () => {
  const allocatable = { cpu: "2", memory: "1Gi" };
  const judge = (pod: Pod, others: readonly Pod[] = []) => judgeResize(pod, { allocatable, others });

  it("is no question where nothing is changed", () => {
    expect(wantsResize(resized(of("100m"), of("100m")))).to.equal(false);
    expect(wantsResize(resized(of("1"), of("1000m")))).to.equal(false);
    expect(judge(resized(of("9"), of("9")))).to.equal(undefined);
  });

  it("is never there beyond what the node has", () => {
    expect(judge(resized(of("100m"), of("3")))).to.deep.equal({
      reason: "Infeasible",
      message: "Node didn't have enough capacity: cpu, requested: 3000, capacity: 2000",
    });
  });

  it("is not there now where others have it", () => {
    expect(judge(resized(of("100m"), of("1")), [resized(of("1500m"), of("1500m"))])).to.deep.equal({
      reason: "Deferred",
      message: "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
    });
  });

  it("is not taken by what others would like to have, nor by those that have ended", () => {
    const ended: Pod = { ...resized(of("2"), of("2")), status: { phase: "Succeeded" } };
    expect(judge(resized(of("100m"), of("1")), [resized(of("1"), of("2")), ended])).to.equal(undefined);
  });
});
