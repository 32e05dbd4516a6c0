// What a CRI runtime is asked to create for a pod, as pure translation. Pods and containers have their names in the CRI's
// own metadata; labels say whose they are, and annotations carry what the CRI has no field for.

import { asGiven } from "../given-resources.ts";
import type { ContainerResources, ContainerSecurity, ContainerSpec, Mount, SandboxSpec } from "../runtime.ts";
import type { Received, Sent } from "./schema.ts";

/** Labels, under which the containers of one node are found again among all of a runtime. */
export const labels = {
  cluster: "gantry.cluster",
  node: "gantry.node",
  podNamespace: "io.kubernetes.pod.namespace",
  podName: "io.kubernetes.pod.name",
  podUid: "io.kubernetes.pod.uid",
  container: "io.kubernetes.container.name",
} as const;

export const annotations = {
  /** Of a sandbox: what its containers have to be made with, as JSON. */
  sandbox: "gantry.sandbox",
  /** Of a container: the image's name as in the spec, and whether it has a terminal. */
  image: "gantry.image",
  terminal: "gantry.terminal",
} as const;

export interface NodeScope {
  readonly cluster: string;
  readonly node: string;
}

/** What is written down with a sandbox, for the containers that are made in it later. */
export interface SandboxNotes {
  readonly hostname: string;
  readonly logDirectory: string;
  readonly hostNetwork: boolean;
  readonly hostAliases: NonNullable<SandboxSpec["hostAliases"]>;
}

export const scopeLabels = ({ cluster, node }: NodeScope): Readonly<Record<string, string>> => ({
  [labels.cluster]: cluster,
  [labels.node]: node,
});

export function buildSandbox(
  spec: SandboxSpec,
  scope: NodeScope,
  logDirectory: string,
): Sent<"PodSandboxConfig"> & { readonly metadata: Sent<"PodSandboxMetadata"> } {
  const { pod, attempt, dns, hostname, hostNetwork = false, hostAliases = [] } = spec;
  const notes: SandboxNotes = { hostname, logDirectory, hostNetwork, hostAliases };
  return {
    metadata: { name: pod.name, namespace: pod.namespace, uid: pod.uid, attempt },
    // In the node's network the name is the node's, too.
    hostname: hostNetwork ? "" : hostname,
    logDirectory,
    ...(dns && { dnsConfig: dns }),
    portMappings: hostNetwork ? [] : (spec.portMappings ?? []),
    labels: {
      ...scopeLabels(scope),
      [labels.podNamespace]: pod.namespace,
      [labels.podName]: pod.name,
      [labels.podUid]: pod.uid,
    },
    annotations: { ...spec.labels, [annotations.sandbox]: JSON.stringify(notes) },
    linux: {
      securityContext: { namespaceOptions: buildNamespaces(spec), seccomp: { profileType: "RuntimeDefault" } },
      sysctls: spec.sysctls ?? {},
    },
  };
}

function buildNamespaces(spec: SandboxSpec): Sent<"NamespaceOption"> {
  return {
    network: spec.hostNetwork ? "NODE" : "POD",
    pid: spec.hostPid ? "NODE" : spec.shareProcessNamespace ? "POD" : "CONTAINER",
    ipc: spec.hostIpc ? "NODE" : "POD",
  };
}

export const readNotes = (of: Readonly<Record<string, string>>): SandboxNotes =>
  JSON.parse(of[annotations.sandbox] ?? "{}") as SandboxNotes;

/** The sandbox that a container is made for, and what is on the machine for it. */
export interface ContainerPlace {
  readonly sandbox: Pick<Received<"PodSandboxStatus">, "id" | "metadata" | "labels" | "annotations" | "linux">;
  /** The file that becomes the container's /etc/hosts. */
  readonly hostsPath: string;
  /** The file that holds the seccomp profile of the spec, where that is one. */
  readonly seccompPath?: string;
  /** Who the image's program runs as; needed where the spec names a group only. */
  readonly imageUser?: { readonly uid?: number; readonly name?: string };
}

export function buildContainer(spec: ContainerSpec, place: ContainerPlace): Sent<"CreateContainerRequest"> {
  const { sandbox } = place;
  const { hostname, logDirectory } = readNotes(sandbox.annotations);
  const namespaceOptions = sandbox.linux?.namespaces?.options ?? {};
  const { privileged = false } = spec.security ?? {};
  return {
    podSandboxId: sandbox.id,
    sandboxConfig: {
      metadata: sandbox.metadata ?? {},
      hostname,
      logDirectory,
      linux: { securityContext: { namespaceOptions, privileged } },
    },
    config: {
      ...buildProgram(spec),
      metadata: { name: spec.name, attempt: spec.attempt },
      image: { image: spec.image },
      mounts: buildMounts(spec.mounts, place.hostsPath),
      labels: { ...sandbox.labels, [labels.container]: spec.name },
      annotations: {
        ...spec.labels,
        [annotations.image]: spec.image,
        ...(spec.tty && { [annotations.terminal]: "true" }),
      },
      logPath: logPathOf(spec),
      linux: {
        resources: buildResources(spec.resources),
        securityContext: {
          namespaceOptions: joinProcesses(namespaceOptions, spec.processesOf),
          ...buildSecurity(spec.security, place),
        },
      },
    },
  };
}

