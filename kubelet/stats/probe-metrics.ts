// What a kubelet serves at /metrics/probes: how often each probe succeeded and failed, under Kubernetes' names. Pure.

import type { Pod } from "../../api/core/pod.ts";
import { renderFamilies } from "./exposition.ts";

export type ProbeOutcome = "successful" | "failed" | "unknown";

export interface ProbeCount {
  readonly podUid: string;
  readonly container: string;
  readonly type: "Liveness" | "Readiness" | "Startup";
  readonly result: ProbeOutcome;
  readonly count: number;
}

export function renderProbeMetrics(pods: readonly Pod[], counts: Iterable<ProbeCount>): string {
  const names = new Map(pods.map(({ metadata }) => [metadata.uid, metadata]));
  const samples = [...counts].flatMap(({ podUid, container, type, result, count }) => {
    const pod = names.get(podUid);
    if (!pod) return [];
    const { name, namespace = "" } = pod;
    return { labels: { container, namespace, pod: name, pod_uid: podUid, probe_type: type, result }, value: count };
  });
  const help =
    "[ALPHA] How often a probe of a container succeeded, failed or found out nothing, since the container was started";
  return renderFamilies([{ name: "prober_probe_total", type: "counter", help, samples }]);
}
