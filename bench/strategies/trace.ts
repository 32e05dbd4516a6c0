// A made-up day of a cluster, in the shapes that were published about Google's: most jobs are batch and short, most resources go to
// services that stay long, and sizes, lengths and the time between jobs have heavy tails (Omega, EuroSys 2013, section 2; Borg: the
// next generation, EuroSys 2020). Pure: the same shape and random numbers give the same trace.

import type { Random } from "../../lib/random.ts";

export type JobKind = "batch" | "service";

export interface Job {
  readonly name: string;
  readonly kind: JobKind;
  readonly submittedMs: number;
  readonly tasks: number;
  /** Of each task. */
  readonly cpuMillis: number;
  readonly memoryMi: number;
  /** How long each task runs once it has a node. */
  readonly runsMs: number;
}

export interface TraceShape {
  readonly nodes: number;
  readonly nodeCpuMillis: number;
  readonly nodeMemoryMi: number;
  readonly lengthMs: number;
  /** The mean time between two jobs. */
  readonly batchEveryMs: number;
  readonly serviceEveryMs: number;
  /** The part of the CPU that services have when the trace begins. */
  readonly residentShare: number;
}

export interface Trace {
  readonly shape: TraceShape;
  /** Services that run already. */
  readonly residents: readonly Job[];
  /** In the order in which they are submitted. */
  readonly jobs: readonly Job[];
}

/** An hour of a small cell, about three quarters full. */
export const HOUR: TraceShape = {
  nodes: 40,
  nodeCpuMillis: 16_000,
  nodeMemoryMi: 65_536,
  lengthMs: 3_600_000,
  batchEveryMs: 2000,
  serviceEveryMs: 50_000,
  residentShare: 0.6,
};

const MINUTE_MS = 60_000;
const PAUSE_SHAPE = 0.7;
/** Of that Weibull distribution at scale 1: the gamma function at 1 + 1/0.7. */
const PAUSE_MEAN = 1.2658;

export function generateTrace(shape: TraceShape, random: Random): Trace {
  const draw = new Draws(random);
  const jobs: Job[] = [];
  for (const kind of ["batch", "service"] as const) {
    const everyMs = kind === "batch" ? shape.batchEveryMs : shape.serviceEveryMs;
    let atMs = draw.pause(everyMs);
    for (let count = 0; atMs < shape.lengthMs; count++) {
      jobs.push(draw.job(kind, { name: `${kind}-${count}`, submittedMs: atMs }));
      atMs += draw.pause(everyMs);
    }
  }
  jobs.sort((a, b) => a.submittedMs - b.submittedMs);
  return { shape, residents: residentsOf(shape, draw), jobs };
}

function residentsOf({ nodes, nodeCpuMillis, residentShare }: TraceShape, draw: Draws): readonly Job[] {
  const residents: Job[] = [];
  let left = nodes * nodeCpuMillis * residentShare;
  for (let count = 0; left > 0; count++) {
    const job = draw.job("service", { name: `resident-${count}`, submittedMs: 0 });
    // A part of the life of each is over.
    residents.push({ ...job, runsMs: job.runsMs * draw.part() });
    left -= job.tasks * job.cpuMillis;
  }
  return residents;
}

class Draws {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** In (0, 1]. */
  part(): number {
    return 1 - this.#random.float();
  }

  /** Weibull with a shape below 1: many short times, and some long ones. */
  pause(meanMs: number): number {
    return (meanMs / PAUSE_MEAN) * (-Math.log(this.part())) ** (1 / PAUSE_SHAPE);
  }

  job(kind: JobKind, { name, submittedMs }: Pick<Job, "name" | "submittedMs">): Job {
    const isBatch = kind === "batch";
    const cpuMillis = Math.round(isBatch ? this.#pareto(1.5, 500, 4000) : this.#pareto(1.3, 500, 4000));
    return {
      name,
      kind,
      submittedMs,
      tasks: Math.round(isBatch ? this.#pareto(1.1, 1, 40) : this.#pareto(1.3, 1, 15)),
      cpuMillis,
      memoryMi: Math.round(cpuMillis * (isBatch ? 1.5 : 2.5)),
      runsMs: isBatch ? this.#logNormal(MINUTE_MS, 1.1) : this.#pareto(0.8, 15 * MINUTE_MS, 1440 * MINUTE_MS),
    };
  }

  /** Bounded: the smaller `alpha`, the heavier the tail. */
  #pareto(alpha: number, min: number, max: number): number {
    const ratio = (min / max) ** alpha;
    return min / (1 - this.#random.float() * (1 - ratio)) ** (1 / alpha);
  }

  #logNormal(median: number, sigma: number): number {
    const normal = Math.sqrt(-2 * Math.log(this.part())) * Math.cos(2 * Math.PI * this.#random.float());
    return median * Math.exp(sigma * normal);
  }
}
