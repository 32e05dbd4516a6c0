import { expect } from "chai";
import type { Pod } from "../api/core/pod.ts";
import {
  container,
  deleted,
  exited,
  init,
  inProgress,
  never,
  podOf,
  render,
  running,
  runtimeOf,
  sandbox,
  starting,
  stateOf,
} from "../testing/pod-states.ts";
import { planPod } from "./plan-pod.ts";
import type { PodState } from "./pod-state.ts";

const unstarted = (name: string, more: object = {}) =>
  running(name, { state: "created", startedAtMs: undefined, ...more });

interface Case {
  readonly title: string;
  readonly pod?: Pod;
  readonly state: Partial<PodState>;
  readonly steps: readonly string[];
}

const cases: readonly Case[] = [
  {
    title: "is started under its number",
    state: { runtime: runtimeOf([unstarted("main")]) },
    steps: ["start-container main 0"],
  },
  {
    title: "is started where nothing is ever restarted",
    pod: podOf(never),
    state: { runtime: runtimeOf([unstarted("main")]) },
    steps: ["start-container main 0"],
  },
  {
    title: "is started without a delay where the attempt before it failed",
    state: { runtime: runtimeOf([unstarted("main", { attempt: 1 }), exited("main", 1)]) },
    steps: ["start-container main 1"],
  },
  {
    title: "is started where it is the first of the init containers",
    pod: podOf(init),
    state: { runtime: runtimeOf([unstarted("init-a")]) },
    steps: ["start-container init-a 0"],
  },
  {
    title: "is left to the step that is starting it",
    state: { runtime: runtimeOf([unstarted("main")]), steps: inProgress(starting("main")) },
    steps: [],
  },
  {
    title: "is not stopped when its sandbox has died, and another is made in the new one",
    state: { runtime: runtimeOf([unstarted("main")], [sandbox(1), sandbox(0, false)]) },
    steps: ["start-container main 1"],
  },
  {
    title: "is removed with its pod, though nothing was ever told of it",
    pod: podOf({ containers: [container("main")] }, { metadata: deleted() }),
    state: { runtime: runtimeOf([unstarted("main")]) },
    steps: ["remove-sandbox s0"],
  },
  {
    title: "has its start broken off when the pod is deleted",
    pod: podOf({}, { metadata: deleted() }),
    state: { runtime: runtimeOf([unstarted("main")]), steps: inProgress(starting("main")) },
    steps: ["cancel container/main", "cancel container/main"],
  },
];

describe("a container that was made and not started", () => {
  for (const { title, pod = podOf(), state, steps } of cases) {
    it(title, () => expect(render(planPod(stateOf(pod, state)))).to.deep.equal(steps));
  }
});
