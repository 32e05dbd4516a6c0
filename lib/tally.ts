// Counters and histograms that cost an addition to a number each time: who counts often keeps the series of its labels at hand.
// They give their values in the form that prom-client's registry asks of its own metrics.

export type Labels = Readonly<Record<string, string>>;

/** One value of an exposition. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly metricName: string;
}

export interface TallyDefinition {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

/** The series of one metric by their labels. Bound: as many as its users have labels for. */
class SeriesByLabels<S> {
  readonly #byKey = new Map<string, { readonly labels: Labels; readonly series: S }>();

  constructor(
    private readonly definition: TallyDefinition,
    private readonly make: () => S,
  ) {}

  /** The same for the same labels. Throws for labels that the metric does not have. */
  get(labels: Labels): S {
    const names = this.definition.labels ?? [];
    const unknown = Object.keys(labels).find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`the metric ${this.definition.name} has no label ${unknown}`);
    const key = names.map((name) => JSON.stringify(labels[name] ?? "")).join();
    const known = this.#byKey.get(key);
    if (known) return known.series;
    const series = this.make();
    this.#byKey.set(key, { labels, series });
    return series;
  }

  samples(render: (series: S, labels: Labels) => readonly Sample[]): readonly Sample[] {
    return [...this.#byKey.values()].flatMap(({ labels, series }) => render(series, labels));
  }
}

export interface CounterSeries {
  /** Adds 1 unless told otherwise. */
  add(value?: number): void;
}

export interface HistogramSeries {
  observe(value: number): void;
}

class Count implements CounterSeries {
  total = 0;

  add(value = 1): void {
    this.total += value;
  }
}

export class TalliedCounter {
  readonly type = "counter";
  readonly name: string;
  readonly #definition: TallyDefinition;
  readonly #series: SeriesByLabels<Count>;

  constructor(definition: TallyDefinition) {
    this.name = definition.name;
    this.#definition = definition;
    this.#series = new SeriesByLabels(definition, () => new Count());
    // As prom-client: what has no labels is there from the start.
    if (!definition.labels?.length) this.#series.get({});
  }

  add(labels: Labels = {}, value = 1): void {
    this.#series.get(labels).add(value);
  }

  series(labels: Labels): CounterSeries {
    return this.#series.get(labels);
  }

  get() {
    const { name, help } = this.#definition;
    const values = this.#series.samples(({ total }, labels) => [{ labels, value: total, metricName: name }]);
    return { name, help, type: this.type, values };
  }
}

class Distribution implements HistogramSeries {
  /** How many values fell into each bucket, and last those above all. */
  readonly counts: Float64Array;
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.sum += value;
  }
}

export class TalliedHistogram {
  readonly type = "histogram";
  readonly name: string;
  readonly #definition: TallyDefinition;
  readonly #series: SeriesByLabels<Distribution>;

  /** `buckets`: the upper bounds, ascending. */
  constructor(definition: TallyDefinition & { readonly buckets: readonly number[] }) {
    this.name = definition.name;
    this.#definition = definition;
    this.#series = new SeriesByLabels(definition, () => new Distribution(definition.buckets));
    if (!definition.labels?.length) this.#series.get({});
  }

  observe(value: number, labels: Labels = {}): void {
    this.#series.get(labels).observe(value);
  }

  series(labels: Labels): HistogramSeries {
    return this.#series.get(labels);
  }

  get() {
    const { name, help } = this.#definition;
    return {
      name,
      help,
      type: this.type,
      values: this.#series.samples((series, labels) => render(name, series, labels)),
    };
  }
}

/** Buckets count all values up to their bound, as Prometheus wants them. */
function render(name: string, { bounds, counts, sum }: Distribution, labels: Labels): readonly Sample[] {
  let total = 0;
  const buckets = [...counts].map((count, index) => {
    total += count;
    return { labels: { le: bounds[index] ?? "+Inf", ...labels }, value: total, metricName: `${name}_bucket` };
  });
  return [
    ...buckets,
    { labels, value: sum, metricName: `${name}_sum` },
    { labels, value: total, metricName: `${name}_count` },
  ];
}
