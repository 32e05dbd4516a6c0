// What a kubelet serves at /stats/summary: usage of the node, its pods and their containers as JSON, in the shape of
// Kubernetes' Summary. What pods have on disk is not measured, and missing. Pure.

import { formatTime } from "../../lib/clock.ts";
import type { Observations } from "../eviction/thresholds.ts";
import type { NetworkUsage, Usage } from "../runtimes/usage.ts";
import { sumOf, type Measurement, type PodMeasurement } from "./measurement.ts";

export interface SummaryFacts {
  readonly nodeName: string;
  readonly memoryBytes: number;
  readonly nowMs: number;
  /** What the machine has left; what was not observed is missing from the summary. */
  readonly observed?: Observations;
  /** By the uid of the pod. */
  readonly networks?: ReadonlyMap<string, readonly NetworkUsage[]>;
}

/** Rates need two moments: there are none before the second. */
export function buildSummary(facts: SummaryFacts, now: Measurement, before?: Measurement): object {
  const earlier = new Map((before?.pods ?? []).map((pod) => [pod.pod.uid, pod]));
  return {
    node: {
      nodeName: facts.nodeName,
      cpu: describeCpu(now.node, before?.node),
      memory: { ...describeMemory(now.node), availableBytes: Math.max(0, facts.memoryBytes - now.node.memoryBytes) },
      ...describeMachine(facts),
    },
    pods: now.pods.map((pod) => ({
      ...describePod(pod, earlier.get(pod.pod.uid)),
      ...describeNetwork(facts, pod.pod.uid),
    })),
  };
}

function describeMachine({ observed = {}, nowMs }: SummaryFacts): object {
  const time = formatTime(nowMs);
  const pids = observed["pid.available"];
  const images = observed["imagefs.available"] && describeDisk(observed, "imagefs", time);
  return {
    ...(observed["nodefs.available"] && { fs: describeDisk(observed, "nodefs", time) }),
    ...(images && { runtime: { imageFs: images } }),
    ...(pids && { rlimit: { time, maxpid: pids.capacity, curproc: pids.capacity - pids.available } }),
  };
}

function describeDisk(observed: Observations, disk: "nodefs" | "imagefs", time: string): object {
  const [bytes, inodes] = [observed[`${disk}.available`], observed[`${disk}.inodesFree`]];
  return {
    time,
    ...(bytes && {
      availableBytes: bytes.available,
      capacityBytes: bytes.capacity,
      usedBytes: bytes.capacity - bytes.available,
    }),
    ...(inodes && {
      inodesFree: inodes.available,
      inodes: inodes.capacity,
      inodesUsed: inodes.capacity - inodes.available,
    }),
  };
}

/** The first interface stands for the pod. */
function describeNetwork({ networks, nowMs }: SummaryFacts, uid: string): object {
  const interfaces = (networks?.get(uid) ?? []).map(({ name, receive, transmit }) => ({
    name,
    rxBytes: receive.bytes,
    rxErrors: receive.errors,
    txBytes: transmit.bytes,
    txErrors: transmit.errors,
  }));
  return interfaces.length > 0 ? { network: { time: formatTime(nowMs), ...interfaces[0], interfaces } } : {};
}

function describePod({ pod, startedAtMs, containers }: PodMeasurement, before?: PodMeasurement): object {
  const earlier = new Map((before?.containers ?? []).map((each) => [`${each.name} ${each.startedAtMs}`, each.usage]));
  const total = sumOf(containers.map(({ usage }) => usage));
  // A container that was started anew would make the pod's rate wrong.
  const isSame = containers.every((each) => earlier.has(`${each.name} ${each.startedAtMs}`));
  return {
    podRef: pod,
    startTime: formatTime(startedAtMs),
    containers: containers.map((each) => ({
      name: each.name,
      startTime: formatTime(each.startedAtMs),
      cpu: describeCpu(each.usage, earlier.get(`${each.name} ${each.startedAtMs}`)),
      memory: describeMemory(each.usage),
    })),
    cpu: describeCpu(total, isSame ? sumOf([...earlier.values()]) : undefined),
    memory: describeMemory(total),
  };
}

function describeCpu({ cpuNanoseconds, measuredAtMs }: Usage, before?: Usage): object {
  const passedMs = before ? measuredAtMs - before.measuredAtMs : 0;
  const used = before ? Math.max(0, cpuNanoseconds - before.cpuNanoseconds) : 0;
  return {
    time: formatTime(measuredAtMs),
    ...(passedMs > 0 && { usageNanoCores: Math.round((used * 1000) / passedMs) }),
    usageCoreNanoSeconds: Math.round(cpuNanoseconds),
  };
}

const describeMemory = ({ memoryBytes, measuredAtMs }: Usage) => ({
  time: formatTime(measuredAtMs),
  workingSetBytes: memoryBytes,
});
