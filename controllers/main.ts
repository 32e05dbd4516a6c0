// The controllers as a process of their own. Flags have kube-controller-manager's names.

import { readFile } from "node:fs/promises";
import { hostname } from "node:os";
import { Command, InvalidArgumentError, Option } from "commander";
import { builtinResources } from "../api/index.ts";
import { accountTransport } from "../client/account-transport.ts";
import { createClient } from "../client/api-client.ts";
import { serveWhile, type ServingFlags } from "../client/component-server.ts";
import { authorityByKubeconfig, connectByKubeconfig, connectWithoutUser } from "../client/connect-by-kubeconfig.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { errorMessage } from "../lib/error-message.ts";
import { readSigningKey, type SigningKey } from "../lib/jwt.ts";
import { createLog, logLevelOf } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom, uuid } from "../lib/random.ts";
import { removeBelow } from "../lib/remove-below.ts";
import { runProgram } from "../lib/run-program.ts";
import { openAuthority, type KeyPair } from "../lib/x509.ts";
import { EVICTION_RATES } from "./node-lifecycle/zones.ts";
import { controllerNames, runControllers } from "./run-controllers.ts";

interface Flags extends ServingFlags {
  readonly kubeconfig: string;
  readonly leaderElect: boolean;
  readonly controllers: string;
  readonly nodeMonitorGracePeriod: number;
  readonly nodeStartupGracePeriod: number;
  readonly nodeEvictionRate: number;
  readonly secondaryNodeEvictionRate: number;
  readonly largeClusterSizeThreshold: number;
  readonly unhealthyZoneThreshold: number;
  readonly rootCaFile?: string;
  readonly serviceAccountPrivateKeyFile?: string;
  readonly clusterSigningCertFile?: string;
  readonly clusterSigningKeyFile?: string;
  readonly clusterSigningDuration: number;
  readonly useServiceAccountCredentials: boolean;
  readonly v: number;
}

const program = new Command("controllers")
  .description("Runs Gantry's controllers against an API server.")
  .requiredOption("--kubeconfig <file>", "how to reach the API server, and as whom")
  .option("--leader-elect", "run beside other replicas: only the elected one acts", true)
  .option("--no-leader-elect", "act at once; for a single replica")
  .option("--controllers <list>", "comma-separated names; * is all, -name is all but that one", "*")
  .addOption(
    new Option("--node-monitor-grace-period <duration>", "how long a silent node stays ready")
      .argParser(readDuration)
      .default(40_000, "40s"),
  )
  .addOption(
    new Option("--node-startup-grace-period <duration>", "the same for a node that has never posted a status")
      .argParser(readDuration)
      .default(60_000, "1m"),
  )
  .addOption(
    new Option("--node-eviction-rate <number>", "nodes per second that lose their pods for not being ready")
      .argParser(readAmount)
      .default(EVICTION_RATES.nodesPerSecond),
  )
  .addOption(
    new Option("--secondary-node-eviction-rate <number>", "the same where most nodes of a large zone are not ready")
      .argParser(readAmount)
      .default(EVICTION_RATES.nodesPerSecondDisrupted),
  )
  .addOption(
    new Option("--large-cluster-size-threshold <number>", "zones of more nodes are large; small ones lose none then")
      .argParser(readAmount)
      .default(EVICTION_RATES.largeZone),
  )
  .addOption(
    new Option("--unhealthy-zone-threshold <share>", "from which share of nodes on that is, as 0.55")
      .argParser(readAmount)
      .default(EVICTION_RATES.unhealthyShare),
  )
  .option(
    "--root-ca-file <file>",
    "publish this certificate authority in every namespace; that of the kubeconfig unless given",
  )
  .option("--service-account-private-key-file <file>", "sign the tokens in secrets of service accounts with this key")
  .option("--cluster-signing-cert-file <file>", "sign approved certificate requests in the name of this authority")
  .option("--cluster-signing-key-file <file>", "its key")
  .addOption(
    new Option("--cluster-signing-duration <duration>", "for how long such certificates are good, at most")
      .argParser(readDuration)
      .default(8_760 * 3_600_000, "8760h"),
  )
  .option("--use-service-account-credentials", "let each controller act as a service account of its own", false)
  .option(
    "--secure-port <port>",
    "serve health and figures there over HTTPS; 0: not at all (default: 10257, where it is free)",
    readPort,
  )
  .option("--bind-address <address>", "the address to serve on", "0.0.0.0")
  .option("--tls-cert-file <file>", "the certificate to serve with; made for the occasion unless given")
  .option("--tls-private-key-file <file>", "its key")
  .option("--client-ca-file <file>", "believe client certificates of this authority")
  .option("-v, --v <level>", "log level: 0 is what matters, 4 is everything", Number, 0);

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

