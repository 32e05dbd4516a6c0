// The kubelet's decisions: from everything known about one pod, what to do next and what to report. Start reading here.
// Pure and synchronous; pod-worker.ts carries the steps out and asks again after each, so that every case below only has
// to name the next steps, never a whole sequence.

import type { Container } from "../api/core/container.ts";
import {
  hasEndedWell,
  hasStarted,
  isRunning,
  isUnstarted,
  liveSandbox,
  mayStart,
  nextAttempt,
  viewContainers,
  type ContainerView,
} from "./container-view.ts";
import { nextStatusChangeMs } from "./container-status.ts";
import { deadlineInMs, isTerminalPhase } from "./pod-phase.ts";
import { buildPodStatus } from "./pod-status.ts";
import type { PodPlan, PodState, Step, StepKey, StopStep } from "./pod-state.ts";
import { needsRestart, pendingChanges } from "./resize.ts";
import { nextRestartDelayMs, remainingDelayMs } from "./restart-delay.ts";
import type { RuntimeContainer } from "./runtimes/runtime.ts";

const DEFAULT_GRACE_SECONDS = 30;
/** Sidecars get this much after the main containers have used up the pod's grace period. */
const SIDECAR_GRACE_SECONDS_MIN = 2;
/** When a change of resources that there was no room for is judged again. */
const DEFERRED_MS = 10_000;
/** Attempts of one container that are kept: the last, and the one before for `logs --previous`. */
const KEPT_ATTEMPTS = 2;

export function planPod(state: PodState): PodPlan {
  const views = viewContainers(state);
  const draft = new Draft(state);
  // Case 1: the pod is to end, or has ended.
  if (mustEnd(state) || hasEnded(state, views)) planEnd(draft, views);
  // Case 2: the pod is to run.
  else planRun(draft, views);
  const status = buildPodStatus(state, { views, ending: draft.ending });
  for (const view of views) draft.wake(nextStatusChangeMs(view));
  return { steps: draft.steps, cancel: draft.cancelled, status, wakeAfterMs: draft.wakeAfterMs };
}

/** A phase that was reported as final stays final: what it freed may have been given to others. */
function mustEnd(state: PodState): boolean {
  const { metadata, status } = state.pod;
  const leaving = state.gone || metadata.deletionTimestamp !== undefined;
  const givenUp = isTerminalPhase(status.phase) || state.eviction !== undefined;
  return leaving || givenUp || (deadlineInMs(state) ?? 1) <= 0;
}

/** By its restart policy nothing of the pod will ever run again: the main containers are done, or initializing failed. */
function hasEnded({ pod }: PodState, views: readonly ContainerView[]): boolean {
  const isOver = (view: ContainerView) => !isRunning(view) && !view.step && !mayStart(view, pod.spec.restartPolicy);
  const initFailed = views.some((view) => view.role === "init" && isOver(view) && !hasEndedWell(view));
  return initFailed || mainViews(views).every(isOver);
}

/** A plan in the making: drops what is in progress already and what has to wait after a failure. */
class Draft {
  readonly steps: Step[] = [];
  readonly cancelled: StepKey[] = [];
  wakeAfterMs: number | undefined;
  ending = false;

  constructor(readonly state: PodState) {}

  add(step: Step): void {
    const failure = this.state.failures.get(step.key);
    if (this.state.steps.has(step.key)) return;
    if (failure && failure.retryInMs > 0) this.wake(failure.retryInMs);
    else this.steps.push(step);
  }

  cancel(key: StepKey): void {
    this.cancelled.push(key);
  }

  wake(afterMs: number | undefined): void {
    if (afterMs !== undefined) this.wakeAfterMs = Math.min(this.wakeAfterMs ?? Infinity, afterMs);
  }
}

function planEnd(draft: Draft, views: readonly ContainerView[]): void {
  const { state } = draft;
  draft.ending = true;
  // Case 1a: whatever is being started is broken off.
  for (const [key, { kind }] of state.steps) if (STARTING.has(kind)) draft.cancel(key);
  // Case 1b: main and init containers stop together; sidecars serve them until they have, and stop in reverse order.
  const running = runningContainers(state, views);
  const others = running.filter(({ view }) => view?.role !== "sidecar");
  for (const each of others.length > 0 ? others : running.slice(-1)) {
    planStop(draft, each, { graceSeconds: endGraceSeconds(state, each), message: stopping(each.running.name) });
  }
  // Case 1c: the pod is being deleted, and everything has stopped and was reported. Its containers and their logs go, then
  // the pod itself. A pod that ended by itself keeps them until then.
  const quiet = running.length === 0 && state.steps.size === 0;
  if (!quiet) return;
  if (!isLeaving(state)) planRemovalOfVolumes(draft);
  else if (state.gone || isReported(state, views)) planDisposal(draft);
}

/** What is on its volumes goes at once: others may need the room, and nobody can get at it any more. */
function planRemovalOfVolumes(draft: Draft): void {
  if (draft.state.volumes !== "removed") draft.add({ kind: "remove-volumes", key: "volumes" });
}

