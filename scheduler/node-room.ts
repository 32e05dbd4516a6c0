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
  shortages({ cpuMillis, memoryBytes, ephemeralBytes, others }: PodRequest): Rejection {
    const { cpu = 0, memory = 0, "ephemeral-storage": ephemeral = 0, ...more } = this.#node?.allocatable ?? {};
    const wanted: readonly Wanted[] = [
      ["cpu", cpuMillis, this.#cpuMillis, cpu],
      ["memory", memoryBytes, this.#memoryBytes, memory],
      ["ephemeral-storage", ephemeralBytes, this.#ephemeralBytes, ephemeral],
      ...others.map(([name, amount]): Wanted => [name, amount, this.#otherLeft(name), more[name] ?? 0]),
    ];
    const short = wanted.filter(([, amount, leftOfIt]) => amount > 0 && amount > leftOfIt);
    const reasons = short.map(([resource]) => `Insufficient ${resource}`);
    if (this.#pods < 1) reasons.unshift("Too many pods");
    return short.some(([, amount, , ofNode]) => amount > ofNode) ? unresolvable(...reasons) : reasons;
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

type Wanted = readonly [resource: string, amount: number, left: number, ofNode: number];

const left = ({ allocatable, requested }: ResourceColumns, { row }: NodeInfo) =>
  allocatable.get(row) - requested.get(row);
