// What Docker is asked to create for a pod, as pure translation. A pod is a sandbox container, which holds the network and
// waits, and the pod's containers, which join it.

import type { ContainerSecurity, ContainerResources, ContainerSpec, PodIdentity, SandboxSpec } from "./runtime.ts";

export const PAUSE_IMAGE = "gantry/pause:1";

/** Labels, under which the containers of one node are found again among all of a Docker Engine. */
export const labels = {
  cluster: "gantry.cluster",
  node: "gantry.node",
  sandbox: "gantry.sandbox",
  attempt: "gantry.attempt",
  image: "gantry.image",
  /** The labels of the spec as JSON: Docker would mix them with those of the image. */
  custom: "gantry.labels",
  /** The namespaces that containers of a sandbox join, decided when it is made. */
  namespaces: "gantry.namespaces",
  podNamespace: "io.kubernetes.pod.namespace",
  podName: "io.kubernetes.pod.name",
  podUid: "io.kubernetes.pod.uid",
  container: "io.kubernetes.container.name",
} as const;

/** The sandbox's `io.kubernetes.container.name`, as Kubernetes has always named it. */
export const SANDBOX_NAME = "POD";

export interface NodeScope {
  readonly cluster: string;
  readonly node: string;
}

/** The two sizes between which a container's log moves, so that no program fills the node's disk. */
export interface LogBounds {
  readonly bytesMax: number;
  readonly filesMax: number;
}

type Labels = Readonly<Record<string, string>>;

/** Unique on one Docker Engine, and the same each time, so that a repeated creation meets the first one. */
export function buildContainerName(part: { name: string; attempt: number; pod: PodIdentity }): string {
  const { name, attempt, pod } = part;
  return ["k8s", name, pod.name, pod.namespace, pod.uid, attempt].join("_");
}

function buildLabels(scope: NodeScope, part: { pod: PodIdentity; name: string; attempt: number; custom?: Labels }) {
  return {
    [labels.cluster]: scope.cluster,
    [labels.node]: scope.node,
    [labels.podNamespace]: part.pod.namespace,
    [labels.podName]: part.pod.name,
    [labels.podUid]: part.pod.uid,
    [labels.container]: part.name,
    [labels.attempt]: String(part.attempt),
    [labels.custom]: JSON.stringify(part.custom ?? {}),
  };
}

/** The body of POST /containers/create for a pod's sandbox. */
export function buildSandbox(spec: SandboxSpec, scope: NodeScope, network: string): object {
  const { pod, attempt, dns, hostNetwork = false } = spec;
  const joined = JSON.stringify({
    pid: spec.shareProcessNamespace === true,
    hostPid: spec.hostPid === true,
    hostIpc: spec.hostIpc === true,
    runtime: spec.runtimeHandler,
  });
  return {
    Image: PAUSE_IMAGE,
    ...(hostNetwork ? {} : { Hostname: spec.hostname }),
    Labels: {
      ...buildLabels(scope, { pod, name: SANDBOX_NAME, attempt, custom: spec.labels }),
      [labels.namespaces]: joined,
    },
    ExposedPorts: Object.fromEntries((spec.portMappings ?? []).map((mapping) => [portKey(mapping), {}])),
    HostConfig: {
      NetworkMode: hostNetwork ? "host" : network,
      IpcMode: spec.hostIpc ? "host" : "shareable",
      ...(spec.hostPid ? { PidMode: "host" } : {}),
      ...(spec.runtimeHandler ? { Runtime: spec.runtimeHandler } : {}),
      ...(dns ? { Dns: dns.servers, DnsSearch: dns.searches, DnsOptions: dns.options } : {}),
      ExtraHosts: (spec.hostAliases ?? []).flatMap(({ ip, hostnames }) => hostnames.map((name) => `${name}:${ip}`)),
      PortBindings: buildPortBindings(spec),
      Sysctls: spec.sysctls ?? {},
      SecurityOpt: ["no-new-privileges"],
      LogConfig: { Type: "none" },
    },
  };
}

function portKey({ containerPort, protocol }: { containerPort: number; protocol: string }): string {
  return `${containerPort}/${protocol.toLowerCase()}`;
}

function buildPortBindings({ portMappings = [], hostNetwork }: SandboxSpec): Record<string, object[]> {
  const bindings: Record<string, object[]> = {};
  for (const mapping of hostNetwork ? [] : portMappings) {
    const binding = { HostIp: mapping.hostIp ?? "", HostPort: String(mapping.hostPort) };
    (bindings[portKey(mapping)] ??= []).push(binding);
  }
  return bindings;
}

/** The sandbox that a container is made for, as Docker knows it. */
export interface DockerSandbox {
  readonly id: string;
  readonly pod: PodIdentity;
  /** The labels that buildSandbox wrote. */
  readonly labels: Labels;
}

