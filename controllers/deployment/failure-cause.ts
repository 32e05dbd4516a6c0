// Why the pods of a ReplicaSet do not become available, in one line: what people would look up first. Pure.

import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import type { ContainerStatus } from "../../api/core/pod-status.ts";
import type { Pod } from "../../api/core/pod.ts";
import { findCondition } from "../../api/meta/condition-list.ts";

const LENGTH_MAX = 500;
/** Every container waits like this for a moment. */
const ORDINARY = new Set(["ContainerCreating", "PodInitializing"]);

export function failureCause(replicaSet: ReplicaSet | undefined, pods: readonly Pod[]): string {
  const refused = findCondition(replicaSet?.status.conditions, "ReplicaFailure");
  if (refused?.status === "True") return shorten(refused.message ?? refused.reason ?? "its pods are refused");
  const unready = pods.filter((pod) => !isPodReady(pod)).sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  for (const pod of unready) {
    const cause = causeOf(pod);
    if (cause) return shorten(`pod ${pod.metadata.name}: ${cause}`);
  }
  if (unready.length > 0) return `${unready.length} of its pods ${unready.length === 1 ? "is" : "are"} not ready`;
  return pods.length > 0 ? "its pods are ready, but not all of them are available" : "it has no pods";
}

function causeOf({ status, ...pod }: Pod): string | undefined {
  if (status.reason) return text(status.reason, status.message);
  const scheduled = podCondition({ status }, "PodScheduled");
  if (scheduled?.status === "False") return text(scheduled.reason, scheduled.message);
  const { initContainerStatuses = [], containerStatuses = [] } = status;
  const cause = [...initContainerStatuses, ...containerStatuses].map(containerCause).find((each) => each !== undefined);
  if (cause) return cause;
  return status.phase === "Running" && !pod.metadata.deletionTimestamp ? "it runs, but is not ready" : undefined;
}

function containerCause({ name, state, lastState }: ContainerStatus): string | undefined {
  const last = lastState?.terminated;
  const exit = last ? `, exit code ${last.exitCode}` : "";
  if (state?.waiting && !ORDINARY.has(state.waiting.reason ?? "")) {
    return `container ${name}: ${text(state.waiting.reason, state.waiting.message)}${exit}`;
  }
  const { terminated } = state ?? {};
  return terminated && terminated.exitCode !== 0
    ? `container ${name}: ${text(terminated.reason, terminated.message)}, exit code ${terminated.exitCode}`
    : undefined;
}

const text = (reason: string | undefined, message: string | undefined): string =>
  [reason, message].filter((each) => each).join(": ") || "no reason is known";

const shorten = (cause: string): string => (cause.length > LENGTH_MAX ? `${cause.slice(0, LENGTH_MAX)}…` : cause);
