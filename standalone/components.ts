// The components of the standalone cluster, each started the same way: with a way to reach the API server, the means of
// the process, and a signal that ends it. Every component speaks the public API only, here as anywhere.

import { mkdir } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { builtinResources } from "../api/index.ts";
import { createClient } from "../client/api-client.ts";
import { runControllers } from "../controllers/run-controllers.ts";
import { removeBelow } from "../lib/remove-below.ts";
import type { Exec } from "../lib/exec.ts";
import { serveHttps } from "../lib/http-server.ts";
import type { Handler } from "../lib/http.ts";
import type { Clock } from "../lib/clock.ts";
import { readSigningKey } from "../lib/jwt.ts";
import type { Log } from "../lib/log.ts";
import type { Metrics } from "../lib/metrics.ts";
import type { Random } from "../lib/random.ts";
import { observeMachine } from "../kubelet/eviction/observe-machine.ts";
import { parseThresholds, type EvictionSettings } from "../kubelet/eviction/thresholds.ts";
import { measureMachine } from "../kubelet/machine-usage.ts";
import { readMachineFacts } from "../kubelet/machine.ts";
import { reserve } from "../kubelet/reservations.ts";
import { runKubelet } from "../kubelet/run-kubelet.ts";
import { createRuntime } from "../kubelet/runtimes/index.ts";
import type { ContainerRuntime } from "../kubelet/runtimes/runtime.ts";
import { parseAddressRange } from "../proxy/address-range.ts";
import { backends } from "../proxy/backends/index.ts";
import type { ProxyBackend } from "../proxy/backends/backend.ts";
import { serveHealthCheck } from "../proxy/health-check-server.ts";
import type { HealthAnswer } from "../proxy/health-checks.ts";
import { runPolicies } from "../proxy/policy/run-policies.ts";
import { kernelTarget, WarningTarget } from "../proxy/policy/targets.ts";
import { runProxy } from "../proxy/run-proxy.ts";
import { runDescheduler } from "../scheduler/descheduling/run-descheduler.ts";
import { runScheduler } from "../scheduler/run-scheduler.ts";
import { CLUSTER_DOMAIN, dnsServers } from "./cluster-dns.ts";
import type { ClusterSettings } from "./cluster-settings.ts";
import type { Credentials, Identity } from "./credentials.ts";
import { unmountBelow } from "./unmount-below.ts";

/** What all components of one process share. */
export interface ComponentContext {
  readonly directory: string;
  readonly settings: ClusterSettings;
  readonly credentials: Credentials;
  /** The address that the nodes report. */
  readonly nodeAddress: string;
  /** How a component reaches the API server as itself. `file` is its kubeconfig below kubeconfigs/. */
  transportFor(file: string, identity: Identity): Promise<Handler>;
  /** How a component reaches it as a service account in kube-system, asking for tokens over the component's own transport. */
  accountTransports(file: string, transport: Handler): Promise<(account: string) => Handler>;
  /** Where the Docker Engine listens. */
  readonly dockerSocket: string;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}

export async function runClusterControllers(context: ComponentContext, signal: AbortSignal): Promise<void> {
  const transport = await context.transportFor("controllers", { commonName: "system:kube-controller-manager" });
  const transportOf = await context.accountTransports("controllers", transport);
  const certificateAuthority = context.credentials.ca;
  const tokenKey = readSigningKey(await context.credentials.serviceAccountKey());
  await runControllers(
    {
      ...context,
      transport,
      transportOf,
      resources: builtinResources,
      gracePeriodMs: 40_000,
      certificateAuthority,
      clusterSigner: context.credentials.authority,
      tokenKey,
      removeHostPath: (path: string) => removeBelow("/tmp", path),
    },
    signal,
  );
}

export async function runClusterScheduler(context: ComponentContext, signal: AbortSignal): Promise<void> {
  const transport = await context.transportFor("scheduler", { commonName: "system:kube-scheduler" });
  await runScheduler({ ...context, transport }, signal);
}

export async function runClusterDescheduler(context: ComponentContext, signal: AbortSignal): Promise<void> {
  const transport = await context.transportFor("descheduler", { commonName: "system:descheduler" });
  await runDescheduler({ ...context, transport }, signal);
}

/** Kubernetes' own limit for a node. */
const PODS_MAX = 110;

export const nodeNames = ({ nodes }: Pick<ClusterSettings, "nodes">): string[] =>
  Array.from({ length: nodes }, (_, index) => `node-${index + 1}`);

type RuntimeContext = Pick<ComponentContext, "directory" | "settings" | "dockerSocket" | "clock" | "log">;

/** Of the cluster's own, for all of its nodes. */
export const containerdDirectory = (directory: string) => join(directory, "containerd");

