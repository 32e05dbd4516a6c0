// The benchmarks. Adding one is a file of its own and a line here.

import { api } from "./api.ts";
import type { Benchmark } from "./benchmark.ts";
import { decisions } from "./decisions.ts";
import { dns } from "./dns.ts";
import { idle } from "./idle.ts";
import { node } from "./node.ts";
import { podStart } from "./pod-start.ts";
import { preemption } from "./preemption.ts";
import { rollingUpdate } from "./rolling-update.ts";
import { scheduler } from "./scheduler.ts";
import { startUp } from "./start-up.ts";
import { workloads } from "./workloads.ts";

export const benchmarks: readonly Benchmark[] = [
  startUp,
  podStart,
  node,
  rollingUpdate,
  idle,
  api,
  decisions,
  scheduler,
  preemption,
  workloads,
  dns,
];
