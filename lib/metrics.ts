// Metrics in Prometheus' text form. One registry per process or cluster, passed in; nothing is registered globally.

import { Counter, Gauge, Histogram, Registry } from "prom-client";

export type Labels = Readonly<Record<string, string>>;

export interface Metrics {
  counter(definition: MetricDefinition): { add(labels?: Labels, value?: number): void };
  gauge(definition: MetricDefinition): { set(value: number, labels?: Labels): void; remove(labels: Labels): void };
  histogram(definition: MetricDefinition & { buckets: readonly number[] }): {
    observe(value: number, labels?: Labels): void;
  };
  /** The exposition text of all metrics, and its content type. */
  render(): Promise<{ text: string; contentType: string }>;
}

/** Names use the Prometheus conventions: base units, `_total` for counters. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** Asking twice for the same name gives the same metric, so that two controllers of one process may share it. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const options = (definition: MetricDefinition) => ({
    name: definition.name,
    help: definition.help,
    labelNames: [...(definition.labels ?? [])],
    registers: [registry],
  });
  const once = <M>(name: string, make: () => M): M => (registry.getSingleMetric(name) as M | undefined) ?? make();
  return {
    counter(definition) {
      const metric = once(definition.name, () => new Counter(options(definition)));
      return { add: (labels = {}, value = 1) => metric.inc(labels, value) };
    },
    gauge(definition) {
      const metric = once(definition.name, () => new Gauge(options(definition)));
      return {
        set: (value, labels = {}) => metric.set(labels, value),
        remove: (labels) => metric.remove(labels),
      };
    },
    histogram(definition) {
      const metric = once(
        definition.name,
        () => new Histogram({ ...options(definition), buckets: [...definition.buckets] }),
      );
      return { observe: (value, labels = {}) => metric.observe(labels, value) };
    },
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