/** The body of POST /containers/create for one of a pod's containers. */
export function buildContainer(
  spec: ContainerSpec,
  sandbox: DockerSandbox,
  context: { readonly scope: NodeScope; readonly log: LogBounds },
): object {
  const { pod } = sandbox;
  return {
    Image: spec.image,
    ...(spec.command?.length ? { Entrypoint: spec.command } : {}),
    ...(spec.args?.length ? { Cmd: spec.args } : {}),
    Env: spec.env.map(({ name, value }) => `${name}=${value}`),
    ...(spec.workingDir ? { WorkingDir: spec.workingDir } : {}),
    ...buildUser(spec.security),
    Tty: spec.tty ?? false,
    OpenStdin: spec.stdin ?? false,
    StdinOnce: spec.stdinOnce ?? false,
    Healthcheck: { Test: ["NONE"] },
    Labels: {
      ...buildLabels(context.scope, { pod, name: spec.name, attempt: spec.attempt, custom: spec.labels }),
      [labels.sandbox]: sandbox.id,
      [labels.image]: spec.image,
    },
    HostConfig: {
      ...joinSandbox(sandbox, spec.processesOf),
      Mounts: spec.mounts.map((mount) => ({
        Type: "bind",
        Source: mount.hostPath,
        Target: mount.containerPath,
        ReadOnly: mount.readOnly ?? false,
        BindOptions: { Propagation: propagations[mount.propagation ?? "None"] },
      })),
      ...buildResources(spec.resources),
      ...buildSecurity(spec.security),
      LogConfig: {
        Type: "json-file",
        Config: { "max-size": String(context.log.bytesMax), "max-file": String(context.log.filesMax) },
      },
    },
  };
}

const propagations = { None: "rprivate", HostToContainer: "rslave", Bidirectional: "rshared" } as const;

interface JoinedNamespaces {
  readonly pid?: boolean;
  readonly hostPid?: boolean;
  readonly hostIpc?: boolean;
  readonly runtime?: string;
}

function joinSandbox({ id, labels: given }: DockerSandbox, processesOf: string | undefined): object {
  const { pid, hostPid, hostIpc, runtime } = JSON.parse(given[labels.namespaces] ?? "{}") as JoinedNamespaces;
  const joined = `container:${id}`;
  const processes = processesOf ? `container:${processesOf}` : hostPid ? "host" : pid ? joined : undefined;
  return {
    NetworkMode: joined,
    IpcMode: hostIpc ? "host" : joined,
    ...(processes ? { PidMode: processes } : {}),
    ...(runtime ? { Runtime: runtime } : {}),
  };
}

/** Kubernetes' arithmetic: 1024 shares a CPU, at least 2; a quota per 100 ms, at least 1 ms. No swap beyond the limit. */
export function buildResources(resources: ContainerResources = {}): object {
  const { cpuMillisRequest, cpuMillisLimit, memoryBytesLimit, pidsLimit, oomScoreAdj } = resources;
  return {
    CpuShares: cpuMillisRequest ? Math.max(2, Math.floor((cpuMillisRequest * 1024) / 1000)) : 2,
    ...(cpuMillisLimit ? { CpuPeriod: 100_000, CpuQuota: Math.max(1000, cpuMillisLimit * 100) } : {}),
    ...(memoryBytesLimit ? { Memory: memoryBytesLimit, MemorySwap: memoryBytesLimit } : {}),
    ...(pidsLimit ? { PidsLimit: pidsLimit } : {}),
    ...(oomScoreAdj ? { OomScoreAdj: oomScoreAdj } : {}),
  };
}

/** The body of POST /containers/{id}/update. */
export function buildUpdate({ cpuMillisRequest, cpuMillisLimit, memoryBytesLimit }: ContainerResources): object {
  return buildResources({ cpuMillisRequest, cpuMillisLimit, memoryBytesLimit });
}

function buildUser(security: ContainerSecurity = {}): object {
  const { user, group } = security;
  if (user === undefined && group === undefined) return {};
  return { User: group === undefined ? String(user) : `${user ?? 0}:${group}` };
}

function buildSecurity(security: ContainerSecurity = {}): object {
  const { seccomp, appArmor, seLinux = {} } = security;
  const options = [
    ...(security.noNewPrivileges ? ["no-new-privileges"] : []),
    ...(seccomp === "Unconfined" ? ["seccomp=unconfined"] : []),
    ...(typeof seccomp === "object" ? [`seccomp=${seccomp.profile}`] : []),
    ...(appArmor ? [`apparmor=${appArmor}`] : []),
    ...Object.entries(seLinux).map(([part, value]) => `label=${part}:${value}`),
  ];
  return {
    Privileged: security.privileged ?? false,
    ReadonlyRootfs: security.readOnlyRootFilesystem ?? false,
    CapAdd: security.addCapabilities ?? [],
    CapDrop: security.dropCapabilities ?? [],
    GroupAdd: (security.supplementalGroups ?? []).map(String),
    SecurityOpt: options,
  };
}
