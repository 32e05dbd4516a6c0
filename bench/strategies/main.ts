// `npm run bench:strategies [-- OPTIONS]`: all scheduling strategies at work on one trace, in simulated time, on the production
// scheduler and API server. Prints a table, and draws how long batch jobs wait the slower the decisions about services are.

import { writeFile } from "node:fs/promises";
import { Command, InvalidArgumentError } from "commander";
import { errorMessage } from "../../lib/error-message.ts";
import { seededRandom } from "../../lib/random.ts";
import { runAblation } from "./ablation.ts";
import {
  multiPath,
  offers,
  partition,
  sharedState,
  singlePath,
  strategies,
  type Strategy,
  type Times,
} from "./index.ts";
import { plotSweeps, renderStrategies, type StrategyResult, type Sweep } from "./report.ts";
import { runStrategy } from "./run-strategy.ts";
import { generateTrace, HOUR, type Trace } from "./trace.ts";

interface Flags {
  readonly seed: number;
  readonly minutes: number;
  readonly serviceSeconds: number;
  readonly plot: string;
  readonly ablation?: boolean;
}

function readAmount(text: string): number {
  const amount = Number(text);
  if (!(amount > 0 && amount < 1e6)) throw new InvalidArgumentError("It should be a number above 0.");
  return amount;
}

function readSeed(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It should be a whole number.");
  return Number(text);
}

const program = new Command("bench:strategies")
  .description("Tries all scheduling strategies on one trace, in simulated time.")
  .option("--seed <number>", "decides the trace", readSeed, 1)
  .option("--minutes <number>", "how long the trace is", readAmount, 30)
  .option("--service-seconds <number>", "the time of a decision about a service, in the table", readAmount, 30)
  .option("--plot <file>", "where to draw the waits", "strategies.svg")
  .option("--ablation", "instead: what each technique of the scheduler is worth");

const DRAWN: readonly Strategy[] = [singlePath, multiPath, partition, offers, sharedState];
const DRAWN_SECONDS = [0.1, 1, 3, 10, 30];

/** Decisions about batch jobs are fast in all strategies. */
const timesFor = (serviceSeconds: number): Times => ({
  batch: { jobMs: 100, taskMs: 5 },
  service: { jobMs: serviceSeconds * 1000, taskMs: 50 },
});

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  if (flags.ablation) return console.log(runAblation((line) => console.error(`… ${line}`)));
  const trace = generateTrace({ ...HOUR, lengthMs: flags.minutes * 60_000 }, seededRandom(flags.seed));
  console.log(describe(trace, flags));
  console.log(renderStrategies(await runAll(trace, timesFor(flags.serviceSeconds))));
  await writeFile(flags.plot, plotSweeps(await sweepAll(trace)));
  console.log(`\nThe waits of batch jobs at other decision times are drawn in ${flags.plot}.`);
}

function describe({ jobs, residents, shape }: Trace, { seed, minutes, serviceSeconds }: Flags): string {
  const batch = jobs.filter(({ kind }) => kind === "batch").length;
  const tasks = jobs.reduce((sum, job) => sum + job.tasks, 0);
  const arriving = `${batch} batch jobs and ${jobs.length - batch} services with ${tasks} tasks arrive in ${minutes} min`;
  const there = `${shape.nodes} nodes with ${residents.length} services`;
  return `${arriving} at ${there} (seed ${seed}); ${serviceSeconds} s for a decision about a service, 0.1 s about a batch job.\n`;
}

async function runAll(trace: Trace, times: Times): Promise<readonly StrategyResult[]> {
  const results: StrategyResult[] = [];
  for (const strategy of strategies) {
    console.error(`… ${strategy.name}`);
    results.push({ name: strategy.name, figures: await runStrategy(strategy, trace, times) });
  }
  return results;
}

async function sweepAll(trace: Trace): Promise<readonly Sweep[]> {
  const sweeps: Sweep[] = [];
  for (const strategy of DRAWN) {
    console.error(`… ${strategy.name}, at several decision times`);
    const steps = [];
    for (const serviceSeconds of DRAWN_SECONDS) {
      steps.push({ serviceSeconds, figures: await runStrategy(strategy, trace, timesFor(serviceSeconds)) });
    }
    sweeps.push({ name: strategy.name, steps });
  }
  return sweeps;
}

main().catch((error: unknown) => {
  console.error(`bench:strategies: ${errorMessage(error)}`);
  process.exitCode = 1;
});