function readAmount(text: string): number {
  const amount = Number(text);
  if (text.trim() === "" || !Number.isFinite(amount) || amount < 0) {
    throw new InvalidArgumentError("It should be a number such as 0.1.");
  }
  return amount;
}

/** Throws for names that no controller has. */
function isEnabledBy(list: string, known: readonly string[]): (name: string) => boolean {
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => name !== "*" && !known.includes(name.replace(/^-/, "")));
  if (unknown !== undefined) {
    throw new Error(`--controllers: there is no controller ${JSON.stringify(unknown)}; there are ${known.join(", ")}`);
  }
  return (name) => !names.includes(`-${name}`) && (names.includes("*") || names.includes(name));
}

const readText = (path: string) => readFile(path, "utf8");

/** Pods can believe what the controllers believe, unless told otherwise. */
function readCertificateAuthority({ rootCaFile, kubeconfig }: Flags): Promise<string | undefined> {
  if (rootCaFile === undefined) return authorityByKubeconfig(kubeconfig, readText);
  return readText(rootCaFile).catch((error: unknown) => {
    throw new Error(`--root-ca-file ${rootCaFile} cannot be read: ${errorMessage(error)}`);
  });
}

async function readTokenKey(path: string): Promise<SigningKey> {
  try {
    return readSigningKey(await readText(path));
  } catch (error) {
    throw new Error(`--service-account-private-key-file ${path} cannot be used: ${errorMessage(error)}`, {
      cause: error,
    });
  }
}

async function readSigner({ clusterSigningCertFile, clusterSigningKeyFile }: Flags): Promise<KeyPair | undefined> {
  if (!clusterSigningCertFile && !clusterSigningKeyFile) return undefined;
  if (!clusterSigningCertFile || !clusterSigningKeyFile) {
    throw new Error("--cluster-signing-cert-file and --cluster-signing-key-file go together.");
  }
  const read = (flag: string, path: string) =>
    readText(path).catch((error: unknown) => {
      throw new Error(`${flag} ${path} cannot be read: ${errorMessage(error)}`);
    });
  const pair = {
    cert: await read("--cluster-signing-cert-file", clusterSigningCertFile),
    key: await read("--cluster-signing-key-file", clusterSigningKeyFile),
  };
  // Better told now than with the first request.
  await openAuthority(pair, systemRandom()).catch((error: unknown) => {
    throw new Error(`${clusterSigningCertFile} and ${clusterSigningKeyFile} cannot sign: ${errorMessage(error)}`);
  });
  return pair;
}

async function connect({ kubeconfig, useServiceAccountCredentials }: Flags, clock: Clock) {
  const transport = await connectByKubeconfig(kubeconfig, readText);
  if (!useServiceAccountCredentials) return { transport };
  const anonymous = await connectWithoutUser(kubeconfig, readText);
  const client = createClient(transport);
  const transportOf = (name: string) =>
    accountTransport({ anonymous, client, account: { namespace: "kube-system", name }, clock });
  return { transport, transportOf };
}

async function main(signal: AbortSignal): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const clock = systemClock();
  const random = systemRandom();
  const log = createLog(logLevelOf(flags.v));
  const controllers = {
    resources: builtinResources,
    gracePeriodMs: flags.nodeMonitorGracePeriod,
    startupGracePeriodMs: flags.nodeStartupGracePeriod,
    evictionRates: {
      nodesPerSecond: flags.nodeEvictionRate,
      nodesPerSecondDisrupted: flags.secondaryNodeEvictionRate,
      largeZone: flags.largeClusterSizeThreshold,
      unhealthyShare: flags.unhealthyZoneThreshold,
    },
    tokenKey: flags.serviceAccountPrivateKeyFile ? await readTokenKey(flags.serviceAccountPrivateKeyFile) : undefined,
    certificateAuthority: await readCertificateAuthority(flags),
    clusterSigner: await readSigner(flags),
    signingDurationMs: flags.clusterSigningDuration,
    removeHostPath: (path: string) => removeBelow("/tmp", path),
  };
  const parts = { clock, random, log, metrics: createMetrics() };
  const connection = await connect(flags, clock);
  const options = {
    ...controllers,
    ...connection,
    ...parts,
    isEnabled: isEnabledBy(flags.controllers, controllerNames(controllers)),
    replica: flags.leaderElect ? `${hostname()}_${uuid(random)}` : undefined,
  };
  const served = {
    ...parts,
    client: createClient(connection.transport, { userAgent: "kube-controller-manager" }),
    usualPort: 10257,
    configuration: {},
    readFile: readText,
    // Who waits for its election is ready for it; caches are filled afterwards.
    isReady: () => true,
  };
  await serveWhile(flags, served, () => runControllers(options, signal));
}

await runProgram("controllers", main);
