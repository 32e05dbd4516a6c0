import { expect } from "chai";
import { container, exited, podOf, running, runtimeOf, stateOf } from "../testing/pod-states.ts";
import { planPod } from "./plan-pod.ts";

const containers = [container("main", { livenessProbe: {} })];
const notAlive = { runtime: runtimeOf([running("main")]), probes: new Map([["main-0", { liveness: false }]]) };

describe("planPod, of a container that is stopped for what it does", () => {
  for (const [restartPolicy, message, restart] of [
    ["OnFailure", "Container main failed liveness probe, will be restarted", true],
    ["Never", "Container main failed liveness probe", undefined],
  ] as const) {
    it(`says whether it is to start anew under ${restartPolicy}`, () => {
      const [step] = planPod(stateOf(podOf({ containers, restartPolicy }), notAlive)).steps;
      expect(step).to.include({ kind: "stop-container", message });
      expect(step?.kind === "stop-container" && step.restart).to.equal(restart);
    });
  }

  it("starts it anew whatever it has ended with", () => {
    const ended = { runtime: runtimeOf([exited("main", 0)]) };
    const pod = podOf({ containers, restartPolicy: "OnFailure" });
    expect(planPod(stateOf(pod, ended)).steps.map(({ kind }) => kind)).to.not.contain("start-container");
    const [step] = planPod(stateOf(pod, { ...ended, restarting: new Set(["main-0"]) })).steps;
    expect(step).to.include({ kind: "start-container", attempt: 1 });
  });
});
