// A trace that is small enough for tests, and decision times to go with it.

import { seededRandom } from "../../lib/random.ts";
import type { Times } from "./index.ts";
import { generateTrace, type TraceShape } from "./trace.ts";

const SHAPE: TraceShape = {
  nodes: 10,
  nodeCpuMillis: 16_000,
  nodeMemoryMi: 65_536,
  lengthMs: 160_000,
  batchEveryMs: 5000,
  serviceEveryMs: 40_000,
  residentShare: 0.1,
};
export const smallTrace = generateTrace(SHAPE, seededRandom(1));
export const timesFor = (serviceMs: number): Times => ({
  batch: { jobMs: 100, taskMs: 5 },
  service: { jobMs: serviceMs, taskMs: 50 },
});
/** A decision about a service takes as long as many batch jobs run. */
export const SLOW = timesFor(20_000);
