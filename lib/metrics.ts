// Metrics in Prometheus' text form. One registry per process or cluster, passed in; nothing is registered globally.

import { Counter, Gauge, Histogram, Registry } from "prom-client";

export type Labels = Readonly<Record<string, string>>;

/** Asking for a name again gives the same metric; its first definition counts. */
export interface Metrics {
  /** Only grows; `add` adds 1 unless told otherwise. */
  counter(definition: MetricDefinition): { add(labels?: Labels, value?: number): void };
  /** Goes up and down. `remove` forgets the series of these labels: objects that are gone must not leave theirs. */
  gauge(definition: MetricDefinition): { set(value: number, labels?: Labels): void; remove(labels: Labels): void };
  /** Counts the values up to each of `buckets`, which are the upper bounds in the metric's unit, ascending. */
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

/** An empty registry. */
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
    /** Goes up and down. `remove` forgets the series of these labels: objects that are gone must not leave theirs. */
    gauge(definition) {
      const metric = once(definition.name, () => new Gauge(options(definition)));
      return {
        set: (value, labels = {}) => metric.set(labels, value),
        remove: (labels) => metric.remove(labels),
      };
    },
    /** Counts the values up to each of `buckets`, which are the upper bounds in the metric's unit, ascending. */
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
