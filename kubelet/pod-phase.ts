// The phase of a pod, by the rules of Kubernetes' kubelet: a summary of its containers' states. Pure.

import type { ContainerStatus, PodStatus } from "../api/core/pod-status.ts";
import { isSidecar } from "../api/core/pod-state.ts";
import type { PodSpec } from "../api/core/pod.ts";
import type { PodState } from "./pod-state.ts";

export type Phase = NonNullable<PodStatus["phase"]>;

export const isTerminalPhase = (phase: string | undefined): boolean => phase === "Succeeded" || phase === "Failed";

/** Until activeDeadlineSeconds are over; undefined without such a deadline. */
export function deadlineInMs({ pod, nowMs }: Pick<PodState, "pod" | "nowMs">): number | undefined {
  const { activeDeadlineSeconds } = pod.spec;
  const { startTime } = pod.status;
  if (activeDeadlineSeconds === undefined || startTime === undefined) return undefined;
  return Date.parse(startTime) + activeDeadlineSeconds * 1000 - nowMs;
}

export interface Statuses {
  readonly init: readonly ContainerStatus[];
  readonly main: readonly ContainerStatus[];
}

/** `ended`: the pod will not run again, whatever its restart policy says. */
export function buildPhase({ spec }: PodState["pod"], { init, main }: Statuses, ended: boolean): Phase {
  const regular = init.filter(({ name }) => !isSidecarName(spec, name));
  if (spec.restartPolicy === "Never" && regular.some(hasFailed)) return "Failed";
  if (main.some((status) => status.state.waiting && !hasRun(status))) return "Pending";
  if (main.some(({ state }) => state.running)) return "Running";
  // Every main container has run, and none is running now.
  const always = (spec.restartPolicy ?? "Always") === "Always";
  if (always && !ended) return "Running";
  if (main.every(({ state }) => state.terminated?.exitCode === 0)) return "Succeeded";
  return ended || spec.restartPolicy === "Never" ? "Failed" : "Running";
}

export const isSidecarName = (spec: PodSpec, name: string): boolean =>
  spec.initContainers?.some((each) => each.name === name && isSidecar(each)) ?? false;

const hasFailed = ({ state, lastState }: ContainerStatus): boolean => {
  const end = state.waiting ? lastState.terminated : state.terminated;
  return end !== undefined && end.exitCode !== 0;
};

const hasRun = ({ state, lastState }: ContainerStatus): boolean =>
  state.terminated !== undefined || lastState.terminated !== undefined;
