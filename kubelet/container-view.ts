// One container of the spec beside everything known about it: what the decisions and the status are both made from. Pure.

import type { Container } from "../api/core/container.ts";
import type { ContainerStateTerminated, ContainerStatus } from "../api/core/pod-status.ts";
import { isSidecar } from "../api/core/pod-state.ts";
import type { ContainerRole, PodState, ProbeVerdicts, Step, StepFailure, StepKey } from "./pod-state.ts";
import type { RuntimeContainer, RuntimeSandbox } from "./runtimes/runtime.ts";

export interface ContainerView {
  readonly container: Container;
  readonly role: ContainerRole;
  readonly key: `container/${string}`;
  /** The newest attempt, whichever sandbox it was made in. */
  readonly newest: RuntimeContainer | undefined;
  /** The attempt before the newest. */
  readonly previous: RuntimeContainer | undefined;
  /** The newest attempt belongs to the sandbox that is running now. */
  readonly inSandbox: boolean;
  /** It was stopped in order to start anew. */
  readonly restarting: boolean;
  readonly step: Step | undefined;
  readonly failure: StepFailure | undefined;
  readonly verdicts: ProbeVerdicts;
  /** As last reported to the API, for what the runtime has forgotten. */
  readonly reported: ContainerStatus | undefined;
  /** How it ended, where the runtime has forgotten the container altogether. */
  readonly lost: ContainerStateTerminated | undefined;
}

/** The sandbox that containers can run in, if there is one. */
export const liveSandbox = (state: PodState): RuntimeSandbox | undefined =>
  state.runtime?.sandboxes.find((sandbox) => sandbox.running);

/** The pod's containers in the order in which they start: init containers and sidecars first, those for debugging last. */
export function viewContainers(state: PodState): readonly ContainerView[] {
  const { spec, status } = state.pod;
  const inits = spec.initContainers ?? [];
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const reported = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  const view = (container: Container, role: ContainerRole) =>
    viewContainer(state, { container, role, reported: reported.find(({ name }) => name === container.name) });
  return [
    ...inits.map((container) => view(container, isSidecar(container) ? "sidecar" : "init")),
    ...spec.containers.map((container) => view(container, "main")),
    ...(spec.ephemeralContainers ?? []).map((container) => view(container, "ephemeral")),
  ];
}

type Given = Pick<ContainerView, "container" | "role" | "reported">;

function viewContainer(state: PodState, given: Given): ContainerView {
  const { name } = given.container;
  const key: StepKey & `container/${string}` = `container/${name}`;
  const [newest, previous] = (state.runtime?.containers ?? []).filter((container) => container.name === name);
  return {
    ...given,
    key,
    newest,
    previous,
    lost: newest ? undefined : lostContainer(given.reported),
    inSandbox: newest !== undefined && newest.sandboxId === liveSandbox(state)?.id,
    restarting: newest !== undefined && (state.restarting?.has(newest.id) ?? false),
    step: state.steps.get(key),
    failure: state.failures.get(key),
    verdicts: (newest && state.probes.get(newest.id)) ?? {},
  };
}

export const isRunning = ({ newest }: ContainerView): boolean => newest?.state === "running";

export const hasEndedWell = ({ newest }: ContainerView): boolean => newest?.state === "exited" && newest.exitCode === 0;

export const hasExited = ({ newest }: ContainerView): boolean => newest?.state === "exited";

/** A kubelet made it, and was gone before it started it: it has not run, whatever else may be said of it. */
export const isUnstarted = ({ newest, step }: ContainerView): boolean => newest?.state === "created" && !step;

export const isStarting = ({ step }: ContainerView): boolean => step?.kind === "start-container";

/** Running, past its postStart hook, and past its startup probe. */
export function hasStarted(view: ContainerView): boolean {
  const { container, verdicts } = view;
  if (!isRunning(view) || isStarting(view)) return false;
  return container.startupProbe === undefined || verdicts.startup === true;
}

/** Whether the container is to be started (again), some time, by its restart policy. Not asked of running containers. */
export function mayStart(view: ContainerView, restartPolicy: string | undefined): boolean {
  if (isUnstarted(view)) return true;
  const exitCode = lastExitCode(view);
  if (view.role === "sidecar" || view.restarting || exitCode === undefined) return true;
  if (view.role === "ephemeral") return false;
  if (view.role === "init" && exitCode === 0) return !view.inSandbox;
  return restartPolicy !== "Never" && (restartPolicy !== "OnFailure" || exitCode !== 0);
}

/** Undefined: it has never ended, as far as is known. */
function lastExitCode({ newest, lost }: ContainerView): number | undefined {
  return newest ? (newest.exitCode ?? 0) : lost?.exitCode;
}

/** A container that had been made, as the API's status tells, and that the runtime does not have any more. */
function lostContainer(reported: ContainerStatus | undefined): ContainerStateTerminated | undefined {
  if (!reported?.containerID) return undefined;
  return (
    reported.state.terminated ?? {
      exitCode: 137,
      reason: "ContainerStatusUnknown",
      message: "The container could not be located when the pod was terminated",
      containerID: reported.containerID,
    }
  );
}

/** The number of the next attempt. The runtime may have lost containers that the API's status still knows of. */
export function nextAttempt(view: ContainerView): number {
  const { newest, reported, inSandbox } = view;
  // One that has not been started is found under its number, and started.
  if (newest && inSandbox && isUnstarted(view)) return newest.attempt;
  const known = reported?.containerID ? reported.restartCount + 1 : 0;
  return Math.max(newest ? newest.attempt + 1 : 0, known);
}
