// What the kubelet needs from whatever runs containers. One implementation per file; all pass testing/runtime-conformance.ts.
// A runtime runs what it is told and reports what it sees; it knows nothing of restart policies, probes or the API, and
// never starts anything again by itself.

import type { ImageStore } from "./image-store.ts";
import type { UsageMeter } from "./usage.ts";

/**
 * Every call is idempotent and may be repeated after a crash of either side; "already there" and "already gone" are
 * success. Expected failures are RuntimeErrors. Aborting a signal rejects the call at once with the signal's reason; what
 * it had begun may or may not take effect, which the next list() tells. Calls for different pods run in parallel.
 */
export interface ContainerRuntime {
  /** The scheme of container ids in a pod's status, such as `docker` in `docker://4f1c…`. */
  readonly name: string;
  /** The version of what runs the containers, for the Node's status; never empty. */
  readonly version: string;
  /** Its programs have the kubelet's own rights and see the node's files at their own paths: there is nothing to keep from them. */
  readonly sharesFiles?: boolean;
  readonly images: ImageStore;
  readonly usage: UsageMeter;
  readonly limits: ContainerLimits;

  /** All that this node's runtime has, running or not. The truth: the kubelet keeps no other state of containers. */
  list(signal: AbortSignal): Promise<RuntimePod[]>;

  /**
   * Tells which pod to look at again, so that nobody polls. Begins with a change without a pod ("list again") once the
   * subscription is in place, and repeats that whenever changes may have been missed (the connection was lost). It
   * reconnects by itself and ends only when aborted. Never says what changed: list() does.
   */
  watch(signal: AbortSignal): AsyncIterable<RuntimeChange>;

  /** Creates and starts the sandbox of (pod uid, attempt), or returns the one that is already there. */
  createSandbox(spec: SandboxSpec, signal: AbortSignal): Promise<Sandbox>;

  /** Kills and removes what runs in the sandbox, and then the sandbox. Stop containers first for a graceful end. */
  removeSandbox(id: SandboxId, signal: AbortSignal): Promise<void>;

  /**
   * Creates and starts the container of (sandbox, name, attempt), or returns the one that is already there, which may have
   * ended. The image must be present. When the program cannot be started, it throws a RuntimeError with the reason
   * StartError, and list() reports this attempt as exited with code 128, that reason and the cause in `message`.
   */
  startContainer(sandbox: SandboxId, spec: ContainerSpec, signal: AbortSignal): Promise<StartedContainer>;

  /** Asks the container to end, kills it after `graceSeconds`, and resolves when it has ended. It stays in the list. */
  stopContainer(id: ContainerId, graceSeconds: number, signal: AbortSignal): Promise<void>;

  /** Removes the container and its log; kills it first if it runs. */
  removeContainer(id: ContainerId, signal: AbortSignal): Promise<void>;

  /** Standard output and error as written, in order. Ends at the end of the log or, following, when the container ends. */
  logs(id: ContainerId, options: LogOptions): AsyncIterable<Uint8Array>;

  /** Runs a command in a running container and resolves with its exit code; 126 or 127 when it cannot be started. */
  exec(id: ContainerId, command: readonly string[], streams: ProcessStreams): Promise<number>;

  /** Connects to the streams of the container's own program. Resolves when it ends or the streams do. */
  attach(id: ContainerId, streams: ProcessStreams): Promise<void>;
}

export interface ContainerLimits {
  /** Changes what a running container may use. One that does not run (any more) is left as it is. */
  set(id: ContainerId, resources: ContainerResources, signal: AbortSignal): Promise<void>;
}

export type SandboxId = string;
export type ContainerId = string;

export interface RuntimeChange {
  /** Absent: anything may have changed. */
  readonly podUid?: string;
}

