// A pod's state as one line of a table: containers ready, one word of status, restarts. Kubernetes' printer decides all
// three in one pass over the container statuses, because each depends on how far initialisation has come.

import { isPodReady, isPodTerminal, isSidecar } from "./pod-state.ts";
import type { ContainerState, ContainerStatus } from "./pod-status.ts";
import type { Pod } from "./pod.ts";

export interface PodSummary {
  readonly ready: number;
  /** Containers plus sidecars. */
  readonly total: number;
  /** Such as `Running`, `CrashLoopBackOff`, `Init:1/2`, `Terminating`. */
  readonly status: string;
  readonly restarts: number;
  /** When the container that stopped last was stopped, in RFC 3339. */
  readonly lastRestart?: string;
}

interface Progress {
  ready: number;
  status: string;
  restarts: number;
  lastRestart?: string;
}

export function summarizePod(pod: Pod): PodSummary {
  const total = (pod.spec.containers ?? []).length + (pod.spec.initContainers ?? []).filter(isSidecar).length;
  const init = summarizeInitContainers(pod);
  const isInitialized = pod.status.conditions?.some(({ type, status }) => type === "Initialized" && status === "True");
  const progress = init.isInitializing && !isInitialized ? init.all : summarizeContainers(pod, init.sidecars);
  return { ...progress, total, status: deletionStatus(pod) ?? progress.status };
}

function initialStatus(pod: Pod): string {
  const { phase, reason, conditions } = pod.status;
  if (conditions?.some((each) => each.type === "PodScheduled" && each.reason === "SchedulingGated")) {
    return "SchedulingGated";
  }
  return reason || phase || "";
}

interface InitSummary {
  /** Counts all init containers: what is shown while the pod initialises. */
  readonly all: Progress;
  /** Counts sidecars only: what the containers' counts are added to afterwards. */
  readonly sidecars: Progress;
  readonly isInitializing: boolean;
}

function summarizeInitContainers(pod: Pod): InitSummary {
  const specs = new Map((pod.spec.initContainers ?? []).map((each) => [each.name, each]));
  const all: Progress = { ready: 0, status: initialStatus(pod), restarts: 0 };
  const sidecars: Progress = { ...all };
  for (const [index, status] of (pod.status.initContainerStatuses ?? []).entries()) {
    const sidecar = isSidecar(specs.get(status.name));
    countRestarts(all, status);
    if (sidecar) countRestarts(sidecars, status);
    if (status.state.terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) all.ready++;
      continue;
    }
    all.status = initStatus(status.state) ?? `Init:${index}/${specs.size}`;
    return { all, sidecars: { ...sidecars, ready: all.ready, status: all.status }, isInitializing: true };
  }
  return { all, sidecars: { ...sidecars, ready: all.ready }, isInitializing: false };
}

function initStatus({ terminated, waiting }: ContainerState): string | undefined {
  if (terminated) return `Init:${terminationStatus(terminated)}`;
  return waiting?.reason && waiting.reason !== "PodInitializing" ? `Init:${waiting.reason}` : undefined;
}

function terminationStatus({ reason, signal, exitCode }: NonNullable<ContainerState["terminated"]>): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

function summarizeContainers(pod: Pod, sidecars: Progress): Progress {
  const progress = { ...sidecars };
  let hasRunning = false;
  for (const status of [...(pod.status.containerStatuses ?? [])].reverse()) {
    countRestarts(progress, status);
    const { waiting, terminated, running } = status.state;
    if (waiting?.reason) progress.status = waiting.reason;
    else if (terminated) progress.status = terminationStatus(terminated);
    else if (status.ready && running) {
      hasRunning = true;
      progress.ready++;
    }
  }
  // A container that has completed beside one that still runs does not make the pod complete.
  if (progress.status === "Completed" && hasRunning) progress.status = isPodReady(pod) ? "Running" : "NotReady";
  return progress;
}

function countRestarts(progress: Progress, status: ContainerStatus): void {
  progress.restarts += status.restartCount;
  const finishedAt = status.lastState.terminated?.finishedAt;
  if (finishedAt && finishedAt > (progress.lastRestart ?? "")) progress.lastRestart = finishedAt;
}

function deletionStatus(pod: Pod): string | undefined {
  if (!pod.metadata.deletionTimestamp) return undefined;
  if (pod.status.reason === "NodeLost") return "Unknown";
  return isPodTerminal(pod) ? undefined : "Terminating";
}
