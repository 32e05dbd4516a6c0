// Which pods may be pushed out for which, and which of them first.

import { bandOf, isPromised } from "../../api/kctl-scheduling/bands.ts";
import type { NodeInfo } from "../node-info.ts";
import type { PodInfo, PodRequest } from "../pod-info.ts";
import type { ResourceColumns, Snapshot } from "../snapshot.ts";

/** Pods of lower priority, as in Kubernetes; but what runs in production never makes room for what else runs there. */
export const mayPreempt = (preemptor: PodInfo, victim: PodInfo): boolean =>
  victim.priority < preemptor.priority && !(isProduction(preemptor) && isProduction(victim));

const isProduction = ({ pod }: PodInfo) => isPromised(bandOf(pod));

/** Negative if `a` is to be kept rather than `b`: higher priorities first, then who has been running for longer. */
export function compareImportance(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.startedMs === b.startedMs ? 0 : a.startedMs - b.startedMs;
}

interface Ranked {
  readonly version: number;
  readonly pods: readonly PodInfo[];
  /** The most that any of them requests. */
  readonly cpuMillisMax: number;
  readonly memoryBytesMax: number;
}

/** The pods of each node in the order of their importance, sorted again when the node has changed. */
export class PodRanks {
  readonly #snapshot: Snapshot;
  readonly #byNode = new WeakMap<NodeInfo, Ranked>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /** The pods that may be pushed out for this one, most important first. */
  removable(preemptor: PodInfo, node: NodeInfo): readonly PodInfo[] {
    const ranked = this.#ranked(node).pods;
    const first = ranked.findIndex(({ priority }) => priority < preemptor.priority);
    if (first < 0) return [];
    if (isProduction(preemptor)) return ranked.filter((pod) => mayPreempt(preemptor, pod));
    return first === 0 ? ranked : ranked.slice(first);
  }

  /** As many pods have to leave for this request, if not more. */
  victimsMin({ cpuMillis, memoryBytes }: PodRequest, node: NodeInfo): number {
    const { cpuMillisMax, memoryBytesMax } = this.#ranked(node);
    const ofCpu = lack(this.#snapshot.cpuMillis, node, cpuMillis) / cpuMillisMax;
    const ofMemory = lack(this.#snapshot.memoryBytes, node, memoryBytes) / memoryBytesMax;
    return Math.max(1, Math.ceil(ofCpu || 0), Math.ceil(ofMemory || 0));
  }

  #ranked(node: NodeInfo): Ranked {
    const version = this.#snapshot.versions.get(node.row);
    const known = this.#byNode.get(node);
    if (known?.version === version) return known;
    const pods = [...this.#snapshot.podsOn(node.name)].sort(compareImportance);
    const cpuMillisMax = Math.max(0, ...pods.map(({ request }) => request.cpuMillis));
    const memoryBytesMax = Math.max(0, ...pods.map(({ request }) => request.memoryBytes));
    const ranked = { version, pods, cpuMillisMax, memoryBytesMax };
    this.#byNode.set(node, ranked);
    return ranked;
  }
}

const lack = ({ allocatable, requested }: ResourceColumns, { row }: NodeInfo, wanted: number) =>
  wanted === 0 ? 0 : Math.max(0, wanted - (allocatable.get(row) - requested.get(row)));
