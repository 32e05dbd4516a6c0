// All tests of PodSpec on real Docker, by topic.

import { networkCases } from "./network-cases.ts";
import type { PodCase, RefusedCase } from "./pod-case.ts";
import { processCases } from "./process-cases.ts";

export const allCases: readonly (readonly [topic: string, cases: readonly PodCase[]])[] = [
  ["process", processCases],
  ["network", networkCases],
];

export const refusedCases: readonly RefusedCase[] = [];