export interface PodIdentity {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What the containers of a pod share: network, host name, and what the pod as a whole asks for. */
export interface SandboxSpec {
  readonly pod: PodIdentity;
  /** 0 for the first sandbox of a pod, counted up by the kubelet when one has died. */
  readonly attempt: number;
  readonly hostname: string;
  /** Kept and returned by list(). Names below `gantry.` and `io.kubernetes.` are the runtime's. */
  readonly labels?: Readonly<Record<string, string>>;
  /** The runtime's default when absent. */
  readonly dns?: DnsSpec;
  readonly hostAliases?: readonly { readonly ip: string; readonly hostnames: readonly string[] }[];
  /** Shared with the node instead of the pod's own. */
  readonly hostNetwork?: boolean;
  readonly hostPid?: boolean;
  readonly hostIpc?: boolean;
  /** The containers see each other's processes. */
  readonly shareProcessNamespace?: boolean;
  readonly portMappings?: readonly PortMapping[];
  readonly sysctls?: Readonly<Record<string, string>>;
  /** Which of the runtimes behind this one runs the pod; its default when absent. */
  readonly runtimeHandler?: string;
}

export interface DnsSpec {
  readonly servers: readonly string[];
  readonly searches: readonly string[];
  /** As in resolv.conf: `ndots:5`. */
  readonly options: readonly string[];
}

export interface PortMapping {
  readonly protocol: "TCP" | "UDP" | "SCTP";
  readonly containerPort: number;
  readonly hostPort: number;
  readonly hostIp?: string;
}

export interface Sandbox {
  readonly id: SandboxId;
  /** Absent with hostNetwork: the pod then has the node's address. */
  readonly ip?: string;
}

export interface ContainerSpec {
  readonly name: string;
  /** The number of earlier containers of this name in the pod: the restart count. */
  readonly attempt: number;
  readonly image: string;
  /** Replaces the image's entry point, and its arguments too. */
  readonly command?: readonly string[];
  /** Replaces the image's arguments. */
  readonly args?: readonly string[];
  /** Added to the image's environment; a later entry of the same name wins. */
  readonly env: readonly EnvVariable[];
  readonly workingDir?: string;
  readonly mounts: readonly Mount[];
  readonly resources?: ContainerResources;
  readonly security?: ContainerSecurity;
  readonly tty?: boolean;
  /** Keeps standard input open for attach(). */
  readonly stdin?: boolean;
  /** A running container of the pod, whose processes this one sees and is seen by. */
  readonly processesOf?: ContainerId;
  /** Closes standard input after the first attach() with input has ended. */
  readonly stdinOnce?: boolean;
  /** Kept and returned by list(), such as a hash of the spec. Names below `gantry.` and `io.kubernetes.` are the runtime's. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface EnvVariable {
  readonly name: string;
  readonly value: string;
}

export interface Mount {
  /** A file or directory of the node that exists. */
  readonly hostPath: string;
  readonly containerPath: string;
  readonly readOnly?: boolean;
  /** `None` unless given. */
  readonly propagation?: "None" | "HostToContainer" | "Bidirectional";
}

/** Limits; 0 and absent both mean none. */
export interface ContainerResources {
  readonly cpuMillisRequest?: number;
  readonly cpuMillisLimit?: number;
  readonly memoryBytesLimit?: number;
  /** Processes and threads; cannot be changed later. */
  readonly pidsLimit?: number;
  /** -1000 to 1000: whom the kernel kills first when the node's memory is used up. */
  readonly oomScoreAdj?: number;
}

/** What a container has, as the kernel takes it; 0 for no limit. */
export interface GivenResources {
  readonly cpuShares: number;
  readonly cpuMillisLimit: number;
  readonly memoryBytesLimit: number;
}

export interface ContainerSecurity {
  /** A name is the image's own. */
  readonly user?: number | string;
  readonly group?: number;
  readonly supplementalGroups?: readonly number[];
  readonly privileged?: boolean;
  readonly addCapabilities?: readonly string[];
  readonly dropCapabilities?: readonly string[];
  readonly readOnlyRootFilesystem?: boolean;
  readonly noNewPrivileges?: boolean;
  /** The runtime's default profile when absent; `profile` is the text of a profile, as JSON. */
  readonly seccomp?: "RuntimeDefault" | "Unconfined" | { readonly profile: string };
  /** The name of a profile; the runtime's default when absent. */
  readonly appArmor?: string;
  /** The parts of an SELinux label: `user`, `role`, `type` and `level`. */
  readonly seLinux?: Readonly<Record<string, string>>;
}

export interface StartedContainer {
  readonly id: ContainerId;
  /** What the spec asks for and this runtime cannot do, as sentences for an event on the pod. Told at the first attempt only. */
  readonly warnings: readonly string[];
}

export interface RuntimePod {
  readonly pod: PodIdentity;
  /** The newest attempt first. */
  readonly sandboxes: readonly RuntimeSandbox[];
  /** The newest attempt of each name first. */
  readonly containers: readonly RuntimeContainer[];
}

export interface RuntimeSandbox extends Sandbox {
  readonly attempt: number;
  /** Anything else than running cannot take containers any more and should be removed. */
  readonly running: boolean;
  readonly createdAtMs: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface RuntimeContainer {
  readonly id: ContainerId;
  readonly sandboxId: SandboxId;
  readonly name: string;
  readonly attempt: number;
  readonly state: "created" | "running" | "exited";
  readonly createdAtMs: number;
  /** Absent where the runtime cannot limit containers. */
  readonly given?: GivenResources;
  readonly startedAtMs?: number;
  readonly finishedAtMs?: number;
  /** Of an exited container; 128 + the number of the signal that killed it. */
  readonly exitCode?: number;
  readonly oomKilled?: boolean;
  /** Set where the runtime knows more than the exit code: `StartError`. */
  readonly reason?: string;
  readonly message?: string;
  /** As named in the spec. */
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  readonly follow?: boolean;
  /** The last lines only; following goes on after them. */
  readonly tailLines?: number;
  /** Lines written at or after this time, in milliseconds since 1970. */
  readonly sinceMs?: number;
  /** Puts the time (RFC 3339 with nanoseconds) and a space before each line. */
  readonly timestamps?: boolean;
}

/** The streams of a running program. An absent stream is not connected. */
export interface ProcessStreams {
  /** Aborting it ends the connection; whether the program ends as well is up to the program. */
  readonly signal: AbortSignal;
  /** A terminal: then everything comes on `stdout`. */
  readonly tty?: boolean;
  /** Its end closes the program's standard input. */
  readonly stdin?: AsyncIterable<Uint8Array>;
  /** Called in order, one at a time; the program is slowed down while it is pending. */
  readonly stdout?: (chunk: Uint8Array) => Promise<void>;
  readonly stderr?: (chunk: Uint8Array) => Promise<void>;
  readonly resize?: AsyncIterable<TerminalSize>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}
