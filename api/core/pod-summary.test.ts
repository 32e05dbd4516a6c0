import { expect } from "chai";
import type { Container } from "./container.ts";
import type { ContainerState, ContainerStatus, PodStatus } from "./pod-status.ts";
import { summarizePod } from "./pod-summary.ts";
import type { Pod } from "./pod.ts";

const running = { running: {} };
const waiting = (reason: string) => ({ waiting: { reason } });
const exited = (exitCode: number, more: object = {}) => ({ terminated: { exitCode, ...more } });

function statusOf(name: string, state: ContainerState, more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name, state, lastState: {}, ready: false, restartCount: 0, image: "", imageID: "", ...more };
}
const up = (name: string, more: Partial<ContainerStatus> = {}) => statusOf(name, running, { ready: true, ...more });

interface Given {
  readonly init?: readonly Container[];
  readonly names?: readonly string[];
  readonly status: PodStatus;
  readonly deleted?: boolean;
}

function podOf({ init, names = ["a"], status, deleted }: Given): Pod {
  const time = "1970-01-01T00:00:00Z";
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "p",
      uid: "u",
      resourceVersion: "1",
      creationTimestamp: time,
      ...(deleted && { deletionTimestamp: time }),
    },
    spec: { containers: names.map((name) => ({ name, resources: {} })), ...(init && { initContainers: init }) },
    status,
  };
}

const initContainer = (name: string): Container => ({ name, resources: {} });
const sidecar = (name: string): Container => ({ name, resources: {}, restartPolicy: "Always" });
const two = [initContainer("i"), initContainer("j")];
const ready = [{ type: "Ready", status: "True" as const }];

describe("the status of a pod in a table", () => {
  const cases: readonly (readonly [string, Given, string])[] = [
    ["the phase first of all", { status: { phase: "Pending" } }, "Pending 0/1"],
    ["the reason given for the phase", { status: { phase: "Failed", reason: "Evicted" } }, "Evicted 0/1"],
    ["running", { status: { phase: "Running", containerStatuses: [up("a")] } }, "Running 1/1"],
    [
      "why a container waits",
      { status: { phase: "Pending", containerStatuses: [statusOf("a", waiting("ImagePullBackOff"))] } },
      "ImagePullBackOff 0/1",
    ],
    [
      "why a container stopped",
      { status: { phase: "Running", containerStatuses: [statusOf("a", exited(1, { reason: "Error" }))] } },
      "Error 0/1",
    ],
    [
      "its exit code where no reason is known",
      { status: { phase: "Running", containerStatuses: [statusOf("a", exited(7))] } },
      "ExitCode:7 0/1",
    ],
    [
      "its signal where one ended it",
      { status: { phase: "Running", containerStatuses: [statusOf("a", exited(137, { signal: 9 }))] } },
      "Signal:9 0/1",
    ],
    [
      "running beside a completed container, when the pod is ready",
      {
        names: ["a", "b"],
        status: {
          phase: "Running",
          conditions: ready,
          containerStatuses: [statusOf("a", exited(0, { reason: "Completed" })), up("b")],
        },
      },
      "Running 1/2",
    ],
    [
      "NotReady beside a completed container, when it is not",
      {
        names: ["a", "b"],
        status: {
          phase: "Running",
          containerStatuses: [statusOf("a", exited(0, { reason: "Completed" })), up("b")],
        },
      },
      "NotReady 1/2",
    ],
    [
      "how far initialisation has come",
      {
        init: two,
        status: {
          phase: "Pending",
          initContainerStatuses: [statusOf("i", exited(0)), statusOf("j", running)],
          containerStatuses: [statusOf("a", waiting("PodInitializing"))],
        },
      },
      "Init:1/2 0/1",
    ],
    [
      "why initialisation waits",
      { init: two, status: { initContainerStatuses: [statusOf("i", waiting("CrashLoopBackOff"))] } },
      "Init:CrashLoopBackOff 0/1",
    ],
    [
      "why initialisation failed",
      { init: two, status: { initContainerStatuses: [statusOf("i", exited(3))] } },
      "Init:ExitCode:3 0/1",
    ],
    [
      "sidecars counted like containers",
      {
        init: [sidecar("s")],
        status: {
          phase: "Running",
          initContainerStatuses: [up("s", { started: true })],
          containerStatuses: [up("a")],
        },
      },
      "Running 2/2",
    ],
    [
      "held back by gates",
      {
        status: {
          phase: "Pending",
          conditions: [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }],
        },
      },
      "SchedulingGated 0/1",
    ],
    ["being deleted", { deleted: true, status: { phase: "Running", containerStatuses: [up("a")] } }, "Terminating 1/1"],
    ["ended and being deleted", { deleted: true, status: { phase: "Succeeded" } }, "Succeeded 0/1"],
    ["on a lost node", { deleted: true, status: { phase: "Running", reason: "NodeLost" } }, "Unknown 0/1"],
  ];
  for (const [title, given, expected] of cases) {
    it(`shows ${expected}: ${title}`, () => {
      const { status, ready: readyCount, total } = summarizePod(podOf(given));
      expect(`${status} ${readyCount}/${total}`).to.equal(expected);
    });
  }
});

describe("the restarts of a pod in a table", () => {
  const restarted = (count: number, finishedAt: string) => ({
    restartCount: count,
    lastState: { terminated: { exitCode: 1, finishedAt } },
  });

  it("are added up over the containers, with the time of the last", () => {
    const containerStatuses = [
      up("a", restarted(2, "1970-01-01T00:00:05Z")),
      up("b", restarted(1, "1970-01-01T00:00:09Z")),
    ];
    const summary = summarizePod(podOf({ names: ["a", "b"], status: { phase: "Running", containerStatuses } }));
    expect(summary).to.include({ restarts: 3, lastRestart: "1970-01-01T00:00:09Z" });
  });

  it("are those of the init containers while the pod initialises, and leave them out afterwards", () => {
    const initContainerStatuses = [statusOf("i", running, restarted(4, "1970-01-01T00:00:05Z"))];
    const status = { phase: "Pending" as const, initContainerStatuses };
    expect(summarizePod(podOf({ init: two, status })).restarts).to.equal(4);
    const done = { ...status, initContainerStatuses: [{ ...initContainerStatuses[0]!, state: exited(0) }] };
    expect(summarizePod(podOf({ init: two, status: { ...done, containerStatuses: [up("a")] } })).restarts).to.equal(0);
  });
});
