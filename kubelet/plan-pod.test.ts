import { expect } from "chai";
import type { Pod } from "../api/core/pod.ts";
import type { PodStatus } from "../api/core/pod-status.ts";
import {
  NOW,
  SECOND,
  container,
  podOf,
  sandbox,
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
  sidecar,
  initDone,
  probed,
  delayed,
  render,
  inProgress,
  starting,
  stopping,
} from "../testing/pod-states.ts";
import { planPod } from "./plan-pod.ts";
import type { PodState } from "./pod-state.ts";

const reportedEnd = (containerID: string): PodStatus => ({
  containerStatuses: [
    {
      name: "main",
      state: { terminated: { exitCode: 0, containerID } },
      lastState: {},
      ready: false,
      restartCount: 0,
      image: "app:1",
      imageID: "",
      containerID,
    },
  ],
});

interface Case {
  readonly title: string;
  readonly pod?: Pod;
  readonly state?: Partial<PodState>;
  readonly steps: readonly string[];
  readonly wakeAfterMs?: number;
}

const startCases: readonly Case[] = [
  {
    title: "makes volumes and sandbox at the same time",
    state: { volumes: "absent" },
    steps: ["set-up-volumes", "create-sandbox 0"],
  },
  {
    title: "waits for the volumes before it starts containers",
    state: { volumes: "absent", runtime: runtimeOf([]), steps: inProgress({ kind: "set-up-volumes", key: "volumes" }) },
    steps: [],
  },
  {
    title: "starts the container once the sandbox runs",
    state: { runtime: runtimeOf([]) },
    steps: ["start-container main 0"],
  },
  {
    title: "brings stale volumes up to date while containers run",
    state: { volumes: "stale", runtime: runtimeOf([running("main")]) },
    steps: ["set-up-volumes"],
  },
  { title: "does nothing where everything runs", state: { runtime: runtimeOf([running("main")]) }, steps: [] },
  {
    title: "starts containers in the order of the spec, one after the other",
    pod: podOf(two),
    state: { runtime: runtimeOf([]) },
    steps: ["start-container main 0"],
  },
  {
    title: "starts no container while another one of the pod is being started",
    pod: podOf(two),
    state: { runtime: runtimeOf([]), steps: inProgress(starting("main")) },
    steps: [],
  },
  {
    title: "starts the next one when a start has failed and waits",
    pod: podOf(two),
    state: { runtime: runtimeOf([]), failures: new Map([["container/main", failure("ErrImagePull", 2000, 8000)]]) },
    steps: ["start-container side 0"],
    wakeAfterMs: 8000,
  },
  {
    title: "tries a failed start again when its time has come",
    state: { runtime: runtimeOf([]), failures: new Map([["container/main", failure("ErrImagePull", 10_000, 0)]]) },
    steps: ["start-container main 0"],
  },
];

const initCases: readonly Case[] = [
  {
    title: "runs the first init container",
    pod: podOf(init),
    state: { runtime: runtimeOf([]) },
    steps: ["start-container init-a 0"],
  },
  { title: "waits while it runs", pod: podOf(init), state: { runtime: runtimeOf([running("init-a")]) }, steps: [] },
  {
    title: "runs the second when the first has ended well",
    pod: podOf(init),
    state: { runtime: runtimeOf([initDone]) },
    steps: ["start-container init-b 0"],
  },
  {
    title: "runs a failed init container again",
    pod: podOf(init),
    state: { runtime: runtimeOf([exited("init-a", 1)]) },
    steps: ["start-container init-a 1"],
  },
  {
    title: "gives up when a failed init container may not run again",
    pod: podOf({ ...init, ...never }),
    state: { runtime: runtimeOf([exited("init-a", 1)]) },
    steps: ["remove-volumes"],
  },
  {
    title: "starts the main containers after the last",
    pod: podOf(init),
    state: { runtime: runtimeOf([initDone, exited("init-b", 0)]) },
    steps: ["start-container main 0"],
  },
  {
    title: "does not run init containers again while a main container exists",
    pod: podOf(init),
    state: { runtime: runtimeOf([running("main")]) },
    steps: [],
  },
  {
    title: "runs them again in a new sandbox",
    pod: podOf(init),
    state: { runtime: runtimeOf([initDone, exited("main", 137)], [sandbox(1), sandbox(0, false)]) },
    steps: ["start-container init-a 1"],
  },
  {
    title: "goes on from a sidecar that has started",
    pod: podOf(sidecar),
    state: { runtime: runtimeOf([running("proxy")]) },
    steps: ["start-container main 0"],
  },
  {
    title: "waits for a sidecar's startup probe",
    pod: podOf({ initContainers: [container("proxy", { restartPolicy: "Always", startupProbe: {} })] }),
    state: { runtime: runtimeOf([running("proxy")]) },
    steps: [],
  },
  {
    title: "starts a sidecar that has ended again while the pod runs",
    pod: podOf({ ...sidecar, ...never }),
    state: { runtime: runtimeOf([exited("proxy", 0), running("main")]) },
    steps: ["start-container proxy 1"],
  },
];

