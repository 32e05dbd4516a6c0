// The kubelet as a process of its own. Flags have the kubelet's names where it has them.

import { mkdir, readFile } from "node:fs/promises";
import { hostname, networkInterfaces } from "node:os";
import { join, resolve } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { createClient } from "../client/api-client.ts";
import { systemClock } from "../lib/clock.ts";
import { parseDurationMs } from "../lib/duration.ts";
import { systemExec } from "../lib/exec.ts";
import { createLog, logLevelOf } from "../lib/log.ts";
import { createMetrics } from "../lib/metrics.ts";
import { systemRandom } from "../lib/random.ts";
import { runProgram } from "../lib/run-program.ts";
import { openClientCredentials } from "./certificates/client-credentials.ts";
import { openEndpoint } from "./certificates/kubelet-endpoint.ts";
import { describeConfiguration } from "./configuration.ts";
import { observeMachine } from "./eviction/observe-machine.ts";
import { DEFAULT_HARD, parseThresholds, type EvictionSettings } from "./eviction/thresholds.ts";
import { verifyImageSettings, type ImageSettings } from "./images/plan-collection.ts";
import { measureMachine } from "./machine-usage.ts";
import { readMachineFacts } from "./machine.ts";
import { diskFiles } from "./node-files.ts";
import type { MachineFacts } from "./node-status.ts";
import { reserve } from "./reservations.ts";
import { runKubelet } from "./run-kubelet.ts";
import { createRuntime, type RuntimeKind } from "./runtimes/index.ts";
import { diskManifests } from "./static-pods/manifest-directory.ts";

interface Flags {
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig?: string;
  readonly rotateCertificates: boolean;
  readonly certDir?: string;
  readonly rotateServerCertificates: boolean;
  readonly hostnameOverride: string;
  readonly nodeIp?: string;
  readonly nodeLabels: Readonly<Record<string, string>>;
  readonly rootDir: string;
  readonly address: string;
  readonly port: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly clientCaFile?: string;
  readonly containerRuntime: RuntimeKind | "auto";
  readonly dockerSocket?: string;
  readonly containerRuntimeEndpoint?: string;
  readonly clusterId: string;
  readonly podCidr: string;
  readonly maxPods: number;
  readonly podsPerCore: number;
  readonly podMaxPids: number;
  readonly allowedUnsafeSysctls: readonly string[];
  readonly kubeReserved: Readonly<Record<string, string>>;
  readonly systemReserved: Readonly<Record<string, string>>;
  readonly podManifestPath?: string;
  readonly evictionHard: Readonly<Record<string, string>>;
  readonly evictionSoft: Readonly<Record<string, string>>;
  readonly evictionSoftGracePeriod: Readonly<Record<string, string>>;
  readonly evictionMinimumReclaim: Readonly<Record<string, string>>;
  readonly evictionMaxPodGracePeriod: number;
  readonly evictionPressureTransitionPeriod: number;
  readonly imageGcHighThreshold: number;
  readonly imageGcLowThreshold: number;
  readonly minimumImageTtlDuration: number;
  readonly maximumImageGcAge: number;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  readonly v: number;
}

