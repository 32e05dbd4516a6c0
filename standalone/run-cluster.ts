// The cluster in one process: opens what the settings name, starts the chosen components, and takes them down in order.
// A component that fails takes the cluster down with it: better stopped, and started again, than half a cluster.

import { setMaxListeners } from "node:events";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { parseCidr, renderIPv4 } from "../apiserver/addresses/cidr.ts";
import type { ServiceAccountKeys } from "../apiserver/auth/auth.ts";
import { readServiceAccountKeys } from "../apiserver/auth/service-account-keys.ts";
import { parseTokenFile } from "../apiserver/auth/token-file.ts";
import { systemAccountUser } from "../apiserver/auth/system-users.ts";
import { openStore } from "../apiserver/open-store.ts";
import { startApiServer, type RunningApiServer } from "../apiserver/run-api-server.ts";
import type { Store } from "../apiserver/storage/store.ts";
import { accountTransport } from "../client/account-transport.ts";
import { createClient } from "../client/api-client.ts";
import { connectByKubeconfig, connectWithoutUser } from "../client/connect-by-kubeconfig.ts";
import { inProcessTransport } from "../client/transport.ts";
import type { Handler } from "../lib/http.ts";
import { ClusterError } from "./cluster-error.ts";
import { dnsAddress, runClusterDns } from "./cluster-dns.ts";
import type { Component } from "./cluster-settings.ts";
import {
  isLocal,
  nodeNames,
  openRuntime,
  runClusterControllers,
  runClusterDescheduler,
  runClusterKubelet,
  runClusterProxy,
  runClusterScheduler,
  type ComponentContext,
} from "./components.ts";
import type { Identity } from "./credentials.ts";

export interface ClusterOptions extends Omit<ComponentContext, "transportFor" | "accountTransports"> {
  readonly components: readonly Component[];
}

/** Where the API server is reached on this machine. */
export function serverUrl({ settings: { bindAddress, securePort } }: Pick<ComponentContext, "settings">): string {
  const host = bindAddress === "0.0.0.0" ? "127.0.0.1" : bindAddress;
  return `https://${host.includes(":") ? `[${host}]` : host}:${securePort}`;
}

/**
 * Runs until `signal` is aborted and everything has stopped; pods go on running. `onStarted` is called once the
 * components run. Rejects with the first failure of a component, after all have stopped.
 */
export async function runCluster(
  options: ClusterOptions,
  onStarted: (transport: Handler) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  signal.addEventListener("abort", () => stop.abort(), { once: true });
  const store = options.components.includes("apiserver") ? await openClusterStore(options) : undefined;
  try {
    const api = store && (await startClusterApi(options, store));
    try {
      await runComponents(options, { api, onStarted, stop });
    } finally {
      await api?.stop();
    }
  } finally {
    await store?.close();
  }
}

interface Run {
  readonly api: RunningApiServer | undefined;
  readonly onStarted: (transport: Handler) => Promise<void>;
  readonly stop: AbortController;
}

async function runComponents(options: ClusterOptions, { api, onStarted, stop }: Run): Promise<void> {
  const context: ComponentContext = {
    ...options,
    transportFor: (file, identity) => reach(options, api, { file, identity }),
    accountTransports: (file, transport) => reachAsAccounts(options, api, { file, transport }),
  };
  const administrator = { commonName: "kubernetes-admin", organizations: ["system:masters"] };
  const tasks = [...(await startTasks({ ...options, api }, context, stop.signal)), untilAborted(stop.signal)];
  const guarded = tasks.map((task) =>
    task.catch((error: unknown) => {
      stop.abort();
      throw error;
    }),
  );
  const started = reach(options, api, { file: "../kubeconfig", identity: administrator })
    .then(onStarted)
    .catch((error: unknown) => {
      if (stop.signal.aborted) return;
      stop.abort();
      throw error;
    });
  const outcomes = await Promise.allSettled([...guarded, started]);
  const failure = outcomes.find((outcome) => outcome.status === "rejected");
  if (failure) throw failure.reason;
}

async function startTasks(
  { components, api }: Pick<ClusterOptions, "components"> & Pick<Run, "api">,
  context: ComponentContext,
  signal: AbortSignal,
): Promise<Promise<void>[]> {
  const has = (component: Component) => components.includes(component);
  const kubelets = has("kubelet") ? await openKubelets(context, signal) : [];
  const dns = dnsAddress(context.settings);
  if (api && isLocal(context.settings)) await serveToPods(api, { context, kubelets, signal });
  return [
    ...(has("controllers") ? [runClusterControllers(context, signal)] : []),
    ...(has("scheduler") ? [runClusterScheduler(context, signal)] : []),
    ...(has("scheduler") && context.settings.deschedule ? [runClusterDescheduler(context, signal)] : []),
    ...kubelets.map((kubelet) => runClusterKubelet(context, kubelet, signal)),
    ...(has("proxy") && context.settings.proxy !== "none" ? [runClusterProxy(context, signal)] : []),
    ...(has("dns") && dns !== undefined ? [runClusterDns(context, dns, signal)] : []),
  ];
}

/** Pods do not reach what listens on loopback alone. */
async function serveToPods(
  api: RunningApiServer,
  parts: { readonly context: ComponentContext; readonly kubelets: readonly unknown[]; readonly signal: AbortSignal },
): Promise<void> {
  // Opening a runtime makes the network of the pods, which another process may be going to run.
  if (parts.kubelets.length === 0) await openKubelets(parts.context, parts.signal);
  await api.serveAt(advertiseAddress(parts.context));
}

