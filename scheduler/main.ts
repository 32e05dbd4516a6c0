// The scheduler as a process of its own. Flags have kube-scheduler's names.

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { createLog, logLevelOf } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom, uuid } from "../lib/random.ts";
import { runProgram } from "../lib/run-program.ts";
import { runScheduler } from "./run-scheduler.ts";

interface Flags {
  readonly kubeconfig: string;
  readonly leaderElect: boolean;
  readonly leaderElectLeaseDuration: number;
  readonly leaderElectRenewDeadline: number;
  readonly leaderElectRetryPeriod: number;
  readonly leaderElectResourceNamespace: string;
  readonly leaderElectResourceName: string;
  readonly schedulerName: string;
  readonly v: number;
}

const program = new Command("scheduler")
  .description("Chooses a node for each pod that has none.")
  .requiredOption("--kubeconfig <file>", "how to reach the API server, and as whom")
  .option("--leader-elect [bool]", "run beside other replicas: only the elected one acts", readBoolean, true)
  .option(
    "--leader-elect-lease-duration <duration>",
    "how long the others wait for a silent leader",
    readDuration,
    15_000,
  )
  .option(
    "--leader-elect-renew-deadline <duration>",
    "how long the leader goes on without renewing",
    readDuration,
    10_000,
  )
  .option(
    "--leader-elect-retry-period <duration>",
    "between two attempts to take or renew the lease",
    readDuration,
    2_000,
  )
  .option("--leader-elect-resource-namespace <name>", "the namespace of the lease", "kube-system")
  .option("--leader-elect-resource-name <name>", "the name of the lease", "kube-scheduler")
  .option("--scheduler-name <name>", "the pods to schedule, by their spec.schedulerName", "default-scheduler")
  .option("-v, --v <level>", "log level: 0 is what matters, 4 is everything", Number, 0);

function readBoolean(text: string): boolean {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("It should be true or false.");
  return text === "true";
}

function readDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It should look like 40s or 1m30s.");
  return ms;
}

const readText = (path: string) => readFile(path, "utf8");

async function main(signal: AbortSignal): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const random = systemRandom();
  const transport = await connectByKubeconfig(flags.kubeconfig, readText);
  const options = {
    transport,
    clock: systemClock(),
    random,
    log: createLog(logLevelOf(flags.v)),
    metrics: createMetrics(),
    schedulerName: flags.schedulerName,
    replica: flags.leaderElect ? `${hostname()}_${uuid(random)}` : undefined,
    election: {
      lease: { namespace: flags.leaderElectResourceNamespace, name: flags.leaderElectResourceName },
      times: {
        leaseMs: flags.leaderElectLeaseDuration,
        renewDeadlineMs: flags.leaderElectRenewDeadline,
        retryMs: flags.leaderElectRetryPeriod,
      },
    },
  };
  await runScheduler(options, signal);
}

await runProgram("scheduler", main);
