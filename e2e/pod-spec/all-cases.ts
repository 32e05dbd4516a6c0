// All tests of PodSpec on real Docker, by topic.

import { networkCases } from "./network-cases.ts";
import { lifeCycleCases } from "./life-cycle-cases.ts";
import type { PodCase, RefusedCase } from "./pod-case.ts";
import { processCases } from "./process-cases.ts";
import { securityCases } from "./security-cases.ts";

export const allCases: readonly (readonly [topic: string, cases: readonly PodCase[]])[] = [
  ["process", processCases],
  ["network", networkCases],
  ["security", securityCases],
  ["life cycle", lifeCycleCases],
];

export const refusedCases: readonly RefusedCase[] = [];
