// The status of one container, in the states, reasons and messages of Kubernetes. Pure.

import type { ContainerState, ContainerStateTerminated, ContainerStatus } from "../api/core/pod-status.ts";
import { formatTime } from "../lib/clock.ts";
import { renderDuration } from "../lib/duration.ts";
import {
  hasEndedWell,
  hasExited,
  hasStarted,
  isRunning,
  isStarting,
  mayStart,
  type ContainerView,
} from "./container-view.ts";
import type { PodState, StepFailure } from "./pod-state.ts";
import { pendingChanges } from "./resize.ts";
import { remainingDelayMs, restartDelayMs } from "./restart-delay.ts";
import type { RuntimeContainer } from "./runtimes/runtime.ts";
import { mountStatuses } from "./volumes/mount-status.ts";

/** A pull that has just failed is told as ErrImagePull; after this long, waiting for the next is ImagePullBackOff. */
const FRESH_FAILURE_MS = 1000;

/** `ending`: nothing will be started any more. */
export function buildContainerStatus(state: PodState, view: ContainerView, ending: boolean): ContainerStatus {
  const { container, newest, role } = view;
  const current = buildState(state, view, ending);
  return {
    name: container.name,
    state: current,
    lastState: buildLastState(state, view, current),
    ready: role === "init" ? hasEndedWell(view) : role !== "ephemeral" && isReady(view),
    ...(newest ? identify(state, newest) : remember(view)),
    started: hasStarted(view),
    ...((isRunning(view) || state.resizeObstacle) && resources(state, view)),
    ...(container.volumeMounts?.length && { volumeMounts: mountStatuses(container) }),
  };
}

type Identity = Pick<ContainerStatus, "restartCount" | "image" | "imageID" | "containerID">;

const identify = ({ node }: PodState, { attempt, image, imageId, id }: RuntimeContainer): Identity => ({
  restartCount: attempt,
  image,
  imageID: imageId,
  containerID: `${node.runtimeName}://${id}`,
});

/** Of a container that has not been made yet, or that the runtime has forgotten. */
function remember({ container, reported }: ContainerView): Identity {
  const { restartCount = 0, imageID = "", containerID } = reported ?? {};
  return { restartCount, image: container.image ?? "", imageID, ...(containerID && { containerID }) };
}

function buildLastState(state: PodState, view: ContainerView, current: ContainerState): ContainerState {
  const { newest, previous, reported, lost } = view;
  // An attempt that is still being made has not ended: the one before has.
  const last = current.waiting && newest?.state === "exited" ? newest : previous;
  const end = (last && terminated(state, last)) ?? (current.waiting && lost) ?? reported?.lastState.terminated;
  return end ? { terminated: end } : {};
}

/** What the container has; while that is being changed, what was reported of it before. */
function resources(
  { resizeObstacle, pod }: PodState,
  { container, newest, reported }: ContainerView,
): Pick<ContainerStatus, "resources" | "allocatedResources"> {
  const wanted = container.resources;
  const { allocatedResources: before, resources: had = wanted } = reported ?? {};
  const requests = resizeObstacle && before ? before : wanted.requests;
  const isChanging = newest !== undefined && pendingChanges(pod, container, newest).length > 0;
  const isHeld = resizeObstacle !== undefined || isChanging;
  return { ...(requests && { allocatedResources: requests }), resources: isHeld ? had : wanted };
}

function isReady(view: ContainerView): boolean {
  const { container, verdicts } = view;
  return hasStarted(view) && (container.readinessProbe === undefined || verdicts.readiness === true);
}

function buildState(state: PodState, view: ContainerView, ending: boolean): ContainerState {
  const { newest, failure, lost, container } = view;
  const restarts = !ending && mayStart(view, state.pod.spec.restartPolicy);
  const starting = isStarting(view);
  if (newest && isRunning(view) && !(starting && hasPostStart(container))) return buildRunningState(newest);
  if (newest && hasExited(view) && !starting) return buildEndedState(state, { view, ended: newest, restarts });
  if (lost && !restarts) return { terminated: lost };
  return { waiting: failure ? describeFailure(failure, container.image) : notStarted(state) };
}

const hasPostStart = ({ lifecycle }: ContainerView["container"]) => lifecycle?.postStart !== undefined;

const buildRunningState = ({ startedAtMs, createdAtMs }: RuntimeContainer): ContainerState => ({
  running: { startedAt: formatTime(startedAtMs ?? createdAtMs) },
});

/** Before its first start. What the whole pod waits for is told with each container, besides in events. */
function notStarted({ pod, failures }: PodState): ContainerState["waiting"] {
  const reason = pod.spec.initContainers?.length ? "PodInitializing" : "ContainerCreating";
  const obstacle = failures.get("volumes") ?? failures.get("sandbox");
  return { reason, ...(obstacle && { message: obstacle.message }) };
}

/** A container that is to be started again counts as ended for as long as there is nothing to wait for. */
function buildEndedState(
  state: PodState,
  { view, ended, restarts }: { view: ContainerView; ended: RuntimeContainer; restarts: boolean },
): ContainerState {
  const waiting = restarts ? waitingToRestart(state, view, ended) : undefined;
  return waiting ? { waiting } : { terminated: terminated(state, ended) };
}

function waitingToRestart(state: PodState, view: ContainerView, ended: RuntimeContainer): ContainerState["waiting"] {
  if (view.failure) return describeFailure(view.failure, view.container.image);
  if (remainingDelayMs(ended, state.nowMs) <= 0) return undefined;
  const { namespace, name, uid } = state.pod.metadata;
  const delay = renderDuration(restartDelayMs(ended));
  const message = `back-off ${delay} restarting failed container=${ended.name} pod=${name}_${namespace}(${uid})`;
  return { reason: "CrashLoopBackOff", message };
}

function describeFailure(failure: StepFailure, image: string | undefined): ContainerState["waiting"] {
  const { reason, message, failedForMs } = failure;
  if (reason !== "ErrImagePull" || failedForMs < FRESH_FAILURE_MS) return { reason, message };
  return { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}": ErrImagePull: ${message}` };
}

/** When the status of this container changes merely because time passes. */
export function nextStatusChangeMs({ failure }: ContainerView): number | undefined {
  const fresh = failure?.reason === "ErrImagePull" && failure.failedForMs < FRESH_FAILURE_MS;
  return fresh ? FRESH_FAILURE_MS - failure.failedForMs : undefined;
}

function terminated(state: PodState, container: RuntimeContainer): ContainerStateTerminated | undefined {
  if (container.state !== "exited") return undefined;
  const { id, exitCode = 0, createdAtMs, startedAtMs = createdAtMs, finishedAtMs = startedAtMs } = container;
  const message = container.message ?? state.terminationMessages.get(id);
  return {
    exitCode,
    reason: reasonOf(container),
    ...(message && { message }),
    startedAt: formatTime(startedAtMs),
    finishedAt: formatTime(finishedAtMs),
    containerID: `${state.node.runtimeName}://${id}`,
  };
}

function reasonOf({ oomKilled, reason, exitCode }: RuntimeContainer): string {
  if (oomKilled) return "OOMKilled";
  return reason ?? (exitCode === 0 ? "Completed" : "Error");
}
