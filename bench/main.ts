// `npm run bench [-- NAME…]`: measures what the project promises about speed and prints it beside the targets. The exit code
// is 0 whatever the figures are: a noisy machine must not fail a build; 1 means that something could not be measured.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { errorMessage } from "../lib/error-message.ts";
import { projectRoot } from "../testing/source-tree.ts";
import type { BenchmarkOptions, Figure } from "./benchmark.ts";
import { benchmarks } from "./index.ts";
import { describeMachine } from "./machine-load.ts";
import { renderTable } from "./table.ts";

interface Flags {
  readonly runs: number;
  readonly kctl?: string;
  readonly kload?: string;
  readonly port: number;
}

function readCount(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It should be a whole number above 0.");
  return Number(text);
}

const program = new Command("bench")
  .description("Measures the speed of the whole cluster and of its parts.")
  .argument("[names...]", `which benchmarks: ${benchmarks.map(({ name }) => name).join(", ")}; all unless given`)
  .option("--runs <number>", "how often each figure is measured", readCount, 3)
  .option("--kctl <command>", "the kctl to measure; the checkout's own, freshly built, unless given")
  .option("--kload <program>", "a load generator for the API figures")
  .option("--port <number>", "the port of the clusters", readCount, 31000);

/** Figures of code that was not built would be figures of something else. */
function buildProduct(): void {
  const compiler = join(projectRoot, "node_modules/ts7/bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", join(projectRoot, "tsconfig.build.json")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Error("the product could not be built");
}

function chosenBenchmarks(names: readonly string[]) {
  for (const name of names) {
    if (!benchmarks.some((each) => each.name === name)) throw new Error(`there is no benchmark ${name}`);
  }
  return names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
}

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const chosen = chosenBenchmarks(program.args);
  if (!flags.kctl) buildProduct();
  const options: BenchmarkOptions = {
    runs: flags.runs,
    kctl: flags.kctl?.split(" ") ?? [process.execPath, join(projectRoot, "dist/ctl/main.js")],
    kload: flags.kload,
    port: flags.port,
    progress: (line) => console.error(`… ${line}`),
  };
  const machineBefore = describeMachine();
  const figures: Figure[] = [];
  for (const benchmark of chosen) {
    try {
      figures.push(...(await benchmark.run(options)));
    } catch (error) {
      console.error(`${benchmark.name} could not be measured: ${errorMessage(error)}`);
      process.exitCode = 1;
    }
  }
  console.log(renderTable(figures));
  console.log(`\nBefore: ${machineBefore}\nAfter:  ${describeMachine()}`);
}

main().catch((error: unknown) => {
  console.error(`bench: ${errorMessage(error)}`);
  process.exitCode = 1;
});
