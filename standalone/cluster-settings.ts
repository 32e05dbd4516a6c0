// What a cluster is made of: the user's flags where given, else what it was made of last time, else what fits the machine.
// The decision is pure; it is kept in the data directory, so that a second start finds the same cluster.

import { AUTHORIZATION_MODES, type AuthorizationMode } from "../apiserver/auth/auth.ts";
import { isCidr, type AddressKind, type AddressRanges } from "./address-ranges.ts";
import { ClusterError } from "./cluster-error.ts";

export const COMPONENTS = ["apiserver", "controllers", "scheduler", "kubelet", "proxy", "dns"] as const;
export type Component = (typeof COMPONENTS)[number];

/** The flags of `kctl up`; what is absent is decided here. */
export interface ClusterFlags {
  readonly securePort?: number;
  readonly bindAddress?: string;
  readonly nodes?: number;
  readonly runtime?: string;
  readonly runtimeEndpoint?: string;
  readonly proxy?: string;
  readonly store?: string;
  readonly etcdServers?: readonly string[];
  readonly serviceCidr?: string;
  readonly clusterCidr?: string;
  readonly tokenAuthFile?: string;
  readonly authorizationMode?: readonly string[];
  readonly deschedule?: boolean;
}

export interface ClusterSettings extends AddressRanges {
  /** Tells this cluster's containers, rules and networks from those of others on the machine. */
  readonly id: string;
  readonly securePort: number;
  readonly bindAddress: string;
  readonly nodes: number;
  readonly runtime: RuntimeKind;
  /** Where a containerd listens that is not the cluster's own. */
  readonly runtimeEndpoint?: string;
  readonly proxy: ProxyKind;
  readonly store: StoreKind;
  readonly etcdServers: readonly string[];
  readonly tokenAuthFile?: string;
  /** Who decides what users may do; everybody who is known may do everything unless given. */
  readonly authorizationMode?: readonly AuthorizationMode[];
  /** Whether pods that are out of place are moved; only where it is asked for. */
  readonly deschedule?: boolean;
}

export type RuntimeKind = "docker" | "containerd" | "process" | "fake";
export type ProxyKind = "nftables" | "userspace" | "none";
export type StoreKind = "embedded" | "etcd";

/** What the machine offers. */
export interface MachineFacts {
  readonly dockerAnswers: boolean;
  /** Root, and the nft program is there. */
  readonly canUseNftables: boolean;
}

export interface SettingsRequest {
  readonly flags: ClusterFlags;
  /** What the cluster was made of last time; undefined for a new one. */
  readonly stored: ClusterSettings | undefined;
  readonly machine: MachineFacts;
  /** Makes an id for a new cluster. */
  newId(): string;
  /** The ranges for a new cluster, or one whose kinds of address have changed. */
  freeRanges(kinds: { readonly pods: AddressKind; readonly services: AddressKind }): AddressRanges;
}

/** Throws ClusterError for flags that make no sense, or contradict the cluster that is there. */
export function planSettings(request: SettingsRequest): ClusterSettings {
  const { flags, stored } = request;
  validateFlags(flags);
  const runtime = planRuntime(request);
  const proxy = planProxy(request, runtime);
  const store = planStore(request);
  const kept = stored?.runtime === runtime && stored.proxy === proxy ? stored : undefined;
  const ranges = kept ?? request.freeRanges(kindsOf(runtime, proxy));
  return {
    ...DEFAULTS,
    ...(stored ?? { id: request.newId() }),
    serviceCidr: ranges.serviceCidr,
    clusterCidr: ranges.clusterCidr,
    ...given(flags),
    ...planAuthorization(flags),
    runtime,
    proxy,
    ...store,
  };
}

const DEFAULTS = {
  securePort: 6443,
  bindAddress: "127.0.0.1",
  nodes: 1,
  authorizationMode: ["Node", "RBAC"],
} as const;

/** The flags that are taken as they are. */
function given(all: ClusterFlags) {
  const { securePort, bindAddress, nodes, runtimeEndpoint, serviceCidr, clusterCidr, tokenAuthFile, deschedule } = all;
  const addresses = { securePort, bindAddress, serviceCidr, clusterCidr };
  const flags = { ...addresses, nodes, runtimeEndpoint, tokenAuthFile, deschedule };
  return Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
}

function planAuthorization({ authorizationMode }: ClusterFlags): Pick<ClusterSettings, "authorizationMode"> {
  if (!authorizationMode) return {};
  const modes = authorizationMode.map((name) => choose("--authorization-mode", name, AUTHORIZATION_MODES));
  return { authorizationMode: modes.filter((mode) => mode !== undefined && mode !== "auto") };
}

