// The Node object that a kubelet registers and keeps up to date. Pure.

import { isExtendedResource, isHugePages } from "../api/core/resource-names.ts";
import type { Node, NodeCondition, NodeStatus } from "../api/core/node.ts";
import type { NewObject } from "../api/meta/object.ts";
import { canonicalQuantity } from "../api/meta/quantity.ts";
import { formatTime } from "../lib/clock.ts";
import type { PressureCondition } from "./eviction/thresholds.ts";

export type SecurityModule = "apparmor" | "selinux";

/** What the machine is and has; read once by whoever starts the kubelet. */
export interface MachineFacts {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  readonly podsMax: number;
  /** Go's names: `amd64`, `arm64`; `linux`. */
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  /** The bytes that are set apart for huge pages, by the size of a page such as `2Mi`. */
  readonly hugePages?: Readonly<Record<string, number>>;
  /** What pods may not have; nothing unless given. */
  readonly reserved?: Reserved;
  /** Of those that pods can ask for; none unless given. */
  readonly securityModules?: readonly SecurityModule[];
}

export interface Reserved {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
}

export interface NodeFactsInput {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** The port of the kubelet's own server; 0 where it has none. */
  readonly port: number;
  readonly machine: MachineFacts;
  readonly runtime: { readonly name: string; readonly version: string };
}

/** The level of the Kubernetes API that this kubelet is made for. */
const KUBELET_VERSION = "v1.33.0+gantry";
/** The sizes of most machines, where nobody has looked. */
const NO_HUGE_PAGES = { "1Gi": 0, "2Mi": 0 };
const NO_RESERVATION: Reserved = { cpuMillis: 0, memoryBytes: 0, ephemeralStorageBytes: 0 };

/** In the form in which the server keeps quantities, so that what it gives back is equal. */
export function buildCapacity(machine: MachineFacts): Record<string, string> {
  const hugePages = Object.entries(machine.hugePages ?? NO_HUGE_PAGES);
  const capacity = {
    cpu: `${machine.cpuMillis}m`,
    "ephemeral-storage": `${Math.floor(machine.ephemeralStorageBytes / 1024)}Ki`,
    ...Object.fromEntries(hugePages.map(([size, bytes]) => [`hugepages-${size}`, `${bytes / 1024}Ki`])),
    memory: `${Math.floor(machine.memoryBytes / 1024)}Ki`,
    pods: String(machine.podsMax),
  };
  return Object.fromEntries(Object.entries(capacity).map(([name, amount]) => [name, canonicalQuantity(amount)]));
}

/** What pods may have of it. Huge pages are memory that nothing else can have. */
export function buildAllocatable(machine: MachineFacts): Record<string, string> {
  const { reserved = NO_RESERVATION, hugePages = NO_HUGE_PAGES } = machine;
  const hugeBytes = Object.values(hugePages).reduce((sum, bytes) => sum + bytes, 0);
  const left = (field: keyof Reserved, besides = 0) => Math.max(0, machine[field] - reserved[field] - besides);
  return buildCapacity({
    ...machine,
    cpuMillis: left("cpuMillis"),
    memoryBytes: left("memoryBytes", hugeBytes),
    ephemeralStorageBytes: left("ephemeralStorageBytes"),
  });
}

type Resources = Readonly<Record<string, string>>;

/**
 * What the node has, and what others say it has besides: extended resources in its capacity are the node's as well, and pods may
 * have all of them. Sizes of huge pages that the machine does not have any more are told as none.
 */
function buildResources(machine: MachineFacts, before: Resources = {}) {
  const others = Object.entries(before).filter(([name]) => isExtendedResource(name));
  const gone = Object.keys(before).filter(isHugePages);
  const besides = Object.fromEntries([...gone.map((name) => [name, "0"] as const), ...others]);
  return {
    capacity: { ...besides, ...buildCapacity(machine) },
    allocatable: { ...besides, ...buildAllocatable(machine) },
  };
}

