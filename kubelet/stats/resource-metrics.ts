// What a kubelet serves at /metrics/resource: usage in Prometheus' text form, under Kubernetes' names. Pure.

import type { Usage } from "../runtimes/usage.ts";
import { renderFamilies, type Family, type Labels } from "./exposition.ts";
import { sumOf, type Measurement } from "./measurement.ts";

const NANOSECONDS_PER_SECOND = 1e9;

interface Measured {
  readonly labels: Labels;
  readonly usage: Usage;
}

export function renderResourceMetrics({ node, pods }: Measurement): string {
  const machine = [{ labels: {}, usage: node }];
  const whole = pods.map(({ pod: { namespace, name }, containers }) => ({
    labels: { namespace, pod: name },
    usage: sumOf(containers.map(({ usage }) => usage)),
  }));
  const each = pods.flatMap(({ pod: { namespace, name }, containers }) =>
    containers.map((container) => ({ ...container, labels: { container: container.name, namespace, pod: name } })),
  );
  const started = each.map(({ labels, usage, startedAtMs }) => ({
    labels,
    value: startedAtMs / 1000,
    atMs: usage.measuredAtMs,
  }));
  const families: readonly Family[] = [
    cpu("container", "the container", each),
    memory("container", "the container", each),
    { name: "container_start_time_seconds", type: "gauge", help: "When the container was started", samples: started },
    cpu("node", "the node", machine),
    memory("node", "the node", machine),
    cpu("pod", "the pod", whole),
    memory("pod", "the pod", whole),
    // A measurement that fails is an answer that fails: one that is here was made.
    { name: "resource_scrape_error", type: "gauge", help: NO_ERROR, samples: [{ labels: {}, value: 0 }] },
    {
      name: "scrape_error",
      type: "gauge",
      help: `${NO_ERROR}, under its old name`,
      samples: [{ labels: {}, value: 0 }],
    },
  ];
  return renderFamilies(families.map((family) => ({ ...family, help: `[STABLE] ${family.help}` })));
}

const NO_ERROR = "1 if the usage could not be measured, else 0";

const cpu = (prefix: string, whose: string, measured: readonly Measured[]): Family => ({
  name: `${prefix}_cpu_usage_seconds_total`,
  type: "counter",
  help: `Processor time that ${whose} has used, in seconds of one core`,
  samples: measured.map(({ labels, usage }) => ({
    labels,
    value: usage.cpuNanoseconds / NANOSECONDS_PER_SECOND,
    atMs: usage.measuredAtMs,
  })),
});

const memory = (prefix: string, whose: string, measured: readonly Measured[]): Family => ({
  name: `${prefix}_memory_working_set_bytes`,
  type: "gauge",
  help: `Memory that ${whose} uses and that cannot be taken from it, in bytes`,
  samples: measured.map(({ labels, usage }) => ({ labels, value: usage.memoryBytes, atMs: usage.measuredAtMs })),
});