const STARTING: ReadonlySet<Step["kind"]> = new Set(["set-up-volumes", "create-sandbox", "start-container"]);

/** How each container ended is in the API, so that removing the container loses nothing. */
function isReported({ node }: PodState, views: readonly ContainerView[]): boolean {
  return views.every((view) => {
    const { newest, reported } = view;
    if (isUnstarted(view)) return true;
    const id = newest && `${node.runtimeName}://${newest.id}`;
    return !id || reported?.state.terminated?.containerID === id;
  });
}

function planDisposal(draft: Draft): void {
  const { sandboxes = [], containers = [] } = draft.state.runtime ?? {};
  for (const { id } of sandboxes) draft.add({ kind: "remove-sandbox", key: `remove/${id}`, id });
  if (sandboxes.length > 0) return;
  for (const { id } of containers) draft.add({ kind: "remove-container", key: `remove/${id}`, id });
  if (containers.length === 0) draft.add({ kind: "finish", key: "finish" });
}

const isLeaving = ({ pod, gone }: PodState) => gone || pod.metadata.deletionTimestamp !== undefined;
const stopping = (name: string) => `Stopping container ${name}`;

interface Running {
  readonly running: RuntimeContainer;
  /** Undefined for a container that the spec does not name. */
  readonly view: ContainerView | undefined;
}

/** In the order of the spec, unknown ones first. */
function runningContainers(state: PodState, views: readonly ContainerView[]): Running[] {
  return (state.runtime?.containers ?? [])
    .filter(({ name, state: is }) => is === "running" || (is === "created" && state.steps.has(`container/${name}`)))
    .map((running) => ({ running, view: views.find(({ container }) => container.name === running.name) }))
    .sort((left, right) => views.indexOf(left.view as ContainerView) - views.indexOf(right.view as ContainerView));
}

function endGraceSeconds(state: PodState, { view }: Running): number {
  const { deletionGracePeriodSeconds, deletionTimestamp } = state.pod.metadata;
  const ownSeconds = deletionGracePeriodSeconds ?? specGraceSeconds(state);
  const graceSeconds = Math.max(1, Math.min(ownSeconds, state.eviction?.graceSeconds ?? ownSeconds));
  if (view?.role !== "sidecar" || !deletionTimestamp) return graceSeconds;
  const leftSeconds = Math.ceil((Date.parse(deletionTimestamp) - state.nowMs) / 1000);
  return Math.min(graceSeconds, Math.max(SIDECAR_GRACE_SECONDS_MIN, leftSeconds));
}

type StopManner = Pick<StopStep, "graceSeconds" | "restart" | "message">;

function planStop(draft: Draft, { running, view }: Running, how: StopManner): void {
  const key = `container/${running.name}` as const;
  const current = draft.state.steps.get(key);
  // A shorter grace period than the one in progress, as after `kubectl delete --force`, replaces it.
  const superseded = current?.kind === "stop-container" && current.graceSeconds > how.graceSeconds;
  if (superseded || current?.kind === "start-container") draft.cancel(key);
  else
    draft.add({
      kind: "stop-container",
      key,
      running,
      container: view?.container,
      role: view?.role ?? "main",
      ...how,
    });
}

function planRun(draft: Draft, views: readonly ContainerView[]): void {
  const { state } = draft;
  const deadlineMs = deadlineInMs(state);
  draft.wake(deadlineMs);
  // Others may have left meanwhile.
  if (state.resizeObstacle?.reason === "Deferred") draft.wake(DEFERRED_MS);
  planRemovals(draft);
  // Case 2a: containers whose sandbox has died have lost their network. They stop before a new sandbox is made.
  const stranded = runningContainers(state, views).filter(
    ({ running }) => running.sandboxId !== liveSandbox(state)?.id,
  );
  for (const each of stranded) {
    planStop(draft, each, { graceSeconds: specGraceSeconds(state), message: stopping(each.running.name) });
  }
  // Case 2b: the volumes and the sandbox are made at the same time; containers need both.
  if (state.volumes !== "current") draft.add({ kind: "set-up-volumes", key: "volumes" });
  const sandbox = liveSandbox(state);
  if (!sandbox && stranded.length === 0) {
    draft.add({ kind: "create-sandbox", key: "sandbox", attempt: (state.runtime?.sandboxes[0]?.attempt ?? -1) + 1 });
  }
  if (sandbox && hasVolumes(state)) planContainers(draft, views);
}

const hasVolumes = ({ volumes }: PodState) => volumes === "current" || volumes === "stale";

function planContainers(draft: Draft, views: readonly ContainerView[]): void {
  // Case 2c: init containers run one after the other, sidecars among them stay; then the main containers start.
  if (planInit(draft, views)) for (const view of mainViews(views)) planContainer(draft, view);
  // Containers for debugging wait for nothing: what they are to find out may be why the pod does not start.
  for (const view of views) if (view.role === "ephemeral") planContainer(draft, view);
}