function buildProgram(spec: ContainerSpec): Sent<"ContainerConfig"> {
  const { command = [], args = [], workingDir = "", stdin = false, stdinOnce = false, tty = false } = spec;
  const envs = spec.env.map(({ name, value }) => ({ key: name, value }));
  return { command, args, workingDir, envs, stdin, stdinOnce, tty };
}

function joinProcesses(options: Sent<"NamespaceOption">, target: string | undefined): Sent<"NamespaceOption"> {
  return target === undefined ? options : { ...options, pid: "TARGET", targetId: target };
}

/** Below the pod's directory of logs, as Kubernetes lays it out. */
export const logPathOf = ({ name, attempt }: { name: string; attempt: number }): string => `${name}/${attempt}.log`;

const propagations = {
  None: "PROPAGATION_PRIVATE",
  HostToContainer: "PROPAGATION_HOST_TO_CONTAINER",
  Bidirectional: "PROPAGATION_BIDIRECTIONAL",
} as const;

const HOSTS_FILE = "/etc/hosts";

function buildMounts(mounts: readonly Mount[], hostsPath: string): readonly Sent<"Mount">[] {
  const isGiven = mounts.some(({ containerPath }) => containerPath === HOSTS_FILE);
  const all = isGiven ? mounts : [...mounts, { hostPath: hostsPath, containerPath: HOSTS_FILE }];
  return all.map(({ hostPath, containerPath, readOnly = false, propagation = "None" }) => ({
    hostPath,
    containerPath,
    readonly: readOnly,
    propagation: propagations[propagation],
  }));
}

const CPU_PERIOD = 100_000;

/** Kubernetes' arithmetic, as asGiven() has it. A limit of 0 is none. */
function buildLimits(resources: ContainerResources): Sent<"LinuxContainerResources"> {
  const { cpuShares, cpuMillisLimit, memoryBytesLimit } = asGiven(resources);
  return {
    cpuShares,
    ...(cpuMillisLimit > 0 && { cpuPeriod: CPU_PERIOD, cpuQuota: (cpuMillisLimit * CPU_PERIOD) / 1000 }),
    ...(memoryBytesLimit > 0 && { memoryLimitInBytes: memoryBytesLimit }),
  };
}

export function buildResources(resources: ContainerResources = {}): Sent<"LinuxContainerResources"> {
  return { ...buildLimits(resources), oomScoreAdj: resources.oomScoreAdj ?? 0 };
}

/** Where nothing is left out, a limit that is taken away would stay: -1 is the kernel's word for none. */
export function buildUpdate(resources: ContainerResources): Sent<"LinuxContainerResources"> {
  return { cpuPeriod: CPU_PERIOD, cpuQuota: -1, memoryLimitInBytes: -1, ...buildLimits(resources) };
}

/** What the kernel shows of itself in /proc and /sys that no container should see, and what none should change. */
const MASKED_PATHS = [
  "/proc/asound",
  "/proc/acpi",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/sys/firmware",
  "/sys/devices/virtual/powercap",
];
const READONLY_PATHS = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

function buildSecurity(security: ContainerSecurity = {}, place: ContainerPlace): Sent<"LinuxContainerSecurityContext"> {
  const { privileged = false } = security;
  return {
    ...buildUser(security, place),
    privileged,
    capabilities: {
      addCapabilities: security.addCapabilities ?? [],
      dropCapabilities: security.dropCapabilities ?? [],
    },
    readonlyRootfs: security.readOnlyRootFilesystem ?? false,
    noNewPrivs: security.noNewPrivileges ?? false,
    supplementalGroups: security.supplementalGroups ?? [],
    ...(!privileged && { maskedPaths: MASKED_PATHS, readonlyPaths: READONLY_PATHS }),
    seccomp: buildSeccomp(security, place),
    ...(security.appArmor !== undefined && { apparmor: buildAppArmor(security.appArmor) }),
    ...(security.seLinux && { selinuxOptions: security.seLinux }),
  };
}

/** The CRI takes a group only together with a user. */
function buildUser({ user, group }: ContainerSecurity, { imageUser }: ContainerPlace) {
  if (user === undefined && group === undefined) return {};
  const asGroup = group === undefined ? {} : { runAsGroup: { value: group } };
  if (typeof user === "string") return { runAsUsername: user, ...asGroup };
  if (user !== undefined) return { runAsUser: { value: user }, ...asGroup };
  if (imageUser?.name) return { runAsUsername: imageUser.name, ...asGroup };
  return { runAsUser: { value: imageUser?.uid ?? 0 }, ...asGroup };
}

function buildSeccomp({ seccomp, privileged }: ContainerSecurity, place: ContainerPlace): Sent<"SecurityProfile"> {
  if (privileged || seccomp === "Unconfined") return { profileType: "Unconfined" };
  if (typeof seccomp === "object") return { profileType: "Localhost", localhostRef: place.seccompPath ?? "" };
  return { profileType: "RuntimeDefault" };
}

function buildAppArmor(profile: string): Sent<"SecurityProfile"> {
  if (profile === "unconfined") return { profileType: "Unconfined" };
  return { profileType: "Localhost", localhostRef: profile };
}
