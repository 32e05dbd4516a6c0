import { expect } from "chai";
import { container, deleted, exited, podOf, render, running, runtimeOf, stateOf } from "../testing/pod-states.ts";
import { containerSubject } from "./container-subject.ts";
import { planPod } from "./plan-pod.ts";
import type { PodState } from "./pod-state.ts";
import { listReferences } from "./pod-references.ts";

const debug = {
  ephemeralContainers: [
    { ...container("debug"), env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "c", key: "k" } } }] },
  ],
};
const never = { restartPolicy: "Never" } as const;

describe("containers for debugging", () => {
  const cases: [title: string, state: PodState, steps: readonly string[]][] = [
    [
      "start beside what runs",
      stateOf(podOf(debug), { runtime: runtimeOf([running("main")]) }),
      ["start-container debug 0"],
    ],
    [
      "start although the pod is still initializing",
      stateOf(podOf({ ...debug, initContainers: [container("init")] }), { runtime: runtimeOf([running("init")]) }),
      ["start-container debug 0"],
    ],
    [
      "run once, whatever the restart policy",
      stateOf(podOf(debug), { runtime: runtimeOf([running("main"), exited("debug", 1)]) }),
      [],
    ],
    [
      "keep no pod alive whose own containers have ended",
      stateOf(podOf({ ...debug, ...never }), { runtime: runtimeOf([exited("main", 0), running("debug")]) }),
      ["stop-container debug 30"],
    ],
    [
      "stop with the pod",
      stateOf(podOf(debug, { metadata: deleted(5) }), { runtime: runtimeOf([running("main"), running("debug")]) }),
      ["stop-container main 5", "stop-container debug 5"],
    ],
  ];
  for (const [title, state, steps] of cases) {
    it(title, () => expect(render(planPod(state))).to.deep.equal(steps));
  }

  it("are reported apart, and say nothing about whether the pod is ready", () => {
    const { status } = planPod(stateOf(podOf(debug), { runtime: runtimeOf([running("main"), exited("debug", 3)]) }));
    expect(status.containerStatuses?.map(({ name }) => name)).to.deep.equal(["main"]);
    expect(status.initContainerStatuses).to.equal(undefined);
    const [reported] = status.ephemeralContainerStatuses ?? [];
    expect(reported).to.include({ name: "debug", ready: false });
    expect(reported?.state.terminated).to.include({ exitCode: 3 });
    expect(status.phase).to.equal("Running");
    expect(status.conditions?.find(({ type }) => type === "Ready")?.status).to.equal("True");
  });

  it("are named by events under their own list, and may refer to configuration", () => {
    expect(containerSubject(podOf(debug), "debug").fieldPath).to.equal("spec.ephemeralContainers{debug}");
    expect(listReferences("default", podOf(debug).spec)).to.deep.equal([
      { kind: "configmap", namespace: "default", name: "c" },
    ]);
  });
});