const program = new Command("kubelet")
  .description("Runs the pods that are bound to its node.")
  .requiredOption("--kubeconfig <file>", "how to reach the API server, and as whom")
  .option("--bootstrap-kubeconfig <file>", "with which credentials to ask for the kubelet's own, where it has none")
  .option("--rotate-certificates", "renew the kubelet's own certificate before it ends", false)
  .option("--cert-dir <directory>", "where such certificates are kept; pki below the root directory unless given")
  .option("--hostname-override <name>", "the node's name", hostname().toLowerCase())
  .option("--node-ip <address>", "the node's address; the first one of this machine unless given")
  .option("--node-labels <key=value,...>", "labels for the node when it registers", readLabels, {})
  .option("--root-dir <directory>", "where volumes and the like are kept", "/var/lib/gantry/kubelet")
  .option("--address <address>", "the address that the kubelet's own endpoint listens on", "0.0.0.0")
  .option("--port <port>", "its port", readNumber, 10250)
  .option("--tls-cert-file <file>", "its certificate; without one there is no such endpoint, and no logs or exec")
  .option("--tls-private-key-file <file>", "the certificate's key")
  .option("--rotate-server-certificates", "ask the cluster for the endpoint's certificate, and renew it", false)
  .option("--client-ca-file <file>", "who signs the certificates of those who may ask it")
  .addOption(
    new Option("--container-runtime <name>", "what runs the containers")
      .choices(["auto", "docker", "containerd", "process", "fake"])
      .default("auto"),
  )
  .option("--docker-socket <path>", "where the Docker Engine listens")
  .option(
    "--container-runtime-endpoint <url>",
    "where containerd listens; unix:///run/containerd/containerd.sock unless given",
  )
  .option("--cluster-id <id>", "tells clusters apart that share a Docker Engine", "default")
  .option("--pod-cidr <cidr>", "the addresses of pods that Docker runs", "10.244.0.0/16")
  .option("--max-pods <number>", "how many pods the node may have", readNumber, 110)
  .option("--pods-per-core <number>", "how many it may have for each processor, within that; 0 for any", readNumber, 0)
  .option(
    "--pod-max-pids <number>",
    "how many processes a container may have; -1 for as many as the node",
    readPids,
    4096,
  )
  .option("--allowed-unsafe-sysctls <names>", "kernel parameters that pods may set besides the safe ones", readList, [])
  .option("--kube-reserved <resource=amount,...>", "what the kubelet and its like need of the node", readPairs("="), {})
  .option("--system-reserved <resource=amount,...>", "what the rest of the system needs", readPairs("="), {})
  .option("--pod-manifest-path <path>", "a directory of manifests, or one, of pods that run here without the API")
  .option("--eviction-hard <signal<amount,...>", "what the node must not have less of", readPairs("<"), DEFAULT_HARD)
  .option("--eviction-soft <signal<amount,...>", "what it must not have less of for long", readPairs("<"), {})
  .option("--eviction-soft-grace-period <signal=duration,...>", "how long that is", readPairs("="), {})
  .option("--eviction-minimum-reclaim <signal=amount,...>", "how much more is to be reclaimed", readPairs("="), {})
  .option("--eviction-max-pod-grace-period <seconds>", "what pods get at most for soft thresholds", readNumber, 0)
  .option(
    "--eviction-pressure-transition-period <duration>",
    "how long a shortage is told after its last sign",
    readDuration,
    300_000,
  )
  .option("--image-gc-high-threshold <percent>", "how full the disk is when unused images go", readNumber, 85)
  .option("--image-gc-low-threshold <percent>", "how full it is when enough of them are gone", readNumber, 80)
  .option("--minimum-image-ttl-duration <duration>", "how long an image stays at least", readDuration, 120_000)
  .option("--maximum-image-gc-age <duration>", "how long an unused one stays at most; 0s for ever", readDuration, 0)
  .option("--cluster-dns <addresses>", "the cluster's DNS servers", readList, [])
  .option("--cluster-domain <domain>", "the cluster's DNS domain", "cluster.local")
  .option("-v, --v <level>", "log level: 0 is what matters, 4 is everything", readNumber, 0);

function readNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It should be a whole number.");
  return Number(text);
}

function readPids(text: string): number {
  if (text === "-1") return -1;
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError("It should be a whole number above 0, or -1.");
  return Number(text);
}

function readList(text: string): string[] {
  return text.split(",").filter((each) => each !== "");
}

function readDuration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It should be a duration such as 1m30s.");
  return ms;
}

/** An empty text is no pair at all. */
function readPairs(separator: "<" | "=") {
  return (text: string): Record<string, string> =>
    Object.fromEntries(
      readList(text).map((pair) => {
        const [name, value, ...rest] = pair.split(separator).map((part) => part.trim());
        if (name && value && rest.length === 0) return [name, value] as const;
        throw new InvalidArgumentError(
          `It should look like ${separator === "<" ? "memory.available" : "NAME"}${separator}VALUE, and "${pair}" does not.`,
        );
      }),
    );
}

function readEviction(flags: Flags): EvictionSettings {
  const { evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim } = flags;
  return {
    thresholds: parseThresholds({
      hard: evictionHard,
      soft: evictionSoft,
      softGrace: evictionSoftGracePeriod,
      minReclaim: evictionMinimumReclaim,
    }),
    maxPodGraceSeconds: flags.evictionMaxPodGracePeriod,
    transitionMs: flags.evictionPressureTransitionPeriod,
  };
}

