// Whether a node that is short of something takes a pod that is new to it. Pure.

import { qosClassOf } from "../../api/core/pod-resources.ts";
import type { Pod } from "../../api/core/pod.ts";
import { toleratesAny } from "../../api/core/taints.ts";
import { isCritical } from "./critical-pod.ts";
import { IMMEDIATE_GRACE_SECONDS, type Eviction } from "./eviction.ts";
import type { PressureCondition } from "./thresholds.ts";

const MEMORY_TAINT = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" } as const;

/** Undefined: it may run. Short of memory, a node still takes what has asked for its share of it. */
export function refusePod(pod: Pod, conditions: readonly PressureCondition[]): Eviction | undefined {
  if (conditions.length === 0 || isCritical(pod)) return undefined;
  const memoryOnly = conditions.every((each) => each === "MemoryPressure");
  const bears = qosClassOf(pod) !== "BestEffort" || toleratesAny(pod.spec.tolerations, MEMORY_TAINT);
  if (memoryOnly && bears) return undefined;
  const message = `The node had condition: [${conditions.join(" ")}]. `;
  return {
    message: `Pod was rejected: ${message}`,
    event: message,
    graceSeconds: IMMEDIATE_GRACE_SECONDS,
    isDisruption: false,
  };
}