function validateFlags({ securePort, nodes, runtimeEndpoint, serviceCidr, clusterCidr }: ClusterFlags): void {
  if (runtimeEndpoint !== undefined && !runtimeEndpoint.startsWith("unix:///")) {
    throw new ClusterError(
      `--container-runtime-endpoint must be such as unix:///run/containerd/containerd.sock, not ${runtimeEndpoint}.`,
    );
  }
  if (securePort !== undefined && !isWithin(securePort, 1, 65535)) {
    throw new ClusterError("--secure-port must be a number from 1 to 65535.");
  }
  if (nodes !== undefined && !isWithin(nodes, 1, 1000))
    throw new ClusterError("--nodes must be a number from 1 to 1000.");
  for (const [name, value] of Object.entries({ "--service-cidr": serviceCidr, "--cluster-cidr": clusterCidr })) {
    if (value !== undefined && !isCidr(value)) {
      throw new ClusterError(`${name} must be an IPv4 range such as 10.96.0.0/16, not ${value}.`);
    }
  }
}

const isWithin = (value: number, min: number, max: number) => Number.isInteger(value) && value >= min && value <= max;

function planRuntime({ flags, stored, machine }: SettingsRequest): RuntimeKind {
  const runtime = choose("--runtime", flags.runtime, ["docker", "containerd", "process", "fake"]);
  if (runtime !== "auto") return runtime ?? stored?.runtime ?? automatic();
  return automatic();

  function automatic(): RuntimeKind {
    return machine.dockerAnswers ? "docker" : "process";
  }
}

function planProxy({ flags, stored, machine }: SettingsRequest, runtime: RuntimeKind): ProxyKind {
  const automatic = () => (runtime === "fake" ? "none" : machine.canUseNftables ? "nftables" : "userspace");
  const proxy = choose("--proxy", flags.proxy, ["nftables", "userspace", "none"]);
  if (proxy !== undefined && proxy !== "auto") return proxy;
  // Another runtime may need another proxy than last time.
  return proxy === undefined && stored?.runtime === runtime ? stored.proxy : automatic();
}

function planStore({ flags, stored }: SettingsRequest): Pick<ClusterSettings, "store" | "etcdServers"> {
  const servers = flags.etcdServers?.length ? flags.etcdServers : undefined;
  const store = chooseStore(flags.store, servers) ?? stored?.store ?? "embedded";
  // The state cannot move between stores by itself: another store than last time would look like an empty cluster.
  if (stored && store !== stored.store) {
    throw new ClusterError(
      `This cluster keeps its state in the ${stored.store} store. Use another --data-dir for a cluster on the ${store} store.`,
    );
  }
  if (store === "embedded") return { store, etcdServers: [] };
  const etcdServers = servers ?? stored?.etcdServers;
  if (!etcdServers) throw new ClusterError("--store etcd needs --etcd-servers URL,URL.");
  return { store, etcdServers };
}

/** What the flags say about the store: naming etcd's servers is choosing etcd. */
function chooseStore(flag: string | undefined, servers: readonly string[] | undefined): StoreKind | undefined {
  const named = choose("--store", flag, ["embedded", "etcd"]);
  if (named === "embedded" && servers) throw new ClusterError("--etcd-servers cannot be used with --store embedded.");
  return servers ? "etcd" : named === "auto" ? undefined : named;
}

function choose<const T extends string>(
  flag: string,
  value: string | undefined,
  known: readonly T[],
): T | "auto" | undefined {
  if (value === undefined || value === "auto") return value;
  const found = known.find((each) => each === value);
  if (!found) throw new ClusterError(`${flag} must be one of ${known.join(", ")}, not ${value}.`);
  return found;
}

function kindsOf(runtime: RuntimeKind, proxy: ProxyKind): { pods: AddressKind; services: AddressKind } {
  const pods = runtime === "process" ? "loopback" : "network";
  // The userspace proxy listens on the services' addresses, which works on loopback only. Processes on loopback
  // addresses reach services on loopback without leaving it.
  return { pods, services: proxy === "userspace" || pods === "loopback" ? "loopback" : "network" };
}

/** The components of `--components`; all unless given. */
export function parseComponents(text: string | undefined): readonly Component[] {
  if (text === undefined) return COMPONENTS;
  return text.split(",").map((name) => {
    const component = COMPONENTS.find((each) => each === name.trim());
    if (!component) throw new ClusterError(`--components must be a list of ${COMPONENTS.join(", ")}, not ${text}.`);
    return component;
  });
}
