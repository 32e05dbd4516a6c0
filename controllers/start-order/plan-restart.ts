// When a pod is to be restarted because what it started after has been. Pure. No clocks are compared: a pod's mark says that it
// has been ready without a break, as long as it stays the same.

import { isPodReady, podCondition } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";

/** Marks that are kept of one dependency: those of the pods that have been ready for longest. */
const MARKS_MAX = 10;

/** By dependency: the marks of its pods when the pod was let go. */
export type StartedWith = Readonly<Record<string, readonly string[]>>;

/** Changes with each break of the pod's readiness; undefined while it is not ready, or about to go. */
export function readyMark(pod: Pod): string | undefined {
  if (!isPodReady(pod) || pod.metadata.deletionTimestamp) return undefined;
  return `${pod.metadata.uid}@${podCondition(pod, "Ready")?.lastTransitionTime ?? ""}`;
}

export function readyMarks(pods: readonly Pod[]): readonly string[] {
  const since = (mark: string) => mark.slice(mark.indexOf("@"));
  const marks = pods.map(readyMark).filter((mark) => mark !== undefined);
  return marks.sort((a, b) => (since(a) + a < since(b) + b ? -1 : 1));
}

export const formatStartedWith = (marks: Readonly<Record<string, readonly string[]>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(marks).map(([name, each]) => [name, each.slice(0, MARKS_MAX)])));

/** What cannot be read names nothing. */
export function parseStartedWith(text: string): StartedWith {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    const isList = (each: unknown) => Array.isArray(each) && each.every((mark) => typeof mark === "string");
    return Object.fromEntries(Object.entries(value).filter(([, each]) => isList(each)));
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** None of the pods that were ready then has stayed so, and others are. */
export const isRestarted = (then: readonly string[], now: readonly string[]): boolean =>
  then.length > 0 && now.length > 0 && !now.some((mark) => then.includes(mark));