const restartCases: readonly Case[] = [
  {
    title: "restarts at once the first time",
    state: { runtime: runtimeOf([exited("main", 1)]) },
    steps: ["start-container main 1"],
  },
  {
    title: "waits for the back-off of a later attempt",
    state: { runtime: runtimeOf([exited("main", 1, { attempt: 1, ...delayed(10_000) })]) },
    steps: [],
    wakeAfterMs: 5000,
  },
  {
    title: "does not wait longer when the clock was set back",
    state: {
      runtime: runtimeOf([exited("main", 1, { attempt: 1, finishedAtMs: NOW + 3600 * SECOND, ...delayed(10_000) })]),
    },
    steps: ["start-container main 2"],
  },
  {
    title: "forgets the back-off of a container that ran for long",
    state: {
      runtime: runtimeOf([exited("main", 1, { attempt: 5, startedAtMs: NOW - 700 * SECOND, ...delayed(300_000) })]),
    },
    steps: ["start-container main 6"],
  },
  {
    title: "does not restart what ended well under OnFailure",
    pod: podOf(onFailure),
    state: { runtime: runtimeOf([exited("main", 0)]) },
    steps: ["remove-volumes"],
  },
  {
    title: "restarts what failed under OnFailure",
    pod: podOf(onFailure),
    state: { runtime: runtimeOf([exited("main", 1)]) },
    steps: ["start-container main 1"],
  },
  {
    title: "restarts nothing under Never",
    pod: podOf(never),
    state: { runtime: runtimeOf([exited("main", 1)]) },
    steps: ["remove-volumes"],
  },
  {
    title: "counts on from what the API knows where the runtime has lost a container",
    pod: podOf({}, { status: reportedEnd("fake://main-3") }),
    state: { runtime: runtimeOf([]) },
    steps: ["start-container main 1"],
  },
  {
    title: "stops a container that fails its liveness probe",
    pod: podOf(probed("liveness")),
    state: { runtime: runtimeOf([running("main")]), probes: new Map([["main-0", { liveness: false }]]) },
    steps: ["stop-container main 30"],
  },
  {
    title: "gives it the grace period of the probe",
    pod: podOf({ containers: [container("main", { startupProbe: { terminationGracePeriodSeconds: 3 } })] }),
    state: { runtime: runtimeOf([running("main")]), probes: new Map([["main-0", { startup: false }]]) },
    steps: ["stop-container main 3"],
  },
  {
    title: "stops a container whose image was changed",
    pod: podOf({ containers: [container("main", { image: "app:2" })] }),
    state: { runtime: runtimeOf([running("main")]) },
    steps: ["stop-container main 30"],
  },
  {
    title: "keeps the last two attempts of a container",
    state: {
      runtime: runtimeOf([running("main", { attempt: 2 }), exited("main", 1, { attempt: 1 }), exited("main", 1)]),
    },
    steps: ["remove-container main-0"],
  },
];

const sandboxCases: readonly Case[] = [
  {
    title: "stops containers whose sandbox has died first",
    state: { runtime: runtimeOf([running("main")], [sandbox(0, false)]) },
    steps: ["stop-container main 30"],
  },
  {
    title: "then makes a new sandbox",
    state: { runtime: runtimeOf([exited("main", 137)], [sandbox(0, false)]) },
    steps: ["create-sandbox 1"],
  },
  {
    title: "makes none for a pod that is not to run again",
    pod: podOf(never),
    state: { runtime: runtimeOf([exited("main", 137)], [sandbox(0, false)]) },
    steps: ["remove-volumes"],
  },
  {
    title: "removes a dead sandbox when no container of it is kept",
    state: {
      runtime: runtimeOf([running("main", { attempt: 1, sandboxId: "s1" })], [sandbox(1), sandbox(0, false)]),
    },
    steps: ["remove-sandbox s0"],
  },
];