/** The labels that Kubernetes gives every node, and the operator's. */
export function buildNodeLabels({ name, labels, machine }: NodeFactsInput): Readonly<Record<string, string>> {
  const { architecture, operatingSystem } = machine;
  return {
    "beta.kubernetes.io/arch": architecture,
    "beta.kubernetes.io/os": operatingSystem,
    "kubernetes.io/arch": architecture,
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": operatingSystem,
    ...labels,
  };
}

export function buildNode(input: NodeFactsInput, status: NodeStatus): NewObject<Node> {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: input.name, labels: buildNodeLabels(input) },
    spec: {},
    status,
  };
}

export interface NodeHealth {
  /** Why the node cannot run pods; undefined when it can. */
  readonly problem: string | undefined;
  /** What it is short of. */
  readonly pressure?: readonly PressureCondition[];
  readonly nowMs: number;
}

/** `before` is the status in the API: conditions keep their times of change, fields of others stay. */
export function buildNodeStatus(input: NodeFactsInput, before: Partial<NodeStatus>, health: NodeHealth): NodeStatus {
  const { machine, runtime } = input;
  return {
    ...buildResources(machine, before.capacity),
    conditions: buildConditions(before.conditions ?? [], health),
    addresses: [
      ...input.addresses.map((address) => ({ type: "InternalIP", address })),
      { type: "Hostname", address: input.name },
    ],
    daemonEndpoints: { kubeletEndpoint: { Port: input.port } },
    nodeInfo: {
      machineID: machine.machineId,
      systemUUID: machine.systemUuid,
      bootID: machine.bootId,
      kernelVersion: machine.kernelVersion,
      osImage: machine.osImage,
      containerRuntimeVersion: `${runtime.name}://${runtime.version}`,
      kubeletVersion: KUBELET_VERSION,
      kubeProxyVersion: "",
      operatingSystem: machine.operatingSystem,
      architecture: machine.architecture,
    },
  };
}

interface PressureWords {
  readonly type: PressureCondition;
  readonly without: readonly [reason: string, message: string];
  readonly under: readonly [reason: string, message: string];
}

const PRESSURES: readonly PressureWords[] = [
  {
    type: "MemoryPressure",
    without: ["KubeletHasSufficientMemory", "kubelet has sufficient memory available"],
    under: ["KubeletHasInsufficientMemory", "kubelet has insufficient memory available"],
  },
  {
    type: "DiskPressure",
    without: ["KubeletHasNoDiskPressure", "kubelet has no disk pressure"],
    under: ["KubeletHasDiskPressure", "kubelet has disk pressure"],
  },
  {
    type: "PIDPressure",
    without: ["KubeletHasSufficientPID", "kubelet has sufficient PID available"],
    under: ["KubeletHasInsufficientPID", "kubelet has insufficient PID available"],
  },
];

type Verdict = Omit<NodeCondition, "lastHeartbeatTime" | "lastTransitionTime">;

function judgePressure({ type, without, under }: PressureWords, pressure: readonly PressureCondition[]): Verdict {
  const isUnder = pressure.includes(type);
  const [reason, message] = isUnder ? under : without;
  return { type, status: isUnder ? "True" : "False", reason, message };
}

function buildConditions(before: readonly NodeCondition[], health: NodeHealth): NodeCondition[] {
  const { problem, pressure = [], nowMs } = health;
  const now = formatTime(nowMs);
  const verdicts: Verdict[] = [
    ...PRESSURES.map((each) => judgePressure(each, pressure)),
    problem === undefined
      ? { type: "Ready", status: "True", reason: "KubeletReady", message: "kubelet is posting ready status" }
      : { type: "Ready", status: "False", reason: "KubeletNotReady", message: `container runtime is down: ${problem}` },
  ];
  return verdicts.map((verdict) => {
    const old = before.find(({ type }) => type === verdict.type);
    const kept = old?.status === verdict.status ? old.lastTransitionTime : undefined;
    return { ...verdict, lastHeartbeatTime: now, lastTransitionTime: kept ?? now };
  });
}
