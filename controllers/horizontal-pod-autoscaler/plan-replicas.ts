// How many replicas an autoscaler sets, given how many its metrics ask for: between its limits, no faster than it may, and not
// up and down with every wave. Pure; what it has to remember is passed in and comes back.

import type { HPAScalingRules } from "../../api/autoscaling/horizontal-pod-autoscaler.ts";

export interface Recommendation {
  readonly replicas: number;
  readonly atMs: number;
}

/** Replicas that were added (above 0) or taken away at some time. */
export interface ScaleEvent {
  readonly change: number;
  readonly atMs: number;
}

/** What is remembered of an autoscaler; only in memory, as in Kubernetes. */
export interface Memory {
  readonly recommendations: readonly Recommendation[];
  readonly events: readonly ScaleEvent[];
}

export interface Behavior {
  readonly scaleUp?: HPAScalingRules;
  readonly scaleDown?: HPAScalingRules;
}

export interface PlanInput {
  readonly currentReplicas: number;
  /** What the metrics ask for. */
  readonly proposed: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly behavior: Behavior | undefined;
  readonly memory: Memory;
  readonly nowMs: number;
}

export interface Reason {
  readonly reason: string;
  readonly message: string;
}

export interface ReplicaPlan {
  readonly replicas: number;
  /** Of the condition AbleToScale, which is True. */
  readonly ableToScale: Reason;
  /** Of the condition ScalingLimited. */
  readonly limited: Reason & { readonly isLimited: boolean };
  readonly recommendations: readonly Recommendation[];
}

const STABILIZATION_DOWN_SECONDS = 300;
/** No policy and no window looks back further. */
const MEMORY_MS = 3600_000;

const READY: Reason = { reason: "ReadyForNewScale", message: "recommended size matches current size" };
const STABILIZED_UP: Reason = {
  reason: "ScaleUpStabilized",
  message: "recent recommendations were lower than current one, applying the lowest recent recommendation",
};
const STABILIZED_DOWN: Reason = {
  reason: "ScaleDownStabilized",
  message: "recent recommendations were higher than current one, applying the highest recent recommendation",
};
const WITHIN: Reason = {
  reason: "DesiredWithinRange",
  message: "the desired count is within the acceptable range",
};
const TOO_FAST_UP: Reason = {
  reason: "ScaleUpLimit",
  message: "the desired replica count is increasing faster than the maximum scale rate",
};
const TOO_FAST_DOWN: Reason = {
  reason: "ScaleDownLimit",
  message: "the desired replica count is decreasing faster than the maximum scale rate",
};
const TOO_MANY: Reason = {
  reason: "TooManyReplicas",
  message: "the desired replica count is more than the maximum replica count",
};
const TOO_FEW: Reason = {
  reason: "TooFewReplicas",
  message: "the desired replica count is less than the minimum replica count",
};

export function planReplicas(input: PlanInput): ReplicaPlan {
  const { behavior, proposed, memory, nowMs } = input;
  const recent = memory.recommendations.filter(({ atMs }) => atMs > nowMs - MEMORY_MS);
  const stable = behavior
    ? stabilize(input, behavior)
    : Math.max(proposed, ...since(recent, nowMs, STABILIZATION_DOWN_SECONDS));
  const { replicas, why } = behavior
    ? limitByPolicies({ ...input, proposed: stable }, behavior)
    : limitByDefault({ ...input, proposed: stable });
  const isStabilizedUp = behavior !== undefined && proposed >= input.currentReplicas;
  return {
    replicas,
    ableToScale: stable === proposed ? READY : isStabilizedUp ? STABILIZED_UP : STABILIZED_DOWN,
    limited: { ...why, isLimited: replicas !== stable },
    recommendations: [...recent, { replicas: proposed, atMs: nowMs }],
  };
}

/** What was recommended in the last seconds. */
const since = (all: readonly Recommendation[], nowMs: number, seconds: number): number[] =>
  all.filter(({ atMs }) => atMs > nowMs - seconds * 1000).map(({ replicas }) => replicas);

