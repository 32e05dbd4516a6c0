// The conditions of an autoscaler and its status. Pure.

import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
} from "../../api/autoscaling/horizontal-pod-autoscaler.ts";
import type { MetricStatus } from "../../api/autoscaling/metric-status.ts";
import { setCondition } from "../../api/meta/condition-list.ts";
import { formatTime } from "../../lib/clock.ts";

export interface Statement {
  readonly type: "AbleToScale" | "ScalingActive" | "ScalingLimited";
  readonly holds: boolean;
  readonly reason: string;
  readonly message: string;
}

/** What one look at an autoscaler has led to. */
export interface Outcome {
  readonly statements: readonly Statement[];
  /** Absent where the target could not be read: then they stay as they were. */
  readonly replicas?: { readonly current: number; readonly desired?: number };
  /** Absent: as they were. */
  readonly metrics?: readonly MetricStatus[];
  readonly hasScaled?: boolean;
}

export function planStatus(
  { status }: HorizontalPodAutoscaler,
  outcome: Outcome,
  nowMs: number,
): HorizontalPodAutoscalerStatus {
  const { statements, replicas, metrics, hasScaled } = outcome;
  const conditions = statements.reduce<readonly HorizontalPodAutoscalerCondition[]>(
    (list, { type, holds, reason, message }) =>
      setCondition(list, {
        type,
        status: holds ? "True" : "False",
        lastTransitionTime: formatTime(nowMs),
        reason,
        message,
      }),
    status.conditions ?? [],
  );
  return {
    ...status,
    desiredReplicas: replicas?.desired ?? status.desiredReplicas ?? 0,
    ...(replicas && { currentReplicas: replicas.current }),
    ...(metrics && { currentMetrics: metrics }),
    ...(hasScaled && { lastScaleTime: formatTime(nowMs) }),
    conditions,
  };
}