/** Before anything runs, so that a missing Docker stops the start. */
const openKubelets = (context: ComponentContext, signal: AbortSignal) =>
  Promise.all(
    nodeNames(context.settings).map(async (nodeName) => ({
      nodeName,
      runtime: await openRuntime(context, nodeName, signal),
    })),
  );

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

/** In the API server's own process its function is called; elsewhere the component's kubeconfig says where it is. */
async function reach(
  options: ClusterOptions,
  api: RunningApiServer | undefined,
  { file, identity }: { readonly file: string; readonly identity: Identity },
): Promise<Handler> {
  const server = serverUrl(options);
  const path = await options.credentials.kubeconfig(join("kubeconfigs", file), { ...identity, server });
  const { commonName, organizations = [] } = identity;
  if (api)
    return inProcessTransport(api.handle, { username: commonName, groups: [...organizations, "system:authenticated"] });
  return connectByKubeconfig(path, (name) => readFile(name, "utf8"));
}

/** The same for service accounts: over the network it takes tokens. */
async function reachAsAccounts(
  { directory, clock }: ClusterOptions,
  api: RunningApiServer | undefined,
  { file, transport }: { readonly file: string; readonly transport: Handler },
): Promise<(account: string) => Handler> {
  if (api) return (name) => inProcessTransport(api.handle, systemAccountUser(name));
  const anonymous = await connectWithoutUser(join(directory, "kubeconfigs", file), (path) => readFile(path, "utf8"));
  const client = createClient(transport);
  return (name) => accountTransport({ anonymous, client, account: { namespace: "kube-system", name }, clock });
}

function openClusterStore({ directory, settings, clock }: ClusterOptions): Promise<Store> {
  return settings.store === "etcd"
    ? openStore({ kind: "etcd", servers: settings.etcdServers }, clock)
    : openStore({ kind: "embedded", directory: join(directory, "store") }, clock);
}

async function startClusterApi(options: ClusterOptions, store: Store): Promise<RunningApiServer> {
  const { settings, credentials } = options;
  const keys = await credentials.serverKeys("apiserver", { commonName: "kube-apiserver", hosts: serverHosts(options) });
  const towardsKubelets = await credentials.clientKeys("apiserver-kubelet-client", {
    commonName: "system:kube-apiserver",
  });
  return startApiServer({
    ...options,
    store,
    host: settings.bindAddress,
    port: settings.securePort,
    advertiseAddress: advertiseAddress(options),
    tls: { ...keys, clientCa: credentials.ca },
    tokens: await readTokens(settings.tokenAuthFile),
    authorizationModes: settings.authorizationMode,
    serviceAccounts: await tokenKeys(options),
    kubelets: {
      clientCert: towardsKubelets.cert,
      clientKey: towardsKubelets.key,
      kubeletCa: credentials.ca,
      ...(isLocal(settings) && { address: "127.0.0.1" }),
    },
    serviceCidr: settings.serviceCidr,
  });
}

/** Clients in the cluster know the server by this name. */
const ISSUER = "https://kubernetes.default.svc.cluster.local";

async function tokenKeys({ credentials, settings, nodeAddress }: ClusterOptions): Promise<ServiceAccountKeys> {
  const signingKey = { source: "pki/sa.key", pem: await credentials.serviceAccountKey() };
  const host = nodeAddress.includes(":") ? `[${nodeAddress}]` : nodeAddress;
  const jwksUri = `https://${host}:${settings.securePort}/openid/v1/jwks`;
  return readServiceAccountKeys({ signingKey, issuers: [ISSUER], jwksUri });
}

async function readTokens(path: string | undefined) {
  if (path === undefined) return undefined;
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ClusterError(`The token file ${path} cannot be read (${error.code}).`);
  });
  return parseTokenFile(text, path);
}

/** Processes on loopback addresses never have this one. */
const LOOPBACK_ADDRESS = "127.64.0.0";

/** Where pods reach the API server: where everybody does, or at this machine's end of the pods' network. */
function advertiseAddress({ settings, nodeAddress }: Pick<ComponentContext, "settings" | "nodeAddress">): string {
  const { bindAddress, clusterCidr } = settings;
  const reachable = isIP(bindAddress) === 4 && bindAddress !== "0.0.0.0" ? bindAddress : nodeAddress;
  if (!reachable.startsWith("127.")) return reachable;
  return hasOwnNetwork(settings) ? renderIPv4(parseCidr(clusterCidr).first + 1) : LOOPBACK_ADDRESS;
}

/** Whether the pods' network is one that their runtime makes for the cluster, with this machine at its first address. */
const hasOwnNetwork = ({ runtime, runtimeEndpoint }: ComponentContext["settings"]) =>
  runtime === "docker" || (runtime === "containerd" && runtimeEndpoint === undefined);

/** The names and addresses that clients may know the API server by. */
function serverHosts({ settings, nodeAddress }: ClusterOptions): string[] {
  const { bindAddress, serviceCidr } = settings;
  const inCluster = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
  ];
  const reachable = bindAddress === "0.0.0.0" ? [nodeAddress] : [bindAddress];
  // The address that the service `kubernetes` has by custom.
  const service = renderIPv4(parseCidr(serviceCidr).first + 1);
  const advertised = advertiseAddress({ settings, nodeAddress });
  return [...new Set(["localhost", "127.0.0.1", hostname(), ...reachable, ...inCluster, service, advertised])];
}
