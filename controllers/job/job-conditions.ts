// Conditions of jobs. A job that ends says so twice: first that it is going to (SuccessCriteriaMet, FailureTarget), and when
// all its pods have ended that it has (Complete, Failed). Pure.

import type { Job, JobCondition } from "../../api/batch/job.ts";
import { findCondition, isConditionTrue } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";

export type Ending = "SuccessCriteriaMet" | "FailureTarget";

/** That a job ends, and why. */
export interface JobEnd {
  readonly type: Ending;
  readonly reason: string;
  readonly message: string;
}

export const isJobFinished = ({ status }: Job): boolean =>
  isConditionTrue(status.conditions, "Complete") || isConditionTrue(status.conditions, "Failed");

/** What was decided earlier stays decided. */
export function earlierEnd({ status }: Job): JobEnd | undefined {
  for (const type of ["SuccessCriteriaMet", "FailureTarget"] as const) {
    const found = findCondition(status.conditions, type);
    if (found?.status === "True") return { type, reason: found.reason ?? "", message: found.message ?? "" };
  }
  return undefined;
}

/** The condition that says that the end has come. */
export const finalCondition = (end: JobEnd): NewCondition => ({
  ...end,
  type: end.type === "SuccessCriteriaMet" ? "Complete" : "Failed",
  status: "True",
});

type NewCondition = Pick<JobCondition, "type" | "status"> & { readonly reason: string; readonly message: string };

/** A list that has the condition; the given one itself where it has it already. What never held is not denied. */
export function withJobCondition(
  conditions: readonly JobCondition[] | undefined,
  next: NewCondition,
  nowMs: number,
): readonly JobCondition[] {
  const list = conditions ?? [];
  const old = findCondition(list, next.type);
  if (!old && next.status === "False") return list;
  if (old && old.status === next.status && old.reason === next.reason && old.message === next.message) return list;
  const time = formatTime(nowMs);
  const { type, status, reason, message } = next;
  const condition = { type, status, lastProbeTime: time, lastTransitionTime: time, reason, message };
  return old ? list.map((each) => (each === old ? condition : each)) : [...list, condition];
}
