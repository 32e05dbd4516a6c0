// All tests of PodSpec on real Docker, by topic.

import { mountCases } from "./mount-cases.ts";
import { networkCases } from "./network-cases.ts";
import { debugCases } from "./debug-cases.ts";
import { identityCases } from "./identity-cases.ts";
import { lifeCycleCases } from "./life-cycle-cases.ts";
import type { PodCase } from "./pod-case.ts";
import { processCases } from "./process-cases.ts";
import { resourceCases } from "./resource-cases.ts";
import { securityCases } from "./security-cases.ts";

export const allCases: readonly (readonly [topic: string, cases: readonly PodCase[]])[] = [
  ["process", processCases],
  ["network", networkCases],
  ["security", securityCases],
  ["life cycle", lifeCycleCases],
  ["resources", resourceCases],
  ["mounts", mountCases],
  ["identity", identityCases],
  ["debugging", debugCases],
];
