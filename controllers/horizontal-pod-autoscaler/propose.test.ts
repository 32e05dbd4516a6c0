import { expect } from "chai";
import type { MetricSpec } from "../../api/autoscaling/metric.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { Client } from "../../client/client.ts";
import { MetricReader } from "./metric-reader.ts";
import { propose, requestsOf, type Scaled } from "./propose.ts";
import { findKind } from "./scale-target.ts";

const { signal } = new AbortController();
const NOW_MS = Date.UTC(2026, 0, 1, 12);
const started = new Date(NOW_MS - 3_600_000).toISOString();

const podOf = (name: string, containers: Readonly<Record<string, string>> = { main: "1" }): Pod =>
  ({
    metadata: { name, namespace: "default", labels: { app: "web" } },
    spec: {
      containers: Object.entries(containers).map(([each, cpu]) => ({ name: each, resources: { requests: { cpu } } })),
    },
    status: {
      phase: "Running",
      startTime: started,
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: started }],
    },
  }) as unknown as Pod;

const pods = [podOf("a"), podOf("b")];
const scaled: Scaled = {
  namespace: "default",
  selector: "app=web",
  pods,
  specReplicas: 2,
  statusReplicas: 2,
  nowMs: NOW_MS,
};

const valueOf = (name: string, value: string) => ({
  describedObject: { name },
  timestamp: new Date(NOW_MS).toISOString(),
  value,
});
const usage = (cpu: string, side: string) => ({
  containers: [
    { name: "main", usage: { cpu } },
    { name: "side", usage: { cpu: side } },
  ],
});
const metricsOf = (name: string, cpu: string, side: string) => ({
  metadata: { name, namespace: "default" },
  timestamp: new Date(NOW_MS).toISOString(),
  window: "15s",
  ...usage(cpu, side),
});

/** What an API server with all metrics APIs answers, by path and query. */
const answers: Readonly<Record<string, object>> = {
  "/apis/metrics.k8s.io/v1beta1/namespaces/default/pods?labelSelector=app=web": {
    items: [metricsOf("a", "700m", "100m"), metricsOf("b", "900m", "300m")],
  },
  "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/hits?labelSelector=app=web": {
    items: [valueOf("a", "30"), valueOf("b", "10")],
  },
  "/apis/custom.metrics.k8s.io/v1beta2/namespaces/default/services/web/load?metricLabelSelector=verb=GET": {
    items: [valueOf("web", "12")],
  },
  "/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue?labelSelector=name=jobs": {
    items: [valueOf("", "7"), valueOf("", "8")],
  },
  "/api/v1?": { resources: [{ name: "services", kind: "Service", namespaced: true }] },
};

const raw: Client["raw"] = ({ path, query = new URLSearchParams() }) => {
  const answer = answers[`${path}?${decodeURIComponent(query.toString())}`];
  const object = answer ?? { kind: "Status", status: "Failure", reason: "NotFound", code: 404, message: `no ${path}` };
  return Promise.resolve({
    status: answer ? 200 : 404,
    headers: {},
    body: { kind: "object", object, chunks: () => [] },
  });
};
const client = {
  raw,
  list: () => Promise.resolve({ resourceVersion: "", ...Object.values(answers)[0] }),
} as unknown as Client;
const deps = {
  reader: new MetricReader(client),
  findKind: (reference: Parameters<typeof findKind>[1]) => findKind(client, reference, signal),
};

type Case = readonly [title: string, metric: MetricSpec, replicas: number, name: string, current: object];

