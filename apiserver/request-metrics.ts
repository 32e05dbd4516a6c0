// Kubernetes' metrics of requests, under Kubernetes' names, so that existing dashboards and alerts work.

import type { Metrics } from "../lib/metrics.ts";
import type { ApiRequest } from "./api-request.ts";

export interface RequestMetrics {
  observe(request: Observed, seconds: number, code: number): void;
}

export interface Observed {
  readonly verb: string;
  /** Absent for paths that are no resource's. */
  readonly target?: Pick<ApiRequest, "version" | "namespace" | "name" | "subresource">;
  readonly isDryRun: boolean;
}

const LABELS = ["verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component"];
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60];

export function createRequestMetrics(metrics: Metrics): RequestMetrics {
  const total = metrics.counter({
    name: "apiserver_request_total",
    help: "Requests by verb, resource and HTTP code.",
    labels: [...LABELS, "code"],
  });
  const duration = metrics.histogram({
    name: "apiserver_request_duration_seconds",
    help: "How long requests took to answer, watches excepted.",
    labels: LABELS,
    buckets: BUCKETS,
  });
  return {
    observe(request, seconds, code) {
      const labels = labelsOf(request);
      total.add({ ...labels, code: String(code) });
      if (request.verb !== "WATCH" && request.verb !== "CONNECT") duration.observe(seconds, labels);
    },
  };
}

function labelsOf({ verb, target, isDryRun }: Observed) {
  const { group = "", version = "", plural = "" } = target?.version ?? {};
  return {
    verb,
    dry_run: isDryRun ? "All" : "",
    group,
    version,
    resource: plural,
    subresource: target?.subresource ?? "",
    scope: scopeOf(target),
    component: "apiserver",
  };
}

function scopeOf(target: Observed["target"]): string {
  if (!target) return "";
  if (target.name !== undefined) return "resource";
  return target.namespace === undefined ? "cluster" : "namespace";
}
