// Which pods may be pushed out for which, and which of them first.

import { bandOf, isPromised } from "../../api/kctl-scheduling/bands.ts";
import type { PodInfo } from "../pod-info.ts";

/** Pods of lower priority, as in Kubernetes; but what runs in production never makes room for what else runs there. */
export const mayPreempt = (preemptor: PodInfo, victim: PodInfo): boolean =>
  victim.priority < preemptor.priority && !(isProduction(preemptor) && isProduction(victim));

const isProduction = ({ pod }: PodInfo) => isPromised(bandOf(pod));

/** Negative if `a` is to be kept rather than `b`: higher priorities first, then who has been running for longer. */
export function compareImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.startedMs === b.startedMs ? 0 : a.startedMs - b.startedMs;
}
