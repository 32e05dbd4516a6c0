// How a pod resolves names: by the cluster's DNS, as its node does, or by its own settings alone; and the file that says so
// inside of its containers. Pure.

import type { Pod } from "../api/core/pod.ts";
import type { DnsSpec } from "./runtimes/runtime.ts";

export interface ClusterDns {
  /** The addresses of the cluster's DNS service; empty where it has none. */
  readonly servers: readonly string[];
  readonly domain: string;
}

export interface DnsSources {
  readonly cluster: ClusterDns;
  /** How the node itself resolves names. */
  readonly node: DnsSpec;
}

/** What a resolver reads of its file. */
const SERVERS_MAX = 3;

/** Whether there is anything to say besides "as the node does". */
export const hasOwnDns = ({ spec }: Pick<Pod, "spec">, { servers }: ClusterDns): boolean =>
  (asksCluster(spec) && servers.length > 0) || spec.dnsPolicy === "None" || spec.dnsConfig !== undefined;

/** Undefined: as the node resolves names. */
export function buildDns({ metadata, spec }: Pick<Pod, "metadata" | "spec">, sources: DnsSources): DnsSpec | undefined {
  const { cluster, node } = sources;
  if (asksCluster(spec) && cluster.servers.length > 0)
    return withOwn(spec, ofCluster(metadata.namespace ?? "", sources));
  if (spec.dnsPolicy === "None") return withOwn(spec, NOTHING);
  if (!hasOwnDns({ spec }, cluster)) return undefined;
  // A resolver on the node's loopback answers nobody but the node.
  const servers = spec.hostNetwork ? node.servers : node.servers.filter((server) => !isLoopback(server));
  return withOwn(spec, { ...node, servers });
}

const NOTHING: DnsSpec = { servers: [], searches: [], options: [] };
const isLoopback = (address: string) => address.startsWith("127.") || address === "::1";

/** Pods of the host's network ask the cluster's DNS only where they say so. */
function asksCluster({ dnsPolicy = "ClusterFirst", hostNetwork }: Pod["spec"]): boolean {
  return dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork);
}

function ofCluster(namespace: string, { cluster, node }: DnsSources): DnsSpec {
  const { servers, domain } = cluster;
  const searches = [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...node.searches];
  return { servers, searches, options: ["ndots:5"] };
}

/** The pod's own settings come after the others, and its options in their place. */
function withOwn({ dnsConfig = {} }: Pod["spec"], base: DnsSpec): DnsSpec {
  const { nameservers = [], searches = [], options = [] } = dnsConfig;
  const own = new Map(options.map(({ name = "", value }) => [name, value === undefined ? name : `${name}:${value}`]));
  const kept = base.options.filter((option) => !own.has(option.split(":")[0] ?? ""));
  return {
    servers: distinct([...base.servers, ...nameservers]).slice(0, SERVERS_MAX),
    searches: distinct([...base.searches, ...searches]),
    options: [...kept, ...own.values()],
  };
}

const distinct = (names: readonly string[]): string[] => [...new Set(names)];

/** Reads a resolver's file; the last of several lines of a kind counts, as for the resolver. */
export function parseResolvConf(text: string): DnsSpec {
  const lines = text.split("\n").map((line) => line.trim().split(/\s+/));
  const valuesOf = (...kinds: readonly string[]) => lines.filter(([kind = ""]) => kinds.includes(kind));
  const last = (...kinds: readonly string[]) =>
    valuesOf(...kinds)
      .at(-1)
      ?.slice(1) ?? [];
  return {
    servers: valuesOf("nameserver").flatMap(([, server]) => (server === undefined ? [] : [server])),
    searches: last("search", "domain").filter((domain) => domain !== "."),
    options: last("options"),
  };
}

export function renderResolvConf({ servers, searches, options }: DnsSpec): string {
  return [
    ...(searches.length > 0 ? [`search ${searches.join(" ")}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(" ")}`] : []),
    "",
  ].join("\n");
}
