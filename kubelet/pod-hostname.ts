// The name of a pod in its network, and its hosts file, which is the kubelet's and the same in all of its containers. Pure.

import type { Pod } from "../api/core/pod.ts";
import { StepError } from "./step-error.ts";

const HOSTNAME_LENGTH_MAX = 63;
/** What the kernel takes. */
const FQDN_LENGTH_MAX = 64;

/** Without its domain. */
export function hostnameOf({ metadata, spec }: Pod): string {
  return (spec.hostname || metadata.name).slice(0, HOSTNAME_LENGTH_MAX).replace(/[-.]+$/, "");
}

/** The whole name; undefined for a pod that has no subdomain. */
export function fqdnOf(pod: Pod, clusterDomain: string): string | undefined {
  const { metadata, spec } = pod;
  if (!spec.subdomain) return undefined;
  return `${hostnameOf(pod)}.${spec.subdomain}.${metadata.namespace ?? ""}.svc.${clusterDomain}`;
}

/** What the kernel is told. Throws StepError where it is too long for that. */
export function kernelHostname(pod: Pod, clusterDomain: string): string {
  const fqdn = pod.spec.setHostnameAsFQDN ? fqdnOf(pod, clusterDomain) : undefined;
  if (fqdn === undefined) return hostnameOf(pod);
  if (fqdn.length <= FQDN_LENGTH_MAX) return fqdn;
  const problem = `FQDN ${fqdn} is too long (${FQDN_LENGTH_MAX} characters is the max, ${fqdn.length} characters requested)`;
  throw new StepError(
    "CreatePodSandboxError",
    `failed to construct FQDN from pod hostname and cluster domain, ${problem}`,
  );
}

/** By the lines that Kubernetes writes, which programs and tests look for. */
const OWN_LINES = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "fe00::0\tip6-mcastprefix",
  "fe00::1\tip6-allnodes",
  "fe00::2\tip6-allrouters",
];

export interface HostsContext {
  readonly ip: string;
  readonly clusterDomain: string;
  /** The node's own file, which pods of its network see. */
  readonly nodeHosts: string;
}

export function renderHosts(pod: Pod, { ip, clusterDomain, nodeHosts }: HostsContext): string {
  const fqdn = fqdnOf(pod, clusterDomain);
  const hostname = hostnameOf(pod);
  const lines = pod.spec.hostNetwork
    ? ["# Kubernetes-managed hosts file (host network).", nodeHosts.replace(/\n$/, "")]
    : ["# Kubernetes-managed hosts file.", ...OWN_LINES, [ip, ...(fqdn ? [fqdn] : []), hostname].join("\t")];
  return [...lines, ...renderAliases(pod), ""].join("\n");
}

function renderAliases({ spec }: Pod): string[] {
  const aliases = spec.hostAliases ?? [];
  if (aliases.length === 0) return [];
  const lines = aliases.map(({ ip, hostnames = [] }) => [ip, ...hostnames].join("\t"));
  return ["", "# Entries added by HostAliases.", ...lines];
}
