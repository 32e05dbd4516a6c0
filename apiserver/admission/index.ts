// The admission steps, in the order in which they run.

import type { AdmissionStep } from "./admission-step.ts";
import { namespaceLifecycle } from "./namespace-lifecycle.ts";
import { defaultTolerationSeconds, priority } from "./pod-admission.ts";
import { taintNodesByCondition } from "./taint-nodes-by-condition.ts";

export const admissionSteps: readonly AdmissionStep[] = [
  namespaceLifecycle,
  taintNodesByCondition,
  priority,
  defaultTolerationSeconds,
];
