// The part of the Container Runtime Interface (runtime.v1) that is used here, and containerd's stream of events: fields by
// their numbers on the wire, and the types that follow from them. What is not listed is neither sent nor read.

/** A field's number, its type, and whether there are many: a list, or a map from names. */
type Field = readonly [id: number, type: string, many?: "repeated" | "map"];

/** In the order of their numbers, from 0. */
export const enums = {
  Protocol: ["TCP", "UDP", "SCTP"],
  MountPropagation: ["PROPAGATION_PRIVATE", "PROPAGATION_HOST_TO_CONTAINER", "PROPAGATION_BIDIRECTIONAL"],
  NamespaceMode: ["POD", "CONTAINER", "NODE", "TARGET"],
  ProfileType: ["RuntimeDefault", "Unconfined", "Localhost"],
  PodSandboxState: ["SANDBOX_READY", "SANDBOX_NOTREADY"],
  ContainerState: ["CONTAINER_CREATED", "CONTAINER_RUNNING", "CONTAINER_EXITED", "CONTAINER_UNKNOWN"],
} as const;

const sandboxId = { podSandboxId: [1, "string"] } as const;
const containerId = { containerId: [1, "string"] } as const;
const url = { url: [1, "string"] } as const;

export const messages = {
  Empty: {},
  VersionResponse: { runtimeName: [2, "string"], runtimeVersion: [3, "string"] },
  VerboseRequest: { verbose: [1, "bool"] },
  RuntimeCondition: { type: [1, "string"], status: [2, "bool"], reason: [3, "string"], message: [4, "string"] },
  RuntimeStatus: { conditions: [1, "RuntimeCondition", "repeated"] },
  StatusResponse: { status: [1, "RuntimeStatus"], info: [2, "string", "map"] },

  Int64Value: { value: [1, "int64"] },
  UInt64Value: { value: [1, "uint64"] },
  DNSConfig: {
    servers: [1, "string", "repeated"],
    searches: [2, "string", "repeated"],
    options: [3, "string", "repeated"],
  },
  PortMapping: {
    protocol: [1, "Protocol"],
    containerPort: [2, "int32"],
    hostPort: [3, "int32"],
    hostIp: [4, "string"],
  },
  NamespaceOption: {
    network: [1, "NamespaceMode"],
    pid: [2, "NamespaceMode"],
    ipc: [3, "NamespaceMode"],
    targetId: [4, "string"],
  },
  SELinuxOption: { user: [1, "string"], role: [2, "string"], type: [3, "string"], level: [4, "string"] },
  SecurityProfile: { profileType: [1, "ProfileType"], localhostRef: [2, "string"] },
  LinuxSandboxSecurityContext: {
    namespaceOptions: [1, "NamespaceOption"],
    privileged: [6, "bool"],
    seccomp: [9, "SecurityProfile"],
  },
  LinuxPodSandboxConfig: {
    cgroupParent: [1, "string"],
    securityContext: [2, "LinuxSandboxSecurityContext"],
    sysctls: [3, "string", "map"],
  },
  PodSandboxMetadata: {
    name: [1, "string"],
    uid: [2, "string"],
    namespace: [3, "string"],
    attempt: [4, "uint32"],
  },
  PodSandboxConfig: {
    metadata: [1, "PodSandboxMetadata"],
    hostname: [2, "string"],
    logDirectory: [3, "string"],
    dnsConfig: [4, "DNSConfig"],
    portMappings: [5, "PortMapping", "repeated"],
    labels: [6, "string", "map"],
    annotations: [7, "string", "map"],
    linux: [8, "LinuxPodSandboxConfig"],
  },
  RunPodSandboxRequest: { config: [1, "PodSandboxConfig"], runtimeHandler: [2, "string"] },
  SandboxRequest: sandboxId,
  RunPodSandboxResponse: sandboxId,
  PodSandboxNetworkStatus: { ip: [1, "string"] },
  Namespace: { options: [2, "NamespaceOption"] },
  LinuxPodSandboxStatus: { namespaces: [1, "Namespace"] },
  PodSandboxStatus: {
    id: [1, "string"],
    metadata: [2, "PodSandboxMetadata"],
    state: [3, "PodSandboxState"],
    createdAt: [4, "int64"],
    network: [5, "PodSandboxNetworkStatus"],
    linux: [6, "LinuxPodSandboxStatus"],
    labels: [7, "string", "map"],
    annotations: [8, "string", "map"],
  },
  PodSandboxStatusResponse: { status: [1, "PodSandboxStatus"] },
  PodSandboxFilter: { id: [1, "string"], labelSelector: [3, "string", "map"] },
  ListPodSandboxRequest: { filter: [1, "PodSandboxFilter"] },
  PodSandbox: {
    id: [1, "string"],
    metadata: [2, "PodSandboxMetadata"],
    state: [3, "PodSandboxState"],
    createdAt: [4, "int64"],
    annotations: [6, "string", "map"],
  },
  ListPodSandboxResponse: { items: [1, "PodSandbox", "repeated"] },

  ImageSpec: { image: [1, "string"] },
  KeyValue: { key: [1, "string"], value: [2, "string"] },
  Mount: {
    containerPath: [1, "string"],
    hostPath: [2, "string"],
    readonly: [3, "bool"],
    propagation: [5, "MountPropagation"],
  },
  LinuxContainerResources: {
    cpuPeriod: [1, "int64"],
    cpuQuota: [2, "int64"],
    cpuShares: [3, "int64"],
    memoryLimitInBytes: [4, "int64"],
    oomScoreAdj: [5, "int64"],
  },
  Capability: { addCapabilities: [1, "string", "repeated"], dropCapabilities: [2, "string", "repeated"] },
  LinuxContainerSecurityContext: {
    capabilities: [1, "Capability"],
    privileged: [2, "bool"],
    namespaceOptions: [3, "NamespaceOption"],
    selinuxOptions: [4, "SELinuxOption"],
    runAsUser: [5, "Int64Value"],
    runAsUsername: [6, "string"],
    readonlyRootfs: [7, "bool"],
    supplementalGroups: [8, "int64", "repeated"],
    noNewPrivs: [11, "bool"],
    runAsGroup: [12, "Int64Value"],
    maskedPaths: [13, "string", "repeated"],
    readonlyPaths: [14, "string", "repeated"],
    seccomp: [15, "SecurityProfile"],
    apparmor: [16, "SecurityProfile"],
  },
  LinuxContainerConfig: {
    resources: [1, "LinuxContainerResources"],
    securityContext: [2, "LinuxContainerSecurityContext"],
  },
  ContainerMetadata: { name: [1, "string"], attempt: [2, "uint32"] },
  ContainerConfig: {
    metadata: [1, "ContainerMetadata"],
    image: [2, "ImageSpec"],
    command: [3, "string", "repeated"],
    args: [4, "string", "repeated"],
    workingDir: [5, "string"],
    envs: [6, "KeyValue", "repeated"],
    mounts: [7, "Mount", "repeated"],
    labels: [9, "string", "map"],
    annotations: [10, "string", "map"],
    logPath: [11, "string"],
    stdin: [12, "bool"],
    stdinOnce: [13, "bool"],
    tty: [14, "bool"],
    linux: [15, "LinuxContainerConfig"],
  },
  CreateContainerRequest: {
    podSandboxId: [1, "string"],
    config: [2, "ContainerConfig"],
    sandboxConfig: [3, "PodSandboxConfig"],
  },
  ContainerRequest: containerId,
  CreateContainerResponse: containerId,
  StopContainerRequest: { ...containerId, timeout: [2, "int64"] },
  ContainerFilter: { id: [1, "string"], podSandboxId: [3, "string"], labelSelector: [4, "string", "map"] },
  ListContainersRequest: { filter: [1, "ContainerFilter"] },
  Container: {
    id: [1, "string"],
    podSandboxId: [2, "string"],
    metadata: [3, "ContainerMetadata"],
    imageRef: [5, "string"],
    state: [6, "ContainerState"],
    createdAt: [7, "int64"],
    labels: [8, "string", "map"],
    annotations: [9, "string", "map"],
  },
  ListContainersResponse: { containers: [1, "Container", "repeated"] },
  ContainerStatusRequest: { ...containerId, verbose: [2, "bool"] },
  ContainerResources: { linux: [1, "LinuxContainerResources"] },
  ContainerStatus: {
    id: [1, "string"],
    state: [3, "ContainerState"],
    createdAt: [4, "int64"],
    startedAt: [5, "int64"],
    finishedAt: [6, "int64"],
    exitCode: [7, "int32"],
    imageRef: [9, "string"],
    reason: [10, "string"],
    message: [11, "string"],
    labels: [12, "string", "map"],
    annotations: [13, "string", "map"],
    logPath: [15, "string"],
    resources: [16, "ContainerResources"],
  },
  ContainerStatusResponse: { status: [1, "ContainerStatus"], info: [2, "string", "map"] },
  UpdateContainerResourcesRequest: { ...containerId, linux: [2, "LinuxContainerResources"] },
  ExecRequest: {
    ...containerId,
    cmd: [2, "string", "repeated"],
    tty: [3, "bool"],
    stdin: [4, "bool"],
    stdout: [5, "bool"],
    stderr: [6, "bool"],
  },
  ExecResponse: url,
  AttachRequest: {
    ...containerId,
    stdin: [2, "bool"],
    tty: [3, "bool"],
    stdout: [4, "bool"],
    stderr: [5, "bool"],
  },
  AttachResponse: url,

  CpuUsage: { usageCoreNanoSeconds: [2, "UInt64Value"] },
  MemoryUsage: { workingSetBytes: [2, "UInt64Value"] },
  FilesystemIdentifier: { mountpoint: [1, "string"] },
  FilesystemUsage: { fsId: [2, "FilesystemIdentifier"], usedBytes: [3, "UInt64Value"] },
  ContainerStats: { cpu: [2, "CpuUsage"], memory: [3, "MemoryUsage"], writableLayer: [4, "FilesystemUsage"] },
  ContainerStatsResponse: { stats: [1, "ContainerStats"] },

  ImageRequest: { image: [1, "ImageSpec"] },
  ImageStatusRequest: { image: [1, "ImageSpec"], verbose: [2, "bool"] },
  Image: {
    id: [1, "string"],
    repoTags: [2, "string", "repeated"],
    repoDigests: [3, "string", "repeated"],
    size: [4, "uint64"],
    uid: [5, "Int64Value"],
    username: [6, "string"],
    pinned: [8, "bool"],
  },
  ImageStatusResponse: { image: [1, "Image"], info: [2, "string", "map"] },
  ListImagesResponse: { images: [1, "Image", "repeated"] },
  AuthConfig: { username: [1, "string"], password: [2, "string"], serverAddress: [4, "string"] },
  PullImageRequest: { image: [1, "ImageSpec"], auth: [2, "AuthConfig"] },
  PullImageResponse: { imageRef: [1, "string"] },
  ImageFsInfoResponse: { imageFilesystems: [1, "FilesystemUsage", "repeated"] },

  // containerd's own: an event is any message, of which these have their first fields alike.
  SubscribeRequest: { filters: [1, "string", "repeated"] },
  TaskEvent: { containerId: [1, "string"], processId: [2, "string"] },
  AnyEvent: { value: [2, "TaskEvent"] },
  EventEnvelope: { topic: [3, "string"], event: [4, "AnyEvent"] },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Field>>>>;

type Method = readonly [request: MessageName, response: MessageName, kind?: "stream"];

/** By service and method, as they are called on the wire. */
export const services = {
  "runtime.v1.RuntimeService": {
    Version: ["Empty", "VersionResponse"],
    Status: ["VerboseRequest", "StatusResponse"],
    RunPodSandbox: ["RunPodSandboxRequest", "RunPodSandboxResponse"],
    StopPodSandbox: ["SandboxRequest", "Empty"],
    RemovePodSandbox: ["SandboxRequest", "Empty"],
    PodSandboxStatus: ["SandboxRequest", "PodSandboxStatusResponse"],
    ListPodSandbox: ["ListPodSandboxRequest", "ListPodSandboxResponse"],
    CreateContainer: ["CreateContainerRequest", "CreateContainerResponse"],
    StartContainer: ["ContainerRequest", "Empty"],
    StopContainer: ["StopContainerRequest", "Empty"],
    RemoveContainer: ["ContainerRequest", "Empty"],
    ListContainers: ["ListContainersRequest", "ListContainersResponse"],
    ContainerStatus: ["ContainerStatusRequest", "ContainerStatusResponse"],
    UpdateContainerResources: ["UpdateContainerResourcesRequest", "Empty"],
    ReopenContainerLog: ["ContainerRequest", "Empty"],
    Exec: ["ExecRequest", "ExecResponse"],
    Attach: ["AttachRequest", "AttachResponse"],
    ContainerStats: ["ContainerRequest", "ContainerStatsResponse"],
  },
  "runtime.v1.ImageService": {
    ListImages: ["Empty", "ListImagesResponse"],
    ImageStatus: ["ImageStatusRequest", "ImageStatusResponse"],
    PullImage: ["PullImageRequest", "PullImageResponse"],
    RemoveImage: ["ImageRequest", "Empty"],
    ImageFsInfo: ["Empty", "ImageFsInfoResponse"],
  },
  "containerd.services.events.v1.Events": {
    Subscribe: ["SubscribeRequest", "EventEnvelope", "stream"],
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Method>>>>;

type Messages = typeof messages;
type Enums = typeof enums;
type Services = typeof services;
export type MessageName = keyof Messages;

interface Scalars {
  readonly string: string;
  readonly bool: boolean;
  readonly int32: number;
  readonly uint32: number;
  /** Times in nanoseconds lose their last digits; nobody needs them. */
  readonly int64: number;
  readonly uint64: number;
}

type Single<T, Sub> = T extends keyof Scalars ? Scalars[T] : T extends keyof Enums ? Enums[T][number] : Sub;

type Value<F, Sub> = F extends readonly [number, unknown, "repeated"]
  ? readonly Single<F[1], Sub>[]
  : F extends readonly [number, unknown, "map"]
    ? Readonly<Record<string, Single<F[1], Sub>>>
    : F extends readonly [number, infer T]
      ? Single<T, Sub>
      : never;

type Nested<F, Direction extends "sent" | "received"> = F extends readonly [
  number,
  infer T extends MessageName,
  ...unknown[],
]
  ? Direction extends "sent"
    ? Sent<T>
    : Received<T>
  : never;

type IsMessage<F> = F extends readonly [number, MessageName] ? true : false;

/** What is left out is the field's zero. */
export type Sent<N extends MessageName> = {
  readonly [K in keyof Messages[N]]?: Value<Messages[N][K], Nested<Messages[N][K], "sent">>;
};

/** Every field is there; a message within may be null. */
export type Received<N extends MessageName> = {
  readonly [K in keyof Messages[N]]: IsMessage<Messages[N][K]> extends true
    ? Nested<Messages[N][K], "received"> | null
    : Value<Messages[N][K], Nested<Messages[N][K], "received">>;
};

type MethodsOf<S> = S extends keyof Services ? `${S}/${keyof Services[S] & string}` : never;
/** Such as `runtime.v1.RuntimeService/Version`. */
export type MethodName = MethodsOf<keyof Services>;
type Signature<M extends MethodName> = M extends `${infer S extends keyof Services}/${infer N}`
  ? N extends keyof Services[S]
    ? Services[S][N]
    : never
  : never;
export type RequestOf<M extends MethodName> =
  Signature<M> extends readonly [infer R extends MessageName, ...unknown[]] ? Sent<R> : never;
export type ResponseOf<M extends MethodName> =
  Signature<M> extends readonly [unknown, infer R extends MessageName, ...unknown[]] ? Received<R> : never;
