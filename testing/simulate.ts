// `npm run simulate -- --seed N [--steps N] [--seeds COUNT]`: lives of a simulated cluster, each decided by its seed alone. Exits
// with 1 when one of them breaks a rule or does not recover, and says how to see it again. `--crash-points` instead tells one
// story again and again, with a crash after every single write of every component.

import { parseArgs } from "node:util";
import { createLog } from "../lib/log.ts";
import { COMPONENTS, simulateCrash } from "./simulation/crash-points.ts";
import { simulate } from "./simulation/simulation.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: "100" },
    seeds: { type: "string", default: "1" },
    "crash-points": { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    log: { type: "boolean", default: false },
  },
});

const [first = 1, steps = 100, count = 1] = [values.seed, values.steps, values.seeds].map(Number);
if (![first, steps, count].every((number) => Number.isSafeInteger(number) && number >= 0)) {
  throw new RangeError("--seed, --steps and --seeds take whole numbers");
}

if (values["crash-points"]) await crashEverywhere();
else await liveManyLives();

async function crashEverywhere(): Promise<void> {
  for (const component of COMPONENTS) {
    let write = 1;
    for (; ; write++) {
      const { crashed, violations } = await simulateCrash({ component, write });
      if (!crashed) break;
      if (violations.length === 0) continue;
      console.log(`${component}, crashed after its write ${write}: FAILED`);
      for (const violation of violations) console.log(`  ${violation}`);
      process.exitCode = 1;
    }
    console.log(`${component}: crashed after each of its ${write - 1} writes`);
  }
}

async function liveManyLives(): Promise<void> {
  const again = (seed: number) => `Again: npm run simulate -- --seed ${seed} --steps ${steps}`;
  let seed = first;
  // What throws past everybody ends the process; the seed is needed all the same.
  process.on("uncaughtExceptionMonitor", () => console.error(`seed ${seed}: FAILED. ${again(seed)}`));

  for (; seed < first + count; seed++) {
    const startedMs = performance.now();
    const { digest, revision, simulatedMs, violations } = await simulate({
      seed,
      steps,
      ...(values.trace && { trace: console.log }),
      ...(values.log && { log: createLog("debug") }),
    });
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
    const what = `${Math.round(simulatedMs / 1000)} s of the cluster in ${seconds} s, ${revision} revisions, history ${digest}`;
    console.log(`seed ${seed}: ${violations.length === 0 ? "passed" : "FAILED"}, ${what}`);
    if (violations.length === 0) continue;
    for (const violation of violations) console.log(`  ${violation}`);
    console.log(`  ${again(seed)}`);
    process.exitCode = 1;
  }
}