/** Up to the lowest, down to the highest of what was wanted lately. */
function stabilize({ currentReplicas, proposed, memory, nowMs }: PlanInput, { scaleUp, scaleDown }: Behavior): number {
  const upSeconds = scaleUp?.stabilizationWindowSeconds ?? 0;
  const downSeconds = scaleDown?.stabilizationWindowSeconds ?? STABILIZATION_DOWN_SECONDS;
  const lowest = Math.min(proposed, ...since(memory.recommendations, nowMs, upSeconds));
  const highest = Math.max(proposed, ...since(memory.recommendations, nowMs, downSeconds));
  return Math.min(Math.max(currentReplicas, lowest), highest);
}

interface Limited {
  readonly replicas: number;
  readonly why: Reason;
}

/** Without a behavior, the replicas at most double at a time, or become four. */
function limitByDefault({ currentReplicas, proposed, minReplicas, maxReplicas }: PlanInput): Limited {
  const fastest = Math.max(2 * currentReplicas, 4);
  const most = Math.min(maxReplicas, fastest);
  if (proposed < minReplicas) return { replicas: minReplicas, why: TOO_FEW };
  if (proposed > most) return { replicas: most, why: maxReplicas > fastest ? TOO_FAST_UP : TOO_MANY };
  return { replicas: proposed, why: WITHIN };
}

function limitByPolicies(input: PlanInput, { scaleUp, scaleDown }: Behavior): Limited {
  const { currentReplicas, proposed, minReplicas, maxReplicas } = input;
  if (proposed > currentReplicas) {
    const fastest = Math.max(currentReplicas, fastestUp(input, scaleUp));
    const most = Math.min(maxReplicas, fastest);
    if (proposed > most) return { replicas: most, why: maxReplicas > fastest ? TOO_FAST_UP : TOO_MANY };
  }
  if (proposed < currentReplicas) {
    const fastest = Math.min(currentReplicas, fastestDown(input, scaleDown));
    const fewest = Math.max(minReplicas, fastest);
    if (proposed < fewest) return { replicas: fewest, why: minReplicas < fastest ? TOO_FAST_DOWN : TOO_FEW };
  }
  return { replicas: proposed, why: WITHIN };
}

const UP_RULES: HPAScalingRules = {
  selectPolicy: "Max",
  policies: [
    { type: "Pods", value: 4, periodSeconds: 15 },
    { type: "Percent", value: 100, periodSeconds: 15 },
  ],
};
const DOWN_RULES: HPAScalingRules = {
  selectPolicy: "Max",
  policies: [{ type: "Percent", value: 100, periodSeconds: 15 }],
};

function fastestUp(input: PlanInput, rules: HPAScalingRules = UP_RULES): number {
  if (rules.selectPolicy === "Disabled") return input.currentReplicas;
  const reach = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = replicasAt(input, periodSeconds);
    return type === "Pods" ? before + value : Math.ceil(before * (1 + value / 100));
  });
  return rules.selectPolicy === "Min" ? Math.min(...reach) : Math.max(...reach);
}

function fastestDown(input: PlanInput, rules: HPAScalingRules = DOWN_RULES): number {
  if (rules.selectPolicy === "Disabled") return input.currentReplicas;
  const reach = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = replicasAt(input, periodSeconds);
    return type === "Pods" ? before - value : Math.trunc(before * (1 - value / 100));
  });
  // The policy that allows least leaves most.
  return rules.selectPolicy === "Min" ? Math.max(...reach) : Math.min(...reach);
}

/** How many there were when the period began. */
function replicasAt({ currentReplicas, memory, nowMs }: PlanInput, periodSeconds: number): number {
  const changes = memory.events.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000);
  return currentReplicas - changes.reduce((sum, { change }) => sum + change, 0);
}

/** The events to remember after a change. */
export function rememberChange(events: readonly ScaleEvent[], change: number, nowMs: number): readonly ScaleEvent[] {
  return [...events.filter(({ atMs }) => atMs > nowMs - MEMORY_MS), { change, atMs: nowMs }];
}
