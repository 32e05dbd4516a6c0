// From two readings of a node to what it and its pods use: metrics.k8s.io objects. Pure. The rules for containers that are
// new or were started anew are metrics-server's.

import type { Node } from "../../api/core/node.ts";
import { isPodTerminal } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { renderQuantity } from "../../api/meta/quantity.ts";
import type { ContainerMetrics, PodMetrics } from "../../api/metrics/pod-metrics.ts";
import type { NodeMetrics } from "../../api/metrics/node-metrics.ts";
import { formatTime } from "../../lib/clock.ts";
import { renderDuration } from "../../lib/duration.ts";
import type { UsagePoint, UsageReading } from "./parse-usage.ts";

/** The last two readings of a node. */
export interface ReadingPair {
  readonly before: UsageReading | undefined;
  readonly now: UsageReading;
}

interface Rate {
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly atMs: number;
  readonly windowMs: number;
}

/** A container that has run for less has used too little to judge it by. */
const YOUNG_MIN_MS = 10_000;
/** One that has run for longer has probably been there before, and was missed once. */
const YOUNG_MAX_MS = 60_000;
const NANOS_PER_UNIT = 1_000_000_000n;

/** Undefined while there is no rate. */
export function buildNodeUsage({ metadata }: Node, { before, now }: ReadingPair): NodeMetrics | undefined {
  const rate = now.node && rateOf(now.node, before?.node);
  if (!rate) return undefined;
  return {
    kind: "NodeMetrics",
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: { name: metadata.name, ...described(metadata.labels, rate) } as NodeMetrics["metadata"],
    ...timed(rate),
    usage: amountsOf(rate),
  };
}

/** Undefined for pods that have ended, and while a container has no rate: half a pod would look like an idle one. */
export function buildPodUsage(pod: Pod, { before, now }: ReadingPair): PodMetrics | undefined {
  const { name, namespace = "", labels } = pod.metadata;
  const current = now.pods.get(`${namespace}/${name}`);
  if (!current || isPodTerminal(pod)) return undefined;
  const earlier = before?.pods.get(`${namespace}/${name}`);
  const containers: ContainerMetrics[] = [];
  const rates: Rate[] = [];
  for (const [container, point] of current) {
    const rate = rateOf(point, earlier?.get(container));
    if (!rate) return undefined;
    rates.push(rate);
    containers.push({ name: container, usage: amountsOf(rate) });
  }
  // The pod's time is that of its container that was measured first.
  const oldest = rates.reduce<Rate | undefined>(
    (first, rate) => (first && first.atMs <= rate.atMs ? first : rate),
    undefined,
  );
  if (!oldest) return undefined;
  return {
    kind: "PodMetrics",
    apiVersion: "metrics.k8s.io/v1beta1",
    metadata: { name, namespace, ...described(labels, oldest) } as PodMetrics["metadata"],
    ...timed(oldest),
    containers,
  };
}

function rateOf(now: UsagePoint, last: UsagePoint | undefined): Rate | undefined {
  const before = last && !isRestarted(now, last) ? last : startOf(now);
  const windowMs = before ? now.atMs - before.atMs : 0;
  if (!before || windowMs <= 0) return undefined;
  const cpuCores = ((now.cpuSeconds - before.cpuSeconds) * 1000) / windowMs;
  return { cpuCores, memoryBytes: now.memoryBytes, atMs: now.atMs, windowMs };
}

/** Its counter began anew. */
const isRestarted = (now: UsagePoint, last: UsagePoint): boolean =>
  now.cpuSeconds < last.cpuSeconds || (now.startedMs ?? 0) > last.atMs;

/** When it was started it had used nothing. */
function startOf({ startedMs, atMs }: UsagePoint): UsagePoint | undefined {
  const ageMs = atMs - (startedMs ?? 0);
  if (startedMs === undefined || ageMs < YOUNG_MIN_MS || ageMs > YOUNG_MAX_MS) return undefined;
  return { cpuSeconds: 0, memoryBytes: 0, atMs: startedMs };
}

const described = (labels: Readonly<Record<string, string>> | undefined, { atMs }: Rate) => ({
  creationTimestamp: formatTime(atMs),
  ...(labels && { labels }),
});

const timed = ({ atMs, windowMs }: Rate) => ({
  timestamp: formatTime(atMs),
  window: renderDuration(Math.round(windowMs)),
});

const amountsOf = ({ cpuCores, memoryBytes }: Rate): Record<string, string> => ({
  cpu: renderQuantity({ nanos: BigInt(Math.round(cpuCores * 1e9)), format: "DecimalSI" }),
  memory: renderQuantity({ nanos: BigInt(Math.round(memoryBytes)) * NANOS_PER_UNIT, format: "BinarySI" }),
});
