// What the runtime is told about a pod's sandbox. Pure.

import type { Pod } from "../api/core/pod.ts";
import type { DnsSpec, PortMapping, SandboxSpec } from "./runtimes/runtime.ts";

export interface ClusterDns {
  /** The addresses of the cluster's DNS service; empty where it has none. */
  readonly servers: readonly string[];
  readonly domain: string;
}

const HOSTNAME_LENGTH_MAX = 63;

export function buildSandboxSpec({ metadata, spec }: Pod, attempt: number, dns: ClusterDns): SandboxSpec {
  const { namespace = "", name, uid } = metadata;
  const sysctls = spec.securityContext?.sysctls ?? [];
  return {
    pod: { namespace, name, uid },
    attempt,
    hostname: (spec.hostname || name).slice(0, HOSTNAME_LENGTH_MAX).replace(/[-.]+$/, ""),
    dns: buildDns(spec, { namespace, dns }),
    hostAliases: spec.hostAliases?.map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
    hostNetwork: spec.hostNetwork,
    hostPid: spec.hostPID,
    hostIpc: spec.hostIPC,
    shareProcessNamespace: spec.shareProcessNamespace,
    portMappings: spec.hostNetwork ? [] : listPortMappings(spec),
    sysctls: Object.fromEntries(sysctls.map((sysctl) => [sysctl.name, sysctl.value])),
  };
}

function listPortMappings({ containers, initContainers = [] }: Pod["spec"]): PortMapping[] {
  return [...initContainers, ...containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ protocol = "TCP", containerPort, hostPort, hostIP }) =>
      hostPort ? [{ protocol, containerPort, hostPort, ...(hostIP && { hostIp: hostIP }) }] : [],
    );
}

/** Undefined: as the node resolves names. */
function buildDns(
  spec: Pod["spec"],
  { namespace, dns }: { readonly namespace: string; readonly dns: ClusterDns },
): DnsSpec | undefined {
  const { nameservers = [], searches = [], options = [] } = spec.dnsConfig ?? {};
  const ownOptions = options.map(({ name = "", value }) => (value === undefined ? name : `${name}:${value}`));
  const own = { servers: nameservers, searches, options: ownOptions };
  const { domain } = dns;
  if (asksCluster(spec) && dns.servers.length > 0) {
    const ndots = ownOptions.some((option) => option.startsWith("ndots")) ? [] : ["ndots:5"];
    return {
      servers: [...dns.servers, ...own.servers],
      searches: [`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...own.searches],
      options: [...ndots, ...own.options],
    };
  }
  return spec.dnsConfig || spec.dnsPolicy === "None" ? own : undefined;
}

/** Pods of the host's network ask the cluster's DNS only where they say so. */
function asksCluster({ dnsPolicy = "ClusterFirst", hostNetwork }: Pod["spec"]): boolean {
  return dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork);
}
