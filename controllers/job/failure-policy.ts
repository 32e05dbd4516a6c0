// What the failure of a pod means for its job: podFailurePolicy, and backoffLimitPerIndex with the counts of failures that
// pods of one index hand on from one to the next in annotations. Pure.

import type { Job, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from "../../api/batch/job.ts";
import type { ContainerStatus } from "../../api/core/pod-status.ts";
import type { Pod } from "../../api/core/pod.ts";
import { hasFailed } from "./pod-facts.ts";

const FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count";
const IGNORED_FAILURE_COUNT = "batch.kubernetes.io/job-index-ignored-failure-count";

export interface FailureMeaning {
  readonly action: PodFailurePolicyRule["action"];
  /** Why the whole job fails; only of the action FailJob. */
  readonly message?: string;
  /** A rule of the policy applies. */
  readonly isByRule: boolean;
}

/** The meaning by the first rule that applies; without one, a failure counts. */
export function meaningOf(pod: Pod, { spec }: Job): FailureMeaning {
  const { rules = [] } = spec.podFailurePolicy ?? {};
  for (const [index, rule] of rules.entries()) {
    const cause = causeFor(pod, rule);
    if (!cause) continue;
    if (rule.action !== "FailJob") return { action: rule.action, isByRule: true };
    return { action: "FailJob", message: `${cause} matching FailJob rule at index ${index}`, isByRule: true };
  }
  return { action: "Count", isByRule: false };
}

function causeFor(pod: Pod, { onExitCodes, onPodConditions = [] }: PodFailurePolicyRule): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (onExitCodes) {
    const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
    const found = [...containerStatuses, ...initContainerStatuses].find((each) => matchesExitCode(each, onExitCodes));
    return found && `Container ${found.name} for pod ${name} failed with exit code ${exitCodeOf(found)}`;
  }
  const condition = pod.status.conditions?.find(({ type, status }) =>
    onPodConditions.some((pattern) => pattern.type === type && pattern.status === status),
  );
  return condition && `Pod ${name} has condition ${condition.type}`;
}

const exitCodeOf = ({ state }: ContainerStatus): number | undefined => state?.terminated?.exitCode;

function matchesExitCode(status: ContainerStatus, wanted: PodFailurePolicyOnExitCodesRequirement): boolean {
  const code = exitCodeOf(status);
  if (!code || (wanted.containerName !== undefined && wanted.containerName !== status.name)) return false;
  return wanted.values.includes(code) === (wanted.operator === "In");
}

/** Whether no pod of this one's index is to be made again. */
export function givesUpIndex(pod: Pod, job: Job): boolean {
  if (!hasFailed(pod, job)) return false;
  const { action } = meaningOf(pod, job);
  if (action === "FailIndex") return true;
  return action !== "Ignore" && countOf(pod, FAILURE_COUNT) >= (job.spec.backoffLimitPerIndex ?? Infinity);
}

function countOf({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? "";
  return /^\d{1,10}$/.test(text) ? Number(text) : 0;
}

/** The failures of the pod's index before this pod, ignored ones included: they make the wait longer. */
export const failuresBefore = (pod: Pod): number => countOf(pod, FAILURE_COUNT) + countOf(pod, IGNORED_FAILURE_COUNT);

/** What a pod that stands in for a failed one tells about its index. `failed`: undefined for the first pod. */
export function failureAnnotations(failed: Pod | undefined, job: Job): Readonly<Record<string, string>> {
  if (!failed) return { [FAILURE_COUNT]: "0" };
  const isIgnored = meaningOf(failed, job).action === "Ignore";
  const counted = countOf(failed, FAILURE_COUNT) + (isIgnored ? 0 : 1);
  const ignored = countOf(failed, IGNORED_FAILURE_COUNT) + (isIgnored ? 1 : 0);
  return { [FAILURE_COUNT]: `${counted}`, ...(ignored > 0 && { [IGNORED_FAILURE_COUNT]: `${ignored}` }) };
}
