import { expect } from "chai";
import type { Pod } from "../api/core/pod.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import {
  container,
  podOf,
  running,
  exited,
  runtimeOf,
  stateOf,
  failure,
  deleted,
  never,
  onFailure,
  two,
  init,
  delayed,
} from "../testing/pod-states.ts";
import { planPod } from "./plan-pod.ts";
import type { PodState } from "./pod-state.ts";
import type { RuntimeContainer } from "./runtimes/runtime.ts";

describe("the status that planPod reports", () => {
  const status = (pod: Pod, state: Partial<PodState> = {}) => planPod(stateOf(pod, state)).status;
  const condition = ({ conditions = [] }: PodStatus, type: string) => conditions.find((each) => each.type === type);
  const main = ({ containerStatuses = [] }: PodStatus) => containerStatuses[0];

  for (const [title, pod, state, phase] of [
    ["Pending before anything runs", podOf(), {}, "Pending"],
    ["Pending during init containers", podOf(init), { runtime: runtimeOf([running("init-a")]) }, "Pending"],
    ["Running with one container", podOf(), { runtime: runtimeOf([running("main")]) }, "Running"],
    ["Pending while one container has never run", podOf(two), { runtime: runtimeOf([running("main")]) }, "Pending"],
    ["Running while a container is restarted", podOf(), { runtime: runtimeOf([exited("main", 1)]) }, "Running"],
    [
      "Running under OnFailure after a failure",
      podOf(onFailure),
      { runtime: runtimeOf([exited("main", 1)]) },
      "Running",
    ],
    ["Succeeded under OnFailure", podOf(onFailure), { runtime: runtimeOf([exited("main", 0)]) }, "Succeeded"],
    ["Failed under Never", podOf(never), { runtime: runtimeOf([exited("main", 1)]) }, "Failed"],
    [
      "Running while one of two still runs",
      podOf({ ...two, ...never }),
      { runtime: runtimeOf([exited("main", 1), running("side")]) },
      "Running",
    ],
    [
      "Failed after an init container failed under Never",
      podOf({ ...init, ...never }),
      { runtime: runtimeOf([exited("init-a", 1)]) },
      "Failed",
    ],
    [
      "Failed for ever once it was",
      podOf({}, { status: { phase: "Failed" } }),
      { runtime: runtimeOf([running("main")]) },
      "Failed",
    ],
    [
      "Succeeded when deleted and ended well",
      podOf({}, { metadata: deleted() }),
      { runtime: runtimeOf([exited("main", 0)]) },
      "Succeeded",
    ],
    [
      "Failed when deleted and killed",
      podOf({}, { metadata: deleted() }),
      { runtime: runtimeOf([exited("main", 137)]) },
      "Failed",
    ],
  ] as const) {
    it(`has the phase ${title}`, () => {
      expect(status(pod, state).phase).to.equal(phase);
    });
  }

  it("tells a deadline only when nothing runs any more", () => {
    const pod = podOf(
      { activeDeadlineSeconds: 60 },
      { status: { phase: "Running", startTime: "2026-01-01T11:58:00Z" } },
    );
    expect(status(pod, { runtime: runtimeOf([running("main")]) })).to.include({ phase: "Running" });
    expect(status(pod, { runtime: runtimeOf([exited("main", 143)]) })).to.include({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
  });

  it("says what a container waits for", () => {
    const failing = (reason: string, failedForMs: number) =>
      main(
        status(podOf(), {
          runtime: runtimeOf([]),
          failures: new Map([["container/main", failure(reason, failedForMs, 9000)]]),
        }),
      )?.state.waiting;
    expect(main(status(podOf()))?.state.waiting).to.deep.equal({ reason: "ContainerCreating" });
    expect(main(status(podOf(init)))?.state.waiting).to.deep.equal({ reason: "PodInitializing" });
    expect(failing("CreateContainerConfigError", 5000)).to.deep.equal({
      reason: "CreateContainerConfigError",
      message: "no such thing",
    });
    expect(failing("ErrImagePull", 10)).to.deep.equal({ reason: "ErrImagePull", message: "no such thing" });
    expect(failing("ErrImagePull", 5000)).to.deep.equal({
      reason: "ImagePullBackOff",
      message: 'Back-off pulling image "app:1": ErrImagePull: no such thing',
    });
  });

  it("tells a crash loop and how the last attempt ended", () => {
    const ended = exited("main", 3, { attempt: 2, ...delayed(20_000) });
    const found = main(status(podOf(), { runtime: runtimeOf([ended]) }));
    expect(found?.state.waiting).to.deep.equal({
      reason: "CrashLoopBackOff",
      message: "back-off 20s restarting failed container=main pod=web_default(u1)",
    });
    expect(found?.lastState.terminated).to.include({ exitCode: 3, reason: "Error", containerID: "fake://main-2" });
    expect(found?.restartCount).to.equal(2);
  });

  it("stays Running while a container is stopped in order to start anew, whatever it ended with", () => {
    const state = { runtime: runtimeOf([exited("main", 0)]), restarting: new Set(["main-0"]) };
    expect(status(podOf({ restartPolicy: "OnFailure" }), state).phase).to.equal("Running");
  });

  it("keeps how the last attempt ended while the next is being made", () => {
    const made = running("main", { attempt: 1, state: "created", startedAtMs: undefined });
    const found = main(status(podOf(), { runtime: runtimeOf([made, exited("main", 4)]) }));
    expect(found?.state.waiting?.reason).to.equal("ContainerCreating");
    expect(found?.lastState.terminated?.exitCode).to.equal(4);
  });

  it("tells the reason of an end and its last words", () => {
    const reasons = [
      exited("main", 0),
      exited("main", 1),
      exited("main", 137, { oomKilled: true }),
      exited("main", 128, { reason: "StartError" }),
    ];
    const found = reasons.map(
      (ended) =>
        main(status(podOf(never), { runtime: runtimeOf([ended]), terminationMessages: new Map([["main-0", "bye"]]) }))
          ?.state.terminated,
    );
    expect(found.map((each) => each?.reason)).to.deep.equal(["Completed", "Error", "OOMKilled", "StartError"]);
    expect(found[0]?.message).to.equal("bye");
  });

  it("is ready when every container is, and every gate is open", () => {
    const gated = podOf({ readinessGates: [{ conditionType: "example.com/gate" }] });
    const isUp = { runtime: runtimeOf([running("main")]) };
    expect(condition(status(podOf(), isUp), "Ready")).to.include({ status: "True" });
    expect(condition(status(gated, isUp), "Ready")).to.include({
      status: "False",
      reason: "ReadinessGatesNotReady",
      message: 'corresponding condition of pod readiness gate "example.com/gate" does not exist.',
    });
    expect(condition(status(podOf(), { runtime: runtimeOf([]) }), "ContainersReady")).to.include({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [main]",
    });
    expect(condition(status(podOf(init)), "Initialized")).to.include({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [init-a init-b]",
    });
  });

  it("is ready only after the readiness probe says so, and has started only after the startup probe", () => {
    const pod = podOf({ containers: [container("main", { readinessProbe: {}, startupProbe: {} })] });
    const verdicts = (probes: object) =>
      main(status(pod, { runtime: runtimeOf([running("main")]), probes: new Map([["main-0", probes]]) }));
    expect(verdicts({})).to.include({ started: false, ready: false });
    expect(verdicts({ startup: true })).to.include({ started: true, ready: false });
    expect(verdicts({ startup: true, readiness: true })).to.include({ started: true, ready: true });
  });

  it("of an evicted pod is Failed once nothing runs any more, however its containers ended", () => {
    const eviction = { message: "The node was low on resource: memory. ", graceSeconds: 1, isDisruption: true };
    const judge = (container: RuntimeContainer, more: object = {}) =>
      status(podOf({}, { status: { phase: "Running" } }), { runtime: runtimeOf([container]), eviction, ...more });
    expect(judge(running("main"))).to.deep.include({ phase: "Running" });
    expect(condition(judge(running("main")), "DisruptionTarget")).to.equal(undefined);
    const ended = judge(exited("main", 0));
    expect(ended).to.include({ phase: "Failed", reason: "Evicted", message: eviction.message });
    expect(condition(ended, "DisruptionTarget")).to.include({ status: "True", reason: "TerminationByKubelet" });
  });

  it("keeps the time of a condition that stays as it was", () => {
    const before = { type: "Ready", status: "True" as const, lastTransitionTime: "2025-12-31T00:00:00Z" };
    const pod = podOf({}, { status: { conditions: [before] } });
    expect(condition(status(pod, { runtime: runtimeOf([running("main")]) }), "Ready")?.lastTransitionTime).to.equal(
      "2025-12-31T00:00:00Z",
    );
    expect(condition(status(pod), "Ready")?.lastTransitionTime).to.equal("2026-01-01T12:00:00Z");
  });

  it("has the node's address on the host's network", () => {
    const pod = podOf({ hostNetwork: true });
    expect(status(pod, { runtime: runtimeOf([running("main")]) })).to.deep.include({
      podIP: "192.168.0.1",
      podIPs: [{ ip: "192.168.0.1" }],
      hostIPs: [{ ip: "192.168.0.1" }],
    });
  });
});
