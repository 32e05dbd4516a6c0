// The conditions that a kubelet reports on a pod, with Kubernetes' reasons and messages. Conditions of others (readiness
// gates, the scheduler's) are only read. Pure.

import type { ContainerStatus, PodCondition } from "../api/core/pod-status.ts";
import { formatTime } from "../lib/clock.ts";
import { isSidecarName, type Phase, type Statuses } from "./pod-phase.ts";
import { liveSandbox } from "./container-view.ts";
import { pendingChanges } from "./resize.ts";
import type { PodState } from "./pod-state.ts";

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;

const TRUE: Verdict = { status: "True" };

/** In the order in which Kubernetes lists them. A condition keeps its time while its status stays the same. */
export function buildConditions(state: PodState, statuses: Statuses, phase: Phase): PodCondition[] {
  const containersReady = judgeContainers(state, statuses, phase);
  const verdicts: Record<string, Verdict> = {
    PodReadyToStartContainers: liveSandbox(state) ? TRUE : { status: "False" },
    Initialized: judgeInitialized(state, statuses, phase),
    Ready: judgeReady(state, containersReady),
    ContainersReady: containersReady,
    PodScheduled: TRUE,
    ...(phase === "Failed" && judgeDisruption(state)),
    ...(phase === "Running" && judgeResizing(state)),
  };
  return Object.entries(verdicts).map(([type, verdict]) => {
    const before = state.pod.status.conditions?.find((condition) => condition.type === type);
    const kept = before?.status === verdict.status ? before.lastTransitionTime : undefined;
    return { type, ...verdict, lastTransitionTime: kept ?? formatTime(state.nowMs) };
  });
}

/** Told with the end, which it explains. */
function judgeDisruption({ eviction }: PodState): Record<string, Verdict> {
  if (!eviction?.isDisruption) return {};
  return { DisruptionTarget: { status: "True", reason: "TerminationByKubelet", message: eviction.message } };
}

function judgeResizing(state: PodState): Record<string, Verdict> {
  const { resizeObstacle, pod, runtime, failures } = state;
  if (resizeObstacle) return { PodResizePending: { status: "True", ...resizeObstacle } };
  const changing = pod.spec.containers.find((container) => {
    const newest = runtime?.containers.find(({ name }) => name === container.name);
    return newest?.state === "running" && pendingChanges(pod, container, newest).length > 0;
  });
  if (!changing) return {};
  const failure = failures.get(`container/${changing.name}`);
  const why = failure && { reason: "Error", message: failure.message };
  return { PodResizeInProgress: { status: "True", ...why } };
}

function judgeInitialized({ pod }: PodState, { init, main }: Statuses, phase: Phase): Verdict {
  if (phase === "Succeeded") return { status: "True", reason: "PodCompleted" };
  // After a new sandbox init containers run again while the pod stays initialized only if a main container runs.
  if (main.some(({ state }) => state.running)) return TRUE;
  const incomplete = init.filter(({ name, ready, started }) => !(isSidecarName(pod.spec, name) ? started : ready));
  return incomplete.length === 0
    ? TRUE
    : {
        status: "False",
        reason: "ContainersNotInitialized",
        message: `containers with incomplete status: [${names(incomplete)}]`,
      };
}

function judgeContainers({ pod }: PodState, { init, main }: Statuses, phase: Phase): Verdict {
  if (phase === "Succeeded") return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const sidecars = init.filter(({ name }) => isSidecarName(pod.spec, name));
  const unready = [...sidecars, ...main].filter(({ ready }) => !ready);
  return unready.length === 0
    ? TRUE
    : {
        status: "False",
        reason: "ContainersNotReady",
        message: `containers with unready status: [${names(unready)}]`,
      };
}

function judgeReady({ pod }: PodState, containersReady: Verdict): Verdict {
  if (containersReady.status !== "True") return containersReady;
  const complaints = (pod.spec.readinessGates ?? []).flatMap(({ conditionType }) => {
    const condition = pod.status.conditions?.find(({ type }) => type === conditionType);
    if (!condition) return [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`];
    if (condition.status === "True") return [];
    return [`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`];
  });
  if (complaints.length === 0) return TRUE;
  return { status: "False", reason: "ReadinessGatesNotReady", message: complaints.join(", ") };
}

const names = (statuses: readonly ContainerStatus[]) => statuses.map(({ name }) => name).join(" ");
