// Metrics in Prometheus' text form. One registry per process or cluster, passed in; nothing is registered globally.

import { Gauge, Registry, type Metric } from "prom-client";
import { TalliedCounter, TalliedHistogram, type CounterSeries, type HistogramSeries, type Labels } from "./tally.ts";

export type { Labels } from "./tally.ts";

/** Asking for a name again gives the same metric; its first definition counts. */
export interface Metrics {
  /** Only grows; `add` adds 1 unless told otherwise. */
  counter(definition: MetricDefinition): {
    add(labels?: Labels, value?: number): void;
    /** For who counts often: the counter of these labels alone. */
    series(labels: Labels): CounterSeries;
  };
  /** Goes up and down. `remove` forgets the series of these labels: objects that are gone must not leave theirs. */
  gauge(definition: MetricDefinition): { set(value: number, labels?: Labels): void; remove(labels: Labels): void };
  /** Counts the values up to each of `buckets`, which are the upper bounds in the metric's unit, ascending. */
  histogram(definition: MetricDefinition & { buckets: readonly number[] }): {
    observe(value: number, labels?: Labels): void;
    /** For who observes often: the histogram of these labels alone. */
    series(labels: Labels): HistogramSeries;
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
  // The registry asks no more of a metric than its name and `get()`, which the type declarations do not know.
  const once = <M extends { readonly name: string }>(name: string, make: () => M): M => {
    const known = registry.getSingleMetric(name) as unknown as M | undefined;
    if (known) return known;
    const metric = make();
    registry.registerMetric(metric as unknown as Metric);
    return metric;
  };
  return {
    counter: (definition) => once(definition.name, () => new TalliedCounter(definition)),
    histogram: (definition) => once(definition.name, () => new TalliedHistogram(definition)),
    gauge({ name, help, labels: labelNames = [] }) {
      const known = registry.getSingleMetric(name) as Gauge | undefined;
      const metric = known ?? new Gauge({ name, help, labelNames: [...labelNames], registers: [registry] });
      return {
        set: (value, labels = {}) => metric.set(labels, value),
        remove: (labels) => metric.remove(labels),
      };
    },
    render: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
