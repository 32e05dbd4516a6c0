// How much of each resource a node would have in use with the pod, for rules that score nodes by it.

import { isExtendedResource, isHugePages } from "../../api/core/resource-names.ts";
import type { ResourceSpec } from "../configuration/plugin-args.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodRequest } from "../pod-info.ts";
import type { Snapshot } from "../snapshot.ts";

export interface ResourceUse {
  /** How much it counts. */
  readonly weight: number;
  allocatable(node: NodeInfo): number;
  /** By the pods that are there and the one that would come. */
  requested(node: NodeInfo): number;
}

export interface UseOptions {
  /** Whether containers that ask for no CPU or memory count with Kubernetes' stand-ins, or with nothing. */
  readonly silent: "stand-ins" | "nothing";
}

/** A device that the pod does not ask for does not count. */
export function resourceUses(
  resources: readonly ResourceSpec[],
  [request, snapshot]: readonly [PodRequest, Snapshot],
  { silent }: UseOptions,
): readonly ResourceUse[] {
  const { cpuMillis, memoryBytes, ephemeralBytes, scoredCpuMillis, scoredMemoryBytes } = snapshot;
  const withStandIns = silent === "stand-ins";
  const cpu = withStandIns ? scoredCpuMillis : cpuMillis.requested;
  const memory = withStandIns ? scoredMemoryBytes : memoryBytes.requested;
  const asked = withStandIns
    ? { cpu: request.scoredCpuMillis, memory: request.scoredMemoryBytes }
    : { cpu: request.cpuMillis, memory: request.memoryBytes };
  return resources.flatMap(({ name, weight }): readonly ResourceUse[] => {
    switch (name) {
      case "cpu":
        return [
          {
            weight,
            allocatable: ({ row }) => cpuMillis.allocatable.get(row),
            requested: ({ row }) => cpu.get(row) + asked.cpu,
          },
        ];
      case "memory":
        return [
          {
            weight,
            allocatable: ({ row }) => memoryBytes.allocatable.get(row),
            requested: ({ row }) => memory.get(row) + asked.memory,
          },
        ];
      case "ephemeral-storage":
        return [
          {
            weight,
            allocatable: ({ row }) => ephemeralBytes.allocatable.get(row),
            requested: ({ row }) => ephemeralBytes.requested.get(row) + request.ephemeralBytes,
          },
        ];
      default:
        return otherUse({ name, weight }, request);
    }
  });
}

function otherUse({ name, weight }: ResourceSpec, { others }: PodRequest): readonly ResourceUse[] {
  const [, asked = 0] = others.find(([resource]) => resource === name) ?? [];
  if (asked === 0 || !isCountedElsewhere(name)) return [];
  return [
    {
      weight,
      allocatable: ({ allocatable }) => allocatable[name] ?? 0,
      requested: ({ otherRequests }) => (otherRequests.get(name) ?? 0) + asked,
    },
  ];
}

/** Kubernetes knows no other resources of nodes but these and what has a column here. */
const isCountedElsewhere = (name: string): boolean =>
  isExtendedResource(name) ||
  isHugePages(name) ||
  name.includes("kubernetes.io/") ||
  name.startsWith("attachable-volumes-");