describe("what a metric asks for", () => {
  const hits = { name: "hits" };
  const load = { name: "load", selector: { matchLabels: { verb: "GET" } } };
  const queue = { name: "queue", selector: { matchLabels: { name: "jobs" } } };
  const service = { apiVersion: "v1", kind: "Service", name: "web" };
  const cases: readonly Case[] = [
    [
      "by the use of requests",
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } } },
      4,
      "cpu resource utilization (percentage of request)",
      { averageValue: "1", averageUtilization: 100 },
    ],
    [
      "by use as such",
      { type: "Resource", resource: { name: "cpu", target: { type: "AverageValue", averageValue: "2" } } },
      1,
      "cpu resource",
      { averageValue: "1" },
    ],
    [
      "by one container",
      {
        type: "ContainerResource",
        containerResource: { name: "cpu", container: "main", target: { type: "Utilization", averageUtilization: 40 } },
      },
      4,
      "cpu container resource utilization (percentage of request)",
      { averageValue: "800m", averageUtilization: 80 },
    ],
    [
      "by a metric of its pods",
      { type: "Pods", pods: { metric: hits, target: { type: "AverageValue", averageValue: "5" } } },
      8,
      "pods metric hits",
      { averageValue: "20" },
    ],
    [
      "by a metric of another object",
      { type: "Object", object: { metric: load, describedObject: service, target: { type: "Value", value: "4" } } },
      6,
      "Service metric load",
      { value: "12" },
    ],
    [
      "by a metric of another object for each pod",
      {
        type: "Object",
        object: { metric: load, describedObject: service, target: { type: "AverageValue", averageValue: "4" } },
      },
      3,
      'external metric load({"matchLabels":{"verb":"GET"}})',
      { averageValue: "6" },
    ],
    [
      "by all series of a metric from outside",
      { type: "External", external: { metric: queue, target: { type: "Value", value: "5" } } },
      6,
      'external metric queue({"matchLabels":{"name":"jobs"}})',
      { value: "15" },
    ],
    [
      "by a metric from outside for each pod",
      { type: "External", external: { metric: queue, target: { type: "AverageValue", averageValue: "4" } } },
      4,
      'external metric queue({"matchLabels":{"name":"jobs"}})',
      { averageValue: "7500m" },
    ],
  ];
  for (const [title, metric, replicas, name, current] of cases) {
    it(title, async () => {
      const found = await propose(deps, { metric, scaled }, signal);
      expect([found.replicas, found.name]).to.deep.equal([replicas, name]);
      const { type, ...status } = found.status;
      expect(type).to.equal(metric.type);
      expect(JSON.parse(JSON.stringify(Object.values(status)[0]?.current))).to.deep.equal(current);
    });
  }

  const target = { type: "AverageValue", averageValue: "5" };
  const failures: readonly (readonly [title: string, metric: MetricSpec, message: string])[] = [
    [
      "that is not served",
      { type: "Pods", pods: { metric: { name: "none" }, target } },
      "unable to get metric none: unable to fetch metrics from custom metrics API: no /apis/custom.metrics.k8s.io/v1beta2/namespaces/default/pods/*/none",
    ],
    [
      "of a container that is not there",
      { type: "ContainerResource", containerResource: { name: "cpu", container: "none", target } },
      "failed to get cpu usage: unable to get metrics for resource cpu: container none not present in metrics for pod default/a",
    ],
    [
      "of an object of an unknown kind",
      { type: "Object", object: { metric: load, describedObject: { kind: "X", name: "x" }, target } },
      'unable to get metric load: X on default x/no matches for kind "X" in group ""',
    ],
    ["of no sort", { type: "Resource" }, 'unknown metric source type "Resource"'],
    [
      "without a target",
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } },
      "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
    ],
  ];
  for (const [title, metric, message] of failures) {
    it(`cannot be known of one ${title}`, async () => {
      const error: unknown = await propose(deps, { metric, scaled }, signal).catch((reason: unknown) => reason);
      expect(error).to.include({ name: "MetricError", message });
    });
  }

  it("counts the requests of sidecars, and needs each", () => {
    const sidecar = { name: "proxy", restartPolicy: "Always", resources: { requests: { cpu: "250m" } } };
    const once = { name: "setup" };
    const pod = podOf("a", { main: "1" });
    const withSidecar = { ...pod, spec: { ...pod.spec, initContainers: [sidecar, once] } } as unknown as Pod;
    expect([...requestsOf([withSidecar], "cpu")]).to.deep.equal([["a", 1250]]);
    expect(() => requestsOf([pod], "memory")).to.throw("missing request for memory in container main of Pod a");
    expect(() => requestsOf([pod], "cpu", "none")).to.throw("container none not found in Pod a");
  });
});
