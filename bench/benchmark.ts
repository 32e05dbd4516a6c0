// What a benchmark is: it measures figures and judges nothing. Targets are printed beside the figures; no figure fails a run.

/** One figure, measured once per run. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  /** One value per run, in the order of the runs. */
  readonly values: readonly number[];
  /** What the project wants of it; absent where a figure only explains another. */
  readonly target?: Target;
}

export interface Target {
  readonly value: number;
  readonly better: "lower" | "higher";
}

export const atMost = (value: number): Target => ({ value, better: "lower" });
export const atLeast = (value: number): Target => ({ value, better: "higher" });

export interface BenchmarkOptions {
  /** How often each figure is measured. */
  readonly runs: number;
  /** The program to start and stop clusters with, and its first arguments. */
  readonly kctl: readonly string[];
  /** kload's program; benchmarks of the API use their own load generator unless given. */
  readonly kload?: string;
  /** The port of the clusters, one after the other. */
  readonly port: number;
  /** A line about what is being done. */
  progress(line: string): void;
}

export interface Benchmark {
  /** As in `npm run bench -- NAME`. */
  readonly name: string;
  /** Rejects when something could not be measured; the other benchmarks go on. Leaves nothing behind on the machine. */
  run(options: BenchmarkOptions): Promise<readonly Figure[]>;
}