const mainViews = (views: readonly ContainerView[]) => views.filter(({ role }) => role === "main");
const initViews = (views: readonly ContainerView[]) =>
  views.filter(({ role }) => role === "init" || role === "sidecar");

function specGraceSeconds({ pod }: PodState): number {
  return pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
}

/** True once the main containers may start. Sidecars are kept running whether they may or not. */
function planInit(draft: Draft, views: readonly ContainerView[]): boolean {
  const inits = initViews(views);
  const initialized = mainViews(views).some(({ inSandbox }) => inSandbox);
  for (const view of inits) {
    const done = view.role === "sidecar" ? hasStarted(view) : view.inSandbox && hasEndedWell(view);
    if (view.role === "sidecar" || (!initialized && !done)) planContainer(draft, view);
    if (!initialized && !done) return false;
  }
  return true;
}

function planContainer(draft: Draft, view: ContainerView): void {
  if (view.step) return;
  if (isRunning(view)) planRunning(draft, view);
  else if (mayStart(view, draft.state.pod.spec.restartPolicy)) planStart(draft, view);
}

/** Case 2d: a running container is stopped when a probe says so or its image was changed; that it ends restarts it. */
function planRunning(draft: Draft, view: ContainerView): void {
  const { container, newest, verdicts } = view;
  if (!newest) return;
  const failed = (["startup", "liveness"] as const).find((kind) => verdicts[kind] === false);
  const probe = failed && container[`${failed}Probe`];
  const graceSeconds = probe?.terminationGracePeriodSeconds ?? specGraceSeconds(draft.state);
  const stop = (why: string) => planStop(draft, { running: newest, view }, { graceSeconds, message: why });
  const restart = (why: string) =>
    planStop(draft, { running: newest, view }, { graceSeconds, restart: true, message: why });
  const { name } = container;
  // Only a probe leaves it to the pod's policy; what was asked for anew has to start anew.
  if (failed && view.role !== "sidecar" && draft.state.pod.spec.restartPolicy === "Never") {
    stop(`Container ${name} failed ${failed} probe`);
  } else if (failed) restart(`Container ${name} failed ${failed} probe, will be restarted`);
  else if (newest.image !== container.image) restart(`Container ${name} definition changed, will be restarted`);
  else if (!draft.state.resizeObstacle) planResize(draft, view, restart);
}

/** A container gets what its pod asks for while it runs, unless its resizePolicy says that it has to start anew. */
function planResize(draft: Draft, { container, newest, key }: ContainerView, restart: (why: string) => void): void {
  const changes = newest ? pendingChanges(draft.state.pod, container, newest) : [];
  if (!newest || changes.length === 0) return;
  if (needsRestart(container, changes)) restart(`Container ${container.name} resize requires restart`);
  else draft.add({ kind: "resize-container", key, id: newest.id, container });
}

/** Case 2e: a container that has not run yet, or is to run again, starts when its back-off is over. */
function planStart(draft: Draft, view: ContainerView): void {
  const { state } = draft;
  const { newest, role, key } = view;
  // Containers start in the order of the spec: the next one once the postStart hook of the one before has ended.
  if ([...state.steps.values(), ...draft.steps].some(({ kind }) => kind === "start-container")) return;
  const delayMs = newest ? remainingDelayMs(newest, state.nowMs) : 0;
  const sandbox = liveSandbox(state);
  if (delayMs > 0) draft.wake(delayMs);
  else if (sandbox) {
    draft.add({
      kind: "start-container",
      key,
      sandboxId: sandbox.id,
      container: withGrantedResources(state, view),
      role,
      attempt: nextAttempt(view),
      restartDelayMs: nextRestartDelayMs(newest),
    });
  }
}

/** A container that starts anew gets no more than its pod has been given. */
function withGrantedResources({ resizeObstacle }: PodState, { container, reported }: ContainerView): Container {
  return resizeObstacle && reported?.resources ? { ...container, resources: reported.resources } : container;
}

/** Case 2f: older attempts of a container, and dead sandboxes of which no container is kept, are removed. */
function planRemovals(draft: Draft): void {
  const { containers = [], sandboxes = [] } = draft.state.runtime ?? {};
  const age = ({ name }: RuntimeContainer, position: number) =>
    containers.slice(0, position).filter((newer) => newer.name === name).length;
  const isKept = (container: RuntimeContainer, position: number) =>
    container.state === "running" || age(container, position) < KEPT_ATTEMPTS;
  const kept = containers.filter(isKept);
  for (const { id } of containers.filter((container) => !kept.includes(container))) {
    draft.add({ kind: "remove-container", key: `remove/${id}`, id });
  }
  const live = liveSandbox(draft.state);
  const inUse = new Set([live?.id, ...kept.map(({ sandboxId }) => sandboxId)]);
  for (const { id } of live ? sandboxes.filter((sandbox) => !inUse.has(sandbox.id)) : []) {
    draft.add({ kind: "remove-sandbox", key: `remove/${id}`, id });
  }
}
