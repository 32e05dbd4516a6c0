// What scheduling needs to know about a pod, worked out once: its requests as numbers, its host ports, and the group that it
// is spread with.

import type { Container } from "../api/core/container.ts";
import { podRequests } from "../api/core/pod-resources.ts";
import type { Pod } from "../api/core/pod.ts";
import { formatKey, keyOf } from "../api/meta/object.ts";
import { controllerOf } from "../api/meta/owner.ts";

export class PodInfo {
  /** `namespace/name`. */
  readonly key: string;
  readonly uid: string;
  readonly priority: number;
  readonly request: PodRequest;
  readonly ports: readonly HostPort[];
  /** Pods with the same group are spread over nodes; undefined: the pod stands alone. */
  readonly group: string | undefined;
  #classKey: string | undefined;

  constructor(readonly pod: Pod) {
    this.key = formatKey(keyOf(pod));
    this.uid = pod.metadata.uid;
    this.priority = pod.spec.priority ?? 0;
    this.request = requestOf(pod);
    this.ports = hostPortsOf(pod);
    this.group = groupOf(pod);
  }

  /** Equal for pods that every plugin must treat alike: made of all that plugins read of a pod. */
  get classKey(): string {
    this.#classKey ??= this.#renderClassKey();
    return this.#classKey;
  }

  #renderClassKey(): string {
    const { nodeName, nodeSelector, affinity, tolerations, containers, initContainers } = this.pod.spec;
    const images = [...(initContainers ?? []), ...containers].map(({ image }) => image);
    const { request, ports, group } = this;
    return JSON.stringify([request, ports, group, nodeName, nodeSelector, affinity?.nodeAffinity, tolerations, images]);
  }
}

export interface PodRequest {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly ephemeralBytes: number;
  /** With Kubernetes' stand-ins for containers that ask for nothing, so that those too are spread by their number. */
  readonly scoredCpuMillis: number;
  readonly scoredMemoryBytes: number;
  /** Extended resources and huge pages. */
  readonly others: readonly (readonly [resource: string, amount: number])[];
}

export interface HostPort {
  readonly protocol: string;
  readonly port: number;
  /** `0.0.0.0` stands for every address. */
  readonly ip: string;
}

const CPU_MILLIS_STAND_IN = 100;
const MEMORY_BYTES_STAND_IN = 200 * 1024 * 1024;

function requestOf(pod: Pod): PodRequest {
  const { cpu = 0, memory = 0, "ephemeral-storage": ephemeral = 0, ...others } = podRequests(pod);
  const without = (resource: string) => pod.spec.containers.filter((container) => !asksFor(container, resource)).length;
  return {
    cpuMillis: cpu,
    memoryBytes: memory,
    ephemeralBytes: ephemeral,
    scoredCpuMillis: cpu + without("cpu") * CPU_MILLIS_STAND_IN,
    scoredMemoryBytes: memory + without("memory") * MEMORY_BYTES_STAND_IN,
    others: Object.entries(others).filter(([, amount]) => amount > 0),
  };
}

const asksFor = ({ resources }: Container, resource: string) => resources?.requests?.[resource] !== undefined;

function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  return spec.containers.flatMap(({ ports = [] }) =>
    ports
      .filter(({ hostPort }) => hostPort !== undefined && hostPort > 0)
      .map(({ hostPort = 0, protocol = "TCP", hostIP }) => ({ protocol, port: hostPort, ip: hostIP || "0.0.0.0" })),
  );
}

/** Pods of one controller belong together; of the others those with the same labels, which one Service selects. */
function groupOf(pod: Pod): string | undefined {
  const owner = controllerOf(pod);
  if (owner) return owner.uid;
  const { namespace, labels } = pod.metadata;
  if (!labels || Object.keys(labels).length === 0) return undefined;
  return `${namespace}/${JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
}
