// Answers for the kubelets of a test cluster at /metrics/resource: each pod uses what the test says, and its counters grow with
// the test's clock. Text and names are those of the real kubelet.

import { isPodActive, isPodReady } from "../api/core/pod-state.ts";
import { pods, type Pod } from "../api/core/pod.ts";
import type { Client } from "../client/client.ts";
import { renderResourceMetrics } from "../kubelet/stats/resource-metrics.ts";
import type { Clock } from "../lib/clock.ts";
import type { Handler } from "../lib/http.ts";

export interface LoadedKubeletOptions {
  readonly client: Client;
  readonly clock: Clock;
  /** What each container of the pod uses now; undefined for a pod that nothing is known of. */
  loadOf(pod: Pod, ready: readonly Pod[]): { readonly cpuMillis: number; readonly memoryBytes: number } | undefined;
}

const NANOSECONDS_PER_MILLI_AND_MS = 1000;

/** For all nodes alike. */
export function loadedKubelet({ client, clock, loadOf }: LoadedKubeletOptions): Handler {
  const counters = new Map<string, { cpuNanoseconds: number; atMs: number }>();
  const count = (uid: string, cpuMillis: number) => {
    const nowMs = clock.now();
    const counter = counters.get(uid) ?? { cpuNanoseconds: 0, atMs: nowMs };
    counter.cpuNanoseconds += (nowMs - counter.atMs) * cpuMillis * NANOSECONDS_PER_MILLI_AND_MS;
    counter.atMs = nowMs;
    counters.set(uid, counter);
    return counter.cpuNanoseconds;
  };
  return async ({ path }) => {
    if (path !== "/metrics/resource") return { status: 404, headers: {}, body: { kind: "empty" } };
    const ready = (await client.list(pods)).items.filter((pod) => isPodActive(pod) && isPodReady(pod));
    const measured = ready.flatMap((pod) => {
      const load = loadOf(pod, ready);
      if (!load) return [];
      const { name, namespace = "", uid } = pod.metadata;
      const startedAtMs = Date.parse(pod.status.startTime ?? "");
      const usage = {
        memoryBytes: load.memoryBytes,
        cpuNanoseconds: count(uid, load.cpuMillis),
        measuredAtMs: clock.now(),
      };
      const containers = pod.spec.containers.map((container) => ({ name: container.name, startedAtMs, usage }));
      return [{ pod: { namespace, name, uid }, startedAtMs, containers }];
    });
    const node = { cpuNanoseconds: 0, memoryBytes: 0, measuredAtMs: clock.now() };
    const bytes = Buffer.from(renderResourceMetrics({ node, pods: measured }));
    return { status: 200, headers: {}, body: { kind: "bytes", bytes } };
  };
}
