// What the kubelet's endpoint tells of the node and its pods: health, pods, usage, figures and configuration. It changes nothing.

import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
import type { RuntimePod, SandboxId } from "../runtimes/runtime.ts";
import type { NetworkUsage } from "../runtimes/usage.ts";
import { renderContainerMetrics } from "../stats/container-metrics.ts";
import { renderProbeMetrics } from "../stats/probe-metrics.ts";
import { renderResourceMetrics } from "../stats/resource-metrics.ts";
import { buildSummary } from "../stats/summary.ts";
import { json, text, type KubeletHandlerDeps, type Routes } from "./route.ts";
import { runningPods } from "./running-pods.ts";

export const nodeRoutes: Routes = {
  healthz: { serve: serveHealth },
  "healthz/ping": { serve: () => text(200, "ok") },
  pods: { serve: ({ kubelet }) => json(podList(kubelet.list())) },
  runningpods: { serve: ({ snapshot }) => json(podList(runningPods(snapshot.pods))) },
  configz: { serve: serveConfiguration },
  metrics: { serve: serveMetrics },
  "metrics/resource": { serve: serveResourceMetrics },
  "metrics/cadvisor": { serve: serveContainerMetrics },
  "metrics/probes": { serve: serveProbeMetrics },
  "stats/summary": { serve: serveSummary },
  // Kubernetes serves the machine's log directory here, links out of it included; a kubelet may be told not to.
  logs: { serve: () => text(405, "logs endpoint is disabled.") },
};

const podList = (items: readonly object[]) => ({ kind: "PodList", apiVersion: "v1", metadata: {}, items });

const exposition = (families: string) => text(200, families, "text/plain; version=0.0.4; charset=utf-8");

function serveHealth({ snapshot }: KubeletHandlerDeps): HttpResponse {
  return snapshot.problem === undefined ? text(200, "ok") : text(500, `container runtime is down: ${snapshot.problem}`);
}

function serveConfiguration({ configuration }: KubeletHandlerDeps): HttpResponse {
  const version = { kind: "KubeletConfiguration", apiVersion: "kubelet.config.k8s.io/v1beta1" };
  return json({ kubeletconfig: { ...configuration, ...version } });
}

async function serveMetrics({ metrics }: KubeletHandlerDeps): Promise<HttpResponse> {
  const { text: families, contentType } = await metrics.render();
  return text(200, families, contentType);
}

async function serveResourceMetrics({ meter }: KubeletHandlerDeps, { signal }: HttpRequest): Promise<HttpResponse> {
  const { now } = await meter.measure(signal);
  return exposition(renderResourceMetrics(now));
}

/** Of the sandboxes with a network of their own, where the runtime can tell. */
async function measureNetworks(
  { runtime }: KubeletHandlerDeps,
  pods: readonly RuntimePod[],
  signal: AbortSignal,
): Promise<ReadonlyMap<SandboxId, readonly NetworkUsage[]>> {
  const own = pods.flatMap(({ sandboxes }) => sandboxes.filter(({ running, ip }) => running && ip));
  const ids = own.map(({ id }) => id);
  return (await runtime.usage.measureNetwork?.(ids, signal)) ?? new Map();
}

async function serveContainerMetrics(deps: KubeletHandlerDeps, { signal }: HttpRequest): Promise<HttpResponse> {
  const { meter, snapshot, machine, clock } = deps;
  const pods = [...snapshot.pods];
  const [{ now }, networks] = await Promise.all([meter.measure(signal), measureNetworks(deps, pods, signal)]);
  return exposition(renderContainerMetrics({ measurement: now, pods, networks, machine, nowMs: clock.now() }));
}

function serveProbeMetrics({ kubelet, prober }: KubeletHandlerDeps): HttpResponse {
  return exposition(renderProbeMetrics(kubelet.list(), prober.counts()));
}

async function serveSummary(deps: KubeletHandlerDeps, { signal }: HttpRequest): Promise<HttpResponse> {
  const { meter, nodeName, machine, snapshot, clock, observe } = deps;
  const pods = [...snapshot.pods];
  const [{ now, before }, bySandbox, observed] = await Promise.all([
    meter.measure(signal),
    measureNetworks(deps, pods, signal),
    observe?.(),
  ]);
  const networks = new Map(
    pods.map(({ pod, sandboxes }) => [pod.uid, sandboxes.flatMap(({ id }) => bySandbox.get(id) ?? [])]),
  );
  const { memoryBytes } = machine;
  return json(buildSummary({ nodeName, memoryBytes, nowMs: clock.now(), observed, networks }, now, before));
}
