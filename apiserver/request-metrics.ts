// Kubernetes' metrics of requests, under Kubernetes' names, so that existing dashboards and alerts work.
// Bound: a series for each kind, subresource, verb and code that there are; what clients make up gets none of its own.

import type { ResourceDefinition } from "../api/resource.ts";
import type { Labels, Metrics } from "../lib/metrics.ts";
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

interface Series {
  readonly total: { add(): void };
  readonly duration: { observe(seconds: number): void } | undefined;
}

const LABELS = ["verb", "dry_run", "group", "version", "resource", "subresource", "scope", "component"];
const BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.5, 2, 3, 5, 10, 30, 60];

/** Other methods of HTTP are counted together. */
const VERBS = new Set(["GET", "HEAD", "OPTIONS", "LIST", "WATCH", "POST", "PUT", "PATCH", "DELETE", "CONNECT"]);

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
  const known = new Map<ResourceDefinition | undefined, Map<string, Series>>();
  const makeSeries = (request: Observed, code: number): Series => {
    const labels = labelsOf(request);
    const isTimed = request.verb !== "WATCH" && request.verb !== "CONNECT";
    return {
      total: total.series({ ...labels, code: String(code) }),
      duration: isTimed ? duration.series(labels) : undefined,
    };
  };
  return {
    observe(request, seconds, code) {
      const { target, verb, isDryRun } = request;
      const subresource = subresourceOf(target);
      const version = target?.version;
      let ofKind = known.get(version);
      if (!ofKind) known.set(version, (ofKind = new Map<string, Series>()));
      const key = `${verbOf(verb)} ${code} ${isDryRun} ${subresource} ${scopeOf(target)}`;
      let series = ofKind.get(key);
      if (!series) ofKind.set(key, (series = makeSeries(request, code)));
      series.total.add();
      series.duration?.observe(seconds);
    },
  };
}

const verbOf = (verb: string) => (VERBS.has(verb) ? verb : "other");

function labelsOf({ verb, target, isDryRun }: Observed): Labels {
  const { group = "", version = "", plural = "" } = target?.version ?? {};
  return {
    verb: verbOf(verb),
    dry_run: isDryRun ? "All" : "",
    group,
    version,
    resource: plural,
    subresource: subresourceOf(target),
    scope: scopeOf(target),
    component: "apiserver",
  };
}

/** A name that is no subresource's comes from a client's imagination, which is boundless. */
function subresourceOf(target: Observed["target"]): string {
  const { subresource, version } = target ?? {};
  if (subresource === undefined) return "";
  return version?.subresources?.some((one) => one === subresource) ? subresource : "";
}

function scopeOf(target: Observed["target"]): string {
  if (!target) return "";
  if (target.name !== undefined) return "resource";
  return target.namespace === undefined ? "cluster" : "namespace";
}
