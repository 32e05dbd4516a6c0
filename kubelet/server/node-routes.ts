// What the kubelet's endpoint tells of the node and its pods: health, pods, usage, figures and configuration. It changes nothing.

import type { HttpRequest, HttpResponse } from "../../lib/http.ts";
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

async function serveContainerMetrics(deps: KubeletHandlerDeps, { signal }: HttpRequest): Promise<HttpResponse> {
  const { meter, snapshot, runtime, machine, clock } = deps;
  const pods = [...snapshot.pods];
  const sandboxes = pods.flatMap((pod) => pod.sandboxes.filter(({ running, ip }) => running && ip).map(({ id }) => id));
  const [{ now }, networks = new Map()] = await Promise.all([
    meter.measure(signal),
    runtime.usage.measureNetwork?.(sandboxes, signal),
  ]);
  return exposition(renderContainerMetrics({ measurement: now, pods, networks, machine, nowMs: clock.now() }));
}

function serveProbeMetrics({ kubelet, prober }: KubeletHandlerDeps): HttpResponse {
  return exposition(renderProbeMetrics(kubelet.list(), prober.counts()));
}

async function serveSummary(deps: KubeletHandlerDeps, { signal }: HttpRequest): Promise<HttpResponse> {
  const { meter, nodeName, machine } = deps;
  const { now, before } = await meter.measure(signal);
  return json(buildSummary({ nodeName, memoryBytes: machine.memoryBytes }, now, before));
}
