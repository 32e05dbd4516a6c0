// What a kubelet serves at /metrics/cadvisor: of what cAdvisor tells of containers and pods, that which dashboards read, under
// its names and labels. Figures of a pod's network carry no container. Pure.

import type { NetworkUsage } from "../runtimes/usage.ts";
import type { RuntimeContainer, RuntimePod, SandboxId } from "../runtimes/runtime.ts";
import { renderFamilies, type Family, type Labels, type Sample } from "./exposition.ts";
import type { ContainerMeasurement, Measurement } from "./measurement.ts";

export interface ContainerMetricsInput {
  readonly measurement: Measurement;
  readonly pods: readonly RuntimePod[];
  readonly networks: ReadonlyMap<SandboxId, readonly NetworkUsage[]>;
  readonly machine: { readonly cpuMillis: number; readonly memoryBytes: number };
  readonly nowMs: number;
}

const NANOSECONDS_PER_SECOND = 1e9;
/** The kernel's period that quotas of processor time are for, in microseconds. */
const PERIOD = 100_000;

interface Row {
  readonly labels: Labels;
  readonly measured: ContainerMeasurement;
  readonly container: RuntimeContainer;
}

export function renderContainerMetrics(input: ContainerMetricsInput): string {
  const rows = rowsOf(input);
  return renderFamilies([
    ...usageFamilies(rows, input),
    ...limitFamilies(rows),
    ...networkFamilies(input),
    gauge("machine_cpu_cores", "Processors of the machine", [{ labels: {}, value: input.machine.cpuMillis / 1000 }]),
    gauge("machine_memory_bytes", "Memory of the machine", [{ labels: {}, value: input.machine.memoryBytes }]),
  ]);
}

function rowsOf({ measurement, pods }: ContainerMetricsInput): readonly Row[] {
  const runtimes = new Map(pods.map((each) => [each.pod.uid, each]));
  return measurement.pods.flatMap(({ pod, containers }) =>
    containers.flatMap((measured): Row[] => {
      const running = ({ name, state }: RuntimeContainer) => name === measured.name && state === "running";
      const container = runtimes.get(pod.uid)?.containers.find(running);
      if (!container) return [];
      const { id, name, image } = container;
      const labels = { container: name, id: `/${id}`, image, name: id, namespace: pod.namespace, pod: pod.name };
      return [{ labels, measured, container }];
    }),
  );
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: "gauge",
  help,
  samples,
});
const counter = (name: string, help: string, samples: readonly Sample[]): Family => ({
  name,
  type: "counter",
  help,
  samples,
});

function usageFamilies(rows: readonly Row[], { measurement: { node }, nowMs }: ContainerMetricsInput) {
  const whole: Sample = { labels: { id: "/" }, value: 0, atMs: node.measuredAtMs };
  const each = (valueOf: (row: Row) => number | undefined, more: Labels = {}): readonly Sample[] =>
    rows.flatMap((row) => {
      const value = valueOf(row);
      if (value === undefined) return [];
      return { labels: { ...row.labels, ...more }, value, atMs: row.measured.usage.measuredAtMs };
    });
  const total = { cpu: "total" };
  return [
    counter("container_cpu_usage_seconds_total", "Processor time used, in seconds of one core", [
      { ...whole, labels: { ...whole.labels, ...total }, value: node.cpuNanoseconds / NANOSECONDS_PER_SECOND },
      ...each(({ measured }) => measured.usage.cpuNanoseconds / NANOSECONDS_PER_SECOND, total),
    ]),
    gauge("container_memory_working_set_bytes", "Memory used that cannot be taken away, in bytes", [
      { ...whole, value: node.memoryBytes },
      ...each(({ measured }) => measured.usage.memoryBytes),
    ]),
    gauge(
      "container_processes",
      "Processes that run in the container",
      each(({ measured }) => measured.usage.processes),
    ),
    gauge(
      "container_start_time_seconds",
      "When the container was started, in seconds since 1970",
      each(({ measured }) => measured.startedAtMs / 1000),
    ),
    gauge(
      "container_last_seen",
      "When the container was seen last, in seconds since 1970",
      each(() => Math.floor(nowMs / 1000)),
    ),
  ];
}

/** Where the runtime tells of them; 0 stands for no limit of memory, and what has no quota has no sample of it. */
function limitFamilies(rows: readonly Row[]) {
  const given = rows.flatMap(({ labels, container }) => (container.given ? [{ labels, ...container.given }] : []));
  const limited = given.filter(({ cpuMillisLimit }) => cpuMillisLimit > 0);
  return [
    gauge(
      "container_spec_cpu_shares",
      "The container's share of the processors",
      given.map(({ labels, cpuShares }) => ({ labels, value: cpuShares })),
    ),
    gauge(
      "container_spec_cpu_period",
      "The period of the container's quota, in microseconds",
      limited.map(({ labels }) => ({ labels, value: PERIOD })),
    ),
    gauge(
      "container_spec_cpu_quota",
      "Processor time that the container may use in a period, in microseconds",
      limited.map(({ labels, cpuMillisLimit }) => ({ labels, value: (cpuMillisLimit * PERIOD) / 1000 })),
    ),
    gauge(
      "container_spec_memory_limit_bytes",
      "Memory that the container may use; 0 for any amount",
      given.map(({ labels, memoryBytesLimit }) => ({ labels, value: memoryBytesLimit })),
    ),
  ];
}

const DIRECTIONS = [
  ["receive", "received"],
  ["transmit", "sent"],
] as const;
const FIGURES = [
  ["bytes", "Bytes", "bytes"],
  ["packets", "Packets", "packets"],
  ["packets_dropped", "Packets that were dropped instead of being", "dropped"],
  ["errors", "Packets that were in error when", "errors"],
] as const;

function networkFamilies({ pods, networks, nowMs }: ContainerMetricsInput): readonly Family[] {
  const all = pods.flatMap(({ pod: { namespace, name }, sandboxes }) =>
    sandboxes.flatMap(({ id }) =>
      (networks.get(id) ?? []).map((usage) => {
        const labels = {
          container: "",
          id: `/${id}`,
          image: "",
          interface: usage.name,
          name: id,
          namespace,
          pod: name,
        };
        return { labels, usage };
      }),
    ),
  );
  return DIRECTIONS.flatMap(([direction, word]) =>
    FIGURES.map(([figure, what, field]) =>
      counter(
        `container_network_${direction}_${figure}_total`,
        `${what} ${word}`,
        all.map(({ labels, usage }) => ({ labels, value: usage[direction][field], atMs: nowMs })),
      ),
    ),
  );
}
