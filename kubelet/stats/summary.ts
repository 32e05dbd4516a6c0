// What a kubelet serves at /stats/summary: usage of the node, its pods and their containers as JSON, in the shape of
// Kubernetes' Summary. Disks and network are not measured, and missing. Pure.

import { formatTime } from "../../lib/clock.ts";
import type { Usage } from "../runtimes/usage.ts";
import { sumOf, type Measurement, type PodMeasurement } from "./measurement.ts";

export interface SummaryFacts {
  readonly nodeName: string;
  readonly memoryBytes: number;
}

/** Rates need two moments: there are none before the second. */
export function buildSummary(facts: SummaryFacts, now: Measurement, before?: Measurement): object {
  const earlier = new Map((before?.pods ?? []).map((pod) => [pod.pod.uid, pod]));
  return {
    node: {
      nodeName: facts.nodeName,
      cpu: describeCpu(now.node, before?.node),
      memory: { ...describeMemory(now.node), availableBytes: Math.max(0, facts.memoryBytes - now.node.memoryBytes) },
    },
    pods: now.pods.map((pod) => describePod(pod, earlier.get(pod.pod.uid))),
  };
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
