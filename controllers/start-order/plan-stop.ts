// When something that others start after may stop. Pure.

/** Whoever deletes a whole application sends one request after the other: dependents may follow for so long. */
export const FOLLOW_MS = 5_000;

export interface StopFacts {
  /** Its pods are not to be stopped at all. */
  readonly isOrphaning: boolean;
  /** How long ago its deletion was seen. */
  readonly deletedMs: number;
  /** Dependents that are on their way out. */
  readonly leaving: number;
  /** Dependents of which nobody has asked to stop. */
  readonly staying: number;
}

/** `wait` without a time: until a dependent changes. */
export type StopPlan =
  { readonly action: "wait"; readonly afterMs?: number } | { readonly action: "stop"; readonly leavesBehind: boolean };

export function planStop({ isOrphaning, deletedMs, leaving, staying }: StopFacts): StopPlan {
  if (isOrphaning || leaving + staying === 0) return { action: "stop", leavesBehind: false };
  const afterMs = FOLLOW_MS - deletedMs;
  if (staying > 0 && afterMs > 0) return { action: "wait", afterMs };
  return leaving > 0 ? { action: "wait" } : { action: "stop", leavesBehind: true };
}
