// What the pods of one node leave of it, in numbers that can be changed to ask "what if": pods are taken out and put in without
// touching the snapshot. One of these serves many nodes, one after the other, so that asking makes no garbage.

import { unresolvable, type Rejection } from "./framework.ts";
import type { ResourceAmounts } from "../api/core/pod-resources.ts";
import type { NodeInfo } from "./node-info.ts";
import { keptFor } from "./node-reserve.ts";
import type { PodRequest } from "./pod-info.ts";
import type { ResourceColumns, Snapshot } from "./snapshot.ts";

export class NodeRoom {
  #node: NodeInfo | undefined;
  #pods = 0;
  #cpuMillis = 0;
  #memoryBytes = 0;
  #ephemeralBytes = 0;
  /** How much more is left of other resources than the node's own count says. */
  readonly #others = new Map<string, number>();

  /** From now on about this node, as it is in the snapshot, and as pods of the role see it. */
  look(node: NodeInfo, { pods, cpuMillis, memoryBytes, ephemeralBytes }: Snapshot, role?: string): void {
    this.#node = node;
    this.#pods = left(pods, node);
    this.#cpuMillis = left(cpuMillis, node);
    this.#memoryBytes = left(memoryBytes, node);
    this.#ephemeralBytes = left(ephemeralBytes, node);
    if (this.#others.size > 0) this.#others.clear();
    if (role !== undefined && node.reserve) this.#add(keptFor(role, node.reserve));
  }

  put(request: PodRequest): void {
    this.#change(request, -1);
  }

  takeOut(request: PodRequest): void {
    this.#change(request, 1);
  }

  /** A pod that requests nothing of a resource fits however little is left of it, as in Kubernetes. */
  fits({ cpuMillis, memoryBytes, ephemeralBytes, others }: PodRequest): boolean {
    return (
      this.#pods >= 1 &&
      (cpuMillis <= this.#cpuMillis || cpuMillis === 0) &&
      (memoryBytes <= this.#memoryBytes || memoryBytes === 0) &&
      (ephemeralBytes <= this.#ephemeralBytes || ephemeralBytes === 0) &&
      (others.length === 0 || others.every(([resource, amount]) => amount <= this.#otherLeft(resource)))
    );
  }

  /** What there is too little of, in Kubernetes' order. What the whole node could not hold no pod's leaving would help. */
  shortages(request: PodRequest): Rejection {
    const { cpuMillis, memoryBytes, ephemeralBytes, others } = request;
    const { allocatable = {} } = this.#node ?? {};
    const lacks =
      lackOf(1, this.#pods, Lack.pods) |
      lackOf(cpuMillis, this.#cpuMillis, Lack.cpu) |
      lackOf(memoryBytes, this.#memoryBytes, Lack.memory) |
      lackOf(ephemeralBytes, this.#ephemeralBytes, Lack.ephemeral);
    const isTooMuch = exceeds(request, allocatable);
    const basic = SHORTAGES[lacks + (isTooMuch ? Lack.ofNode : 0)] ?? [];
    if (others.length === 0) return basic;
    const short = others.filter(([name, amount]) => amount > this.#otherLeft(name));
    const reasons = [...basic, ...short.map(([name]) => `Insufficient ${name}`)];
    const isUnresolvable = isTooMuch || short.some(([name, amount]) => amount > (allocatable[name] ?? 0));
    return isUnresolvable ? unresolvable(...reasons) : reasons;
  }

  #add(kept: ResourceAmounts): void {
    const { cpu = 0, memory = 0, "ephemeral-storage": ephemeral = 0, pods = 0, ...others } = kept;
    this.#pods += pods;
    this.#cpuMillis += cpu;
    this.#memoryBytes += memory;
    this.#ephemeralBytes += ephemeral;
    for (const [name, amount] of Object.entries(others)) this.#others.set(name, amount);
  }

  #change({ cpuMillis, memoryBytes, ephemeralBytes, others }: PodRequest, sign: 1 | -1): void {
    this.#pods += sign;
    this.#cpuMillis += sign * cpuMillis;
    this.#memoryBytes += sign * memoryBytes;
    this.#ephemeralBytes += sign * ephemeralBytes;
    if (others.length === 0) return;
    for (const [name, amount] of others) this.#others.set(name, (this.#others.get(name) ?? 0) + sign * amount);
  }

  #otherLeft(name: string): number {
    const { allocatable = {}, otherRequests } = this.#node ?? {};
    return (allocatable[name] ?? 0) - (otherRequests?.get(name) ?? 0) + (this.#others.get(name) ?? 0);
  }
}

/** What a node may have too little of, in a number that stands for all of it. */
const Lack = { pods: 1, cpu: 2, memory: 4, ephemeral: 8, ofNode: 16 };

const lackOf = (wanted: number, there: number, lack: number) => (wanted > 0 && wanted > there ? lack : 0);

/** More than the node has altogether. */
function exceeds({ cpuMillis, memoryBytes, ephemeralBytes }: PodRequest, allocatable: ResourceAmounts): boolean {
  const { cpu = 0, memory = 0, "ephemeral-storage": ephemeral = 0 } = allocatable;
  return cpuMillis > cpu || memoryBytes > memory || ephemeralBytes > ephemeral;
}

/** The same words for the same lack, so that a cluster of full nodes makes no garbage. */
const SHORTAGES: readonly Rejection[] = Array.from({ length: 2 * Lack.ofNode }, (_, lacks) => {
  const reasons = [
    ...(lacks & Lack.pods ? ["Too many pods"] : []),
    ...(lacks & Lack.cpu ? ["Insufficient cpu"] : []),
    ...(lacks & Lack.memory ? ["Insufficient memory"] : []),
    ...(lacks & Lack.ephemeral ? ["Insufficient ephemeral-storage"] : []),
  ];
  return lacks & Lack.ofNode ? unresolvable(...reasons) : reasons;
});

const left = ({ allocatable, requested }: ResourceColumns, { row }: NodeInfo) =>
  allocatable.get(row) - requested.get(row);