const endCases: readonly Case[] = [
  {
    title: "stops the containers of a deleted pod with its grace period",
    pod: podOf(two, { metadata: deleted(10) }),
    state: { runtime: runtimeOf([running("main"), running("side")]) },
    steps: ["stop-container main 10", "stop-container side 10"],
  },
  {
    title: "breaks off what is being started",
    pod: podOf({}, { metadata: deleted() }),
    state: { runtime: runtimeOf([]), steps: inProgress(starting("main")) },
    steps: ["cancel container/main"],
  },
  {
    title: "stops faster when the grace period was cut",
    pod: podOf({}, { metadata: deleted(0) }),
    state: { runtime: runtimeOf([running("main")]), steps: inProgress(stopping("main", 30)) },
    steps: ["cancel container/main"],
  },
  {
    title: "keeps the sidecar while a main container runs",
    pod: podOf(sidecar, { metadata: deleted() }),
    state: { runtime: runtimeOf([running("proxy"), running("main")]) },
    steps: ["stop-container main 30"],
  },
  {
    title: "stops the sidecar last, with what is left of the grace period",
    pod: podOf(sidecar, { metadata: { ...deleted(30), deletionTimestamp: "2026-01-01T12:00:07Z" } }),
    state: { runtime: runtimeOf([running("proxy"), exited("main", 0)]) },
    steps: ["stop-container proxy 7"],
  },
  {
    title: "removes nothing before the end of each container is in the API",
    pod: podOf({}, { metadata: deleted() }),
    state: { runtime: runtimeOf([exited("main", 0)]) },
    steps: [],
  },
  {
    title: "then removes the sandbox",
    pod: podOf({}, { metadata: deleted(), status: reportedEnd("fake://main-0") }),
    state: { runtime: runtimeOf([exited("main", 0)]) },
    steps: ["remove-sandbox s0"],
  },
  { title: "then finishes", pod: podOf({}, { metadata: deleted() }), steps: ["finish"] },
  {
    title: "stops what runs for a pod that is gone",
    state: { gone: true, runtime: runtimeOf([running("main")]) },
    steps: ["stop-container main 30"],
  },
  {
    title: "removes what is left of it at once",
    state: { gone: true, runtime: runtimeOf([exited("main", 0)]) },
    steps: ["remove-sandbox s0"],
  },
  {
    title: "stops a pod past its deadline",
    pod: podOf({ activeDeadlineSeconds: 60 }, { status: { startTime: "2026-01-01T11:58:00Z" } }),
    state: { runtime: runtimeOf([running("main")]) },
    steps: ["stop-container main 30"],
  },
  {
    title: "wakes for a deadline to come",
    pod: podOf({ activeDeadlineSeconds: 60 }, { status: { startTime: "2026-01-01T11:59:30Z" } }),
    state: { runtime: runtimeOf([running("main")]) },
    steps: [],
    wakeAfterMs: 30_000,
  },
  {
    title: "stops the sidecars of a pod whose main containers have ended for good",
    pod: podOf({ ...sidecar, ...never }),
    state: { runtime: runtimeOf([running("proxy"), exited("main", 0)]) },
    steps: ["stop-container proxy 30"],
  },
  {
    title: "does nothing more for one whose volumes are removed",
    pod: podOf({}, { status: { phase: "Failed" } }),
    state: { runtime: runtimeOf([]), volumes: "removed" },
    steps: [],
  },
  {
    title: "starts nothing for a pod that the API says has failed",
    pod: podOf({}, { status: { phase: "Failed" } }),
    state: { runtime: runtimeOf([]) },
    steps: ["remove-volumes"],
  },
];

describe("planPod", () => {
  const groups = { start: startCases, init: initCases, restart: restartCases, sandbox: sandboxCases, end: endCases };
  for (const [group, cases] of Object.entries(groups)) {
    describe(group, () => {
      for (const { title, pod = podOf(), state, steps, wakeAfterMs } of cases) {
        it(title, () => {
          const plan = planPod(stateOf(pod, state));
          expect(render(plan)).to.deep.equal(steps);
          expect(plan.wakeAfterMs).to.equal(wakeAfterMs);
        });
      }
    });
  }

  it("gives an evicted pod the eviction's grace period, and less where it is being deleted faster", () => {
    const eviction = { message: "full", graceSeconds: 5, isDisruption: false };
    const state = { runtime: runtimeOf([running("main")]), eviction };
    expect(render(planPod(stateOf(podOf(), state)))).to.deep.equal(["stop-container main 5"]);
    const leaving = podOf({}, { metadata: deleted(2) });
    expect(render(planPod(stateOf(leaving, state)))).to.deep.equal(["stop-container main 2"]);
  });

  it("plans no step that is in progress already", () => {
    const first = planPod(stateOf(podOf(two), { runtime: undefined, volumes: "absent" }));
    const again = planPod(stateOf(podOf(two), { volumes: "absent", steps: inProgress(...first.steps) }));
    expect(again.steps).to.deep.equal([]);
  });

  it("doubles the delay that an attempt carries from 10 s to 300 s", () => {
    const delays: number[] = [];
    for (let attempt = 0, delayMs = 0; attempt < 8; attempt++) {
      const ended = exited("main", 1, {
        attempt,
        finishedAtMs: NOW - 400 * SECOND,
        startedAtMs: NOW - 401 * SECOND,
        ...delayed(delayMs),
      });
      const [step] = planPod(stateOf(podOf(), { runtime: runtimeOf([ended]) })).steps;
      delayMs = step?.kind === "start-container" ? step.restartDelayMs : NaN;
      delays.push(delayMs / SECOND);
    }
    expect(delays).to.deep.equal([10, 20, 40, 80, 160, 300, 300, 300]);
  });
});
