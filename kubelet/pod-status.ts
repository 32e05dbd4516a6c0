// The whole status that the kubelet reports for a pod. Pure.

import type { PodStatus } from "../api/core/pod-status.ts";
import { formatTime } from "../lib/clock.ts";
import { buildContainerStatus } from "./container-status.ts";
import { liveSandbox, type ContainerView } from "./container-view.ts";
import { buildConditions } from "./pod-conditions.ts";
import { buildPhase, deadlineInMs, isTerminalPhase, type Phase, type Statuses } from "./pod-phase.ts";
import type { ContainerRole, PodState } from "./pod-state.ts";

export interface StatusInput {
  readonly views: readonly ContainerView[];
  /** Nothing will be started any more. */
  readonly ending: boolean;
}

export function buildPodStatus(state: PodState, { views, ending }: StatusInput): PodStatus {
  const { pod, node } = state;
  const statusesOf = (...roles: readonly ContainerRole[]) =>
    views.filter(({ role }) => roles.includes(role)).map((view) => buildContainerStatus(state, view, ending));
  const statuses: Statuses = { init: statusesOf("init", "sidecar"), main: statusesOf("main") };
  const ephemeral = statusesOf("ephemeral");
  const isRestarting = !ending && views.some(({ role, restarting }) => role === "main" && restarting);
  const { phase, ...why } = judgePhase(state, { statuses, ending, isRestarting });
  const podIP = addressOf(state);
  return {
    phase,
    ...why,
    conditions: buildConditions(state, statuses, phase),
    hostIP: node.hostIPs[0],
    hostIPs: node.hostIPs.map((ip) => ({ ip })),
    ...(podIP && { podIP, podIPs: [{ ip: podIP }] }),
    startTime: pod.status.startTime ?? formatTime(state.nowMs),
    ...(statuses.init.length > 0 && { initContainerStatuses: statuses.init }),
    containerStatuses: statuses.main,
    ...(ephemeral.length > 0 && { ephemeralContainerStatuses: ephemeral }),
  };
}

/** A pod that has ended keeps the address it had. */
function addressOf(state: PodState): string | undefined {
  const sandbox = liveSandbox(state);
  if (!sandbox) return state.pod.status.podIP;
  return state.pod.spec.hostNetwork ? state.node.hostIPs[0] : sandbox.ip;
}

interface PhaseInput {
  readonly statuses: Statuses;
  readonly ending: boolean;
  /** A main container has been stopped in order to start anew, which is no end, whatever its exit code. */
  readonly isRestarting: boolean;
}

function judgePhase(
  state: PodState,
  { statuses, ending, isRestarting }: PhaseInput,
): Pick<PodStatus, "reason" | "message"> & { phase: Phase } {
  const { phase: before, reason, message } = state.pod.status;
  if (before && isTerminalPhase(before)) return { phase: before, reason, message };
  const failure = judgeFailure(state);
  const phase = failure ? "Failed" : isRestarting ? "Running" : buildPhase(state.pod, statuses, ending);
  // What a final phase frees may be given to others at once, so it is only told when nothing runs any more.
  if (isTerminalPhase(phase) && !isStill(state)) return { phase: before ?? "Pending" };
  return { phase, ...failure };
}

/** Why the pod has failed, whatever its containers did. */
function judgeFailure(state: PodState): { reason: string; message: string } | undefined {
  if (state.eviction) return { reason: state.eviction.reason ?? "Evicted", message: state.eviction.message };
  if ((deadlineInMs(state) ?? 1) > 0) return undefined;
  return {
    reason: "DeadlineExceeded",
    message: "Pod was active on the node longer than the specified deadline",
  };
}

/** Nothing runs, and nothing is being started. */
function isStill({ runtime, steps }: PodState): boolean {
  const runs = runtime?.containers.some((container) => container.state !== "exited") ?? false;
  return !runs && ![...steps.values()].some(({ kind }) => kind === "start-container");
}
