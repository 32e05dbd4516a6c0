// The benchmarks. Adding one is a file of its own and a line here.

import { api } from "./api.ts";
import type { Benchmark } from "./benchmark.ts";
import { idle } from "./idle.ts";
import { podStart } from "./pod-start.ts";
import { rollingUpdate } from "./rolling-update.ts";
import { startUp } from "./start-up.ts";

export const benchmarks: readonly Benchmark[] = [startUp, podStart, rollingUpdate, idle, api];