/** The runtime of one node. Rejects with a RuntimeError, one sentence, where the machine lacks what it needs. */
export function openRuntime(
  { directory, settings, dockerSocket, clock, log }: RuntimeContext,
  nodeName: string,
  signal: AbortSignal,
): Promise<ContainerRuntime> {
  const options = {
    cluster: settings.id,
    node: nodeName,
    podCidr: settings.clusterCidr,
    stateDirectory: join(directory, "nodes", nodeName, "runtime"),
    imagesDirectory: join(directory, "images"),
    dockerSocket,
    runtimeEndpoint: settings.runtimeEndpoint,
    containerdDirectory: containerdDirectory(directory),
    clock,
    log,
  };
  return createRuntime(settings.runtime, options, signal);
}

/** The disk of somebody's own machine is often nearly full, and nothing here may be thrown away for that: memory alone counts. */
const LOCAL_EVICTION: EvictionSettings = {
  thresholds: parseThresholds({ hard: { "memory.available": "100Mi" } }),
  maxPodGraceSeconds: 0,
  transitionMs: 300_000,
};

export async function runClusterKubelet(
  context: ComponentContext,
  { nodeName, runtime }: { readonly nodeName: string; readonly runtime: ContainerRuntime },
  signal: AbortSignal,
): Promise<void> {
  const { directory, settings, credentials, nodeAddress, log, clock } = context;
  const commonName = `system:node:${nodeName}`;
  const identity = { commonName, organizations: ["system:nodes"] };
  const transport = await context.transportFor(`kubelet-${nodeName}`, identity);
  const hosts = [nodeName, ...new Set(["127.0.0.1", nodeAddress])];
  const keys = await credentials.serverKeys(`kubelet-${nodeName}`, { ...identity, hosts });
  const host = isLocal(settings) ? "127.0.0.1" : nodeAddress;
  const rootDirectory = join(directory, "nodes", nodeName);
  await mkdir(rootDirectory, { recursive: true, mode: 0o750 });
  const machine = await readMachineFacts({ directory, podsMax: PODS_MAX });
  await runKubelet(
    {
      ...context,
      client: createClient(transport, { userAgent: "kubelet" }),
      runtime,
      nodeName,
      rootDirectory,
      dns: { servers: dnsServers(settings), domain: CLUSTER_DOMAIN },
      serve: (handler) =>
        serveHttps({ handler, host, port: 0, tls: { ...keys, clientCa: credentials.ca }, log, clock }),
      machine: { ...machine, reserved: reserve(machine, { kube: {}, system: {}, ...LOCAL_EVICTION }) },
      // What runs nothing uses nothing.
      ...(runtime.name !== "fake" && {
        measureMachine: () => measureMachine(clock),
        pressure: { settings: LOCAL_EVICTION, observe: () => observeMachine({ node: directory, images: undefined }) },
      }),
    },
    signal,
  );
  // Such pods end with the process; those that run go on, and need what is mounted for them.
  if (runtime.name === "fake") await unmountBelow(rootDirectory, context.exec, new AbortController().signal);
}

const LOOPBACK = "127.0.0.1";

/** Whether everything of this cluster is on this machine, reached through loopback. */
export const isLocal = ({ bindAddress }: Pick<ClusterSettings, "bindAddress">) => bindAddress.startsWith("127.");

type ProxyContext = Pick<ComponentContext, "settings" | "nodeAddress" | "exec" | "log" | "clock">;

const proxyTable = ({ settings }: Pick<ProxyContext, "settings">) => `gantry-${settings.id}`;

export function openProxyBackend({ settings, nodeAddress, exec, log, clock }: ProxyContext): ProxyBackend {
  const table = proxyTable({ settings });
  return backends[settings.proxy]({ exec, log, clock, table, clusterRange: settings.clusterCidr, nodeAddress });
}

/** Removes what the proxy has left in the kernel. */
export async function cleanUpProxy(context: ProxyContext): Promise<void> {
  await openProxyBackend(context).cleanup();
  if (context.settings.proxy === "nftables") await policyTable(context).remove();
}

const policyTable = ({ settings, exec }: Pick<ProxyContext, "settings" | "exec">) =>
  kernelTarget({ exec, proxyTable: proxyTable({ settings }) });

export async function runClusterProxy(context: ComponentContext, signal: AbortSignal): Promise<void> {
  const { settings, log } = context;
  const transport = await context.transportFor("proxy", {
    commonName: "system:kube-proxy",
    organizations: ["system:node-proxier"],
  });
  const given = { ...context, client: createClient(transport, { userAgent: "kube-proxy" }) };
  const proxy = {
    ...given,
    backend: openProxyBackend(context),
    serveHealthCheck: (port: number, answer: () => HealthAnswer) =>
      serveHealthCheck(port, answer, isLocal(settings) ? LOOPBACK : undefined),
    nodeName: nodeNames(settings)[0] ?? hostname(),
    podRanges: [parseAddressRange(settings.clusterCidr)],
  };
  const target = settings.proxy === "nftables" ? policyTable(context) : new WarningTarget(log);
  await Promise.all([runProxy(proxy, signal), runPolicies({ ...given, target }, signal)]);
}
