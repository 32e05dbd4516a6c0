// The scheduler as a process of its own. Flags have kube-scheduler's names, and go before what the configuration says.

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { createClient } from "../client/api-client.ts";
import { serveWhile, type ServingFlags } from "../client/component-server.ts";
import { connectByKubeconfig } from "../client/connect-by-kubeconfig.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { createLog, logLevelOf } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom, uuid } from "../lib/random.ts";
import { runProgram } from "../lib/run-program.ts";
import { ConfigurationError, defaultConfiguration, parseConfiguration } from "./configuration/parse-configuration.ts";
import { renderConfiguration } from "./configuration/render-configuration.ts";
import type { SchedulerConfiguration } from "./configuration/scheduler-configuration.ts";
import { buildExtenders } from "./extenders/build-extenders.ts";
import { runScheduler } from "./run-scheduler.ts";
import { parseShard, type Shard } from "./shard.ts";

interface Flags extends ServingFlags {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly leaderElect?: boolean;
  readonly leaderElectLeaseDuration?: number;
  readonly leaderElectRenewDeadline?: number;
  readonly leaderElectRetryPeriod?: number;
  readonly leaderElectResourceNamespace?: string;
  readonly leaderElectResourceName?: string;
  readonly schedulerName?: string;
  readonly offers?: boolean;
  readonly shard?: Shard;
  readonly v: number;
}

const program = new Command("scheduler")
  .description("Chooses a node for each pod that has none.")
  .option("--config <file>", "a KubeSchedulerConfiguration, version kubescheduler.config.k8s.io/v1")
  .option("--kubeconfig <file>", "how to reach the API server, and as whom, where the configuration does not say")
  .option("--leader-elect [bool]", "run beside other replicas: only the elected one acts (default: true)", readBoolean)
  .option("--leader-elect-lease-duration <duration>", "how long the others wait for a silent leader", readDuration)
  .option("--leader-elect-renew-deadline <duration>", "how long the leader goes on without renewing", readDuration)
  .option("--leader-elect-retry-period <duration>", "between two attempts to take or renew the lease", readDuration)
  .option("--leader-elect-resource-namespace <name>", "the namespace of the lease (default: kube-system)")
  .option("--leader-elect-resource-name <name>", "the name of the lease (default: kube-scheduler)")
  .option("--scheduler-name <name>", "the pods to schedule, by their spec.schedulerName (default: default-scheduler)")
  .option(
    "--offers [bool]",
    "offer what is free to frameworks, and hold reservations (default: true for default-scheduler)",
    readBoolean,
  )
  .option("--shard <i/n>", "its part of the pods, where n schedulers of one name share them, such as 2/3", readShard)
  .option(
    "--secure-port <port>",
    "serve health, figures and configuration there over HTTPS; 0: not at all (default: 10259, where it is free)",
    readPort,
  )
  .option("--bind-address <address>", "the address to serve on", "0.0.0.0")
  .option("--tls-cert-file <file>", "the certificate to serve with; made for the occasion unless given")
  .option("--tls-private-key-file <file>", "its key")
  .option("--client-ca-file <file>", "believe client certificates of this authority")
  .option("-v, --v <level>", "log level: 0 is what matters, 4 is everything", Number, 0);

function readBoolean(text: string): boolean {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("It should be true or false.");
  return text === "true";
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError("It should be from 0 to 65535.");
  return port;
}

function readDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It should look like 40s or 1m30s.");
  return ms;
}

function readShard(text: string): Shard {
  const shard = parseShard(text);
  if (!shard) throw new InvalidArgumentError("It should look like 2/3: the second of three.");
  return shard;
}

const readText = (path: string) => readFile(path, "utf8");

async function readConfiguration(path: string): Promise<ReturnType<typeof parseConfiguration>> {
  try {
    return parseConfiguration(await readText(path));
  } catch (error) {
    if (error instanceof ConfigurationError) throw new Error(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function electionOf({ leaderElection }: SchedulerConfiguration, flags: Flags) {
  const { leaseDuration, renewDeadline, retryPeriod, resourceNamespace, resourceName } = leaderElection;
  const msOf = (flag: number | undefined, text: string) => flag ?? parseDurationMs(text) ?? 0;
  return {
    lease: {
      namespace: flags.leaderElectResourceNamespace ?? resourceNamespace,
      name: flags.leaderElectResourceName ?? resourceName,
    },
    times: {
      leaseMs: msOf(flags.leaderElectLeaseDuration, leaseDuration),
      renewDeadlineMs: msOf(flags.leaderElectRenewDeadline, renewDeadline),
      retryMs: msOf(flags.leaderElectRetryPeriod, retryPeriod),
    },
  };
}

async function main(signal: AbortSignal): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const random = systemRandom();
  const log = createLog(logLevelOf(flags.v));
  const { configuration, warnings } = flags.config
    ? await readConfiguration(flags.config)
    : { configuration: defaultConfiguration(), warnings: [] };
  for (const warning of warnings) log.warn("The configuration says what has no effect", { warning });
  const kubeconfig = configuration.clientConnection.kubeconfig || flags.kubeconfig;
  if (!kubeconfig) throw new Error("how to reach the API server? Give --kubeconfig, or clientConnection.kubeconfig");
  const isElected = flags.leaderElect ?? configuration.leaderElection.leaderElect;
  const [clock, metrics] = [systemClock(), createMetrics()];
  const transport = await connectByKubeconfig(kubeconfig, readText);
  // Who waits for its election is ready for it.
  let isReady = isElected;
  const served = {
    client: createClient(transport, { userAgent: "kube-scheduler" }),
    ...{ clock, random, log, metrics },
    configuration: { componentconfig: renderConfiguration(configuration) },
    usualPort: 10259,
    readFile: readText,
    isReady: () => isReady,
  };
  const options = {
    ...{ transport, clock, random, log, metrics, configuration },
    onSynced: (isSynced: boolean) => (isReady = isSynced),
    extenders: await buildExtenders(configuration.extenders, readText, clock),
    schedulerName: flags.schedulerName,
    offers: flags.offers,
    shard: flags.shard,
    replica: isElected ? `${hostname()}_${uuid(random)}` : undefined,
    election: electionOf(configuration, flags),
  };
  await serveWhile(flags, served, () => runScheduler(options, signal));
}

await runProgram("scheduler", main);
