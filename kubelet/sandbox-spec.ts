// What the runtime is told about a pod's sandbox. Pure.

import type { Pod } from "../api/core/pod.ts";
import { dottedSysctl } from "./admission/allowed-sysctls.ts";
import { kernelHostname } from "./pod-hostname.ts";
import type { DnsSpec, PortMapping, SandboxSpec } from "./runtimes/runtime.ts";
import { StepError } from "./step-error.ts";

export interface ClusterDns {
  /** The addresses of the cluster's DNS service; empty where it has none. */
  readonly servers: readonly string[];
  readonly domain: string;
}

export interface SandboxInputs {
  /** How many sandboxes the pod has had before. */
  readonly attempt: number;
  readonly dns: ClusterDns;
  /** What the pod's RuntimeClass calls the runtime; "" for the node's default. */
  readonly runtimeHandler: string;
}

/** Throws StepError for what this node cannot do. */
export function buildSandboxSpec(pod: Pod, { attempt, dns, runtimeHandler }: SandboxInputs): SandboxSpec {
  const { spec } = pod;
  const { namespace = "", name, uid } = pod.metadata;
  if (spec.hostUsers === false && !spec.hostNetwork) throw refuseOwnUsers(runtimeHandler);
  const sysctls = spec.securityContext?.sysctls ?? [];
  return {
    pod: { namespace, name, uid },
    attempt,
    hostname: kernelHostname(pod, dns.domain),
    dns: buildDns(spec, { namespace, dns }),
    hostAliases: spec.hostAliases?.map(({ ip, hostnames = [] }) => ({ ip, hostnames })),
    hostNetwork: spec.hostNetwork,
    hostPid: spec.hostPID,
    hostIpc: spec.hostIPC,
    shareProcessNamespace: spec.shareProcessNamespace,
    portMappings: spec.hostNetwork ? [] : listPortMappings(spec),
    sysctls: Object.fromEntries(sysctls.map((sysctl) => [dottedSysctl(sysctl.name), sysctl.value])),
    ...(runtimeHandler && { runtimeHandler }),
  };
}

/** Users that are the pod's alone need a runtime that maps them for one pod; none of ours does. */
function refuseOwnUsers(handler: string): StepError {
  const who = handler ? `RuntimeClass handler ${JSON.stringify(handler)}` : "runtime";
  const message = `can't set \`spec.hostUsers: false\`, ${who} does not support user namespaces`;
  return new StepError("CreatePodSandboxError", message);
}

function listPortMappings({ containers, initContainers = [] }: Pod["spec"]): PortMapping[] {
  return [...initContainers, ...containers]
    .flatMap(({ ports = [] }) => ports)
    .flatMap(({ protocol = "TCP", containerPort, hostPort, hostIP }) =>
      hostPort ? [{ protocol, containerPort, hostPort, ...(hostIP && { hostIp: hostIP }) }] : [],
    );
}

/** What the resolver in containers reads of its file. */
const SERVERS_MAX = 3;
const distinct = (names: readonly string[]): string[] => [...new Set(names)];

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
      servers: distinct([...dns.servers, ...own.servers]).slice(0, SERVERS_MAX),
      searches: distinct([`${namespace}.svc.${domain}`, `svc.${domain}`, domain, ...own.searches]),
      options: [...ndots, ...own.options],
    };
  }
  return spec.dnsConfig || spec.dnsPolicy === "None" ? own : undefined;
}

/** Pods of the host's network ask the cluster's DNS only where they say so. */
function asksCluster({ dnsPolicy = "ClusterFirst", hostNetwork }: Pod["spec"]): boolean {
  return dnsPolicy === "ClusterFirstWithHostNet" || (dnsPolicy === "ClusterFirst" && !hostNetwork);
}