const readImageSettings = (flags: Flags): ImageSettings =>
  verifyImageSettings({
    highPercent: flags.imageGcHighThreshold,
    lowPercent: flags.imageGcLowThreshold,
    ttlMs: flags.minimumImageTtlDuration,
    maxAgeMs: flags.maximumImageGcAge,
  });

function readLabels(text: string): Record<string, string> {
  const pairs = readList(text).map((pair) => pair.split("="));
  if (pairs.some(({ length }) => length !== 2))
    throw new InvalidArgumentError("It should look like key=value,key=value.");
  return Object.fromEntries(pairs.map(([key = "", value = ""]) => [key, value]));
}

const readText = (path: string) => readFile(path, "utf8");

/** The first address of this machine that others can reach. */
function findAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
}

async function readMachine(flags: Flags, { thresholds }: EvictionSettings, directory: string): Promise<MachineFacts> {
  const { maxPods, podsPerCore, kubeReserved: kube, systemReserved: system } = flags;
  const machine = await readMachineFacts({ directory, podsMax: maxPods });
  const ofCores = Math.floor((machine.cpuMillis / 1000) * podsPerCore);
  return {
    ...machine,
    podsMax: podsPerCore > 0 ? Math.min(maxPods, ofCores) : maxPods,
    reserved: reserve(machine, { kube, system, thresholds }),
  };
}

async function main(signal: AbortSignal): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const clock = systemClock();
  const random = systemRandom();
  const log = createLog(logLevelOf(flags.v));
  const nodeName = flags.hostnameOverride;
  const rootDirectory = resolve(flags.rootDir);
  await mkdir(rootDirectory, { recursive: true, mode: 0o750 });
  const runtimeOptions = {
    cluster: flags.clusterId,
    node: nodeName,
    podCidr: flags.podCidr,
    stateDirectory: join(rootDirectory, "runtime"),
    imagesDirectory: join(rootDirectory, "images"),
    dockerSocket: flags.dockerSocket,
    runtimeEndpoint: flags.containerRuntimeEndpoint,
    clock,
    log,
  };
  const settings = readEviction(flags);
  const imageSettings = readImageSettings(flags);
  const machine = await readMachine(flags, settings, rootDirectory);
  // Before anything is made on the machine.
  const certificateDirectory = resolve(flags.certDir ?? join(rootDirectory, "pki"));
  await mkdir(certificateDirectory, { recursive: true, mode: 0o700 });
  const means = { nodeName, certificateDirectory, files: diskFiles, readFile: readText, clock, random, log };
  const credentials = await openClientCredentials({ ...flags, ...means, isRotating: flags.rotateCertificates }, signal);
  const client = createClient(credentials.transport, { userAgent: "kubelet" });
  const nodeAddress = flags.nodeIp ?? findAddress();
  const endpoint = await openEndpoint({
    ...flags,
    ...means,
    client,
    hosts: [nodeName, nodeAddress],
    isRotating: flags.rotateServerCertificates,
  });
  const runtime = await createRuntime(flags.containerRuntime, runtimeOptions, signal);
  const directories = { node: rootDirectory, images: await runtime.images.directory(signal) };
  const observe = () => observeMachine(directories);
  const running = runKubelet(
    {
      client,
      runtime,
      nodeName,
      nodeAddress,
      nodeLabels: flags.nodeLabels,
      rootDirectory,
      serve: endpoint.serve,
      configuration: describeConfiguration(flags),
      machine,
      allowedUnsafeSysctls: flags.allowedUnsafeSysctls,
      podPidsMax: flags.podMaxPids,
      ...(flags.podManifestPath && { staticPods: diskManifests(resolve(flags.podManifestPath)) }),
      ...(flags.containerRuntime !== "fake" && {
        measureMachine: () => measureMachine(clock),
        pressure: { settings, observe },
        imageCollection: { settings: imageSettings, room: async () => (await observe())["imagefs.available"] },
      }),
      dns: { servers: flags.clusterDns, domain: flags.clusterDomain },
      exec: systemExec(),
      clock,
      random,
      log,
      metrics: createMetrics(),
    },
    signal,
  );
  await Promise.all([running, credentials.rotate(signal), endpoint.rotate(signal)]);
}

await runProgram("kubelet", main);
