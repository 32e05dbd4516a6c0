// Reads metrics of pods, of other objects and from outside the cluster through the API. What cannot be read is a MetricError in
// Kubernetes' words. All values are thousandths.

import { milliValue, parseQuantity } from "../../api/meta/quantity.ts";
import type { LabelSelector } from "../../api/meta/label-selector.ts";
import { renderSelector, selectorOf } from "../../api/meta/selector.ts";
import { podMetricsList, type PodMetrics } from "../../api/metrics/pod-metrics.ts";
import type { Client } from "../../client/client.ts";
import { readAnswer } from "../../client/response-body.ts";
import { parseDurationMs } from "../../lib/duration.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { Sample } from "./pod-groups.ts";
import { MetricError } from "./replica-calculator.ts";

export interface ResourceQuestion {
  readonly namespace: string;
  /** Of the pods. */
  readonly selector: string;
  readonly resource: string;
  /** Only this container of each pod. */
  readonly container?: string;
}

export interface SeriesQuestion {
  readonly namespace: string;
  readonly metric: string;
  /** Of the metric's series. */
  readonly series?: LabelSelector;
}

/** Custom metrics are asked about the pods that a selector picks, or about one object. */
export type Described = { readonly pods: string } | { readonly path: string };

interface MetricValue {
  readonly describedObject?: { readonly name?: string };
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  readonly value?: string;
}

const CUSTOM = "/apis/custom.metrics.k8s.io/v1beta2";
const EXTERNAL = "/apis/external.metrics.k8s.io/v1beta1";
/** Kubernetes' default where a metric does not say how long it was measured. */
const WINDOW_MS = 60_000;

export class MetricReader {
  readonly #client: Pick<Client, "list" | "raw">;

  constructor(client: Pick<Client, "list" | "raw">) {
    this.#client = client;
  }

  /** By the name of the pod. */
  async resource(question: ResourceQuestion, signal: AbortSignal): Promise<ReadonlyMap<string, Sample>> {
    const { namespace, selector } = question;
    const listing = this.#client.list(podMetricsList, { namespace, labelSelector: selector, signal });
    const { items } = await listing.catch((error: unknown) => {
      throw new MetricError(`unable to fetch metrics from resource metrics API: ${errorMessage(error)}`);
    });
    if (items.length === 0) throw new MetricError("no metrics returned from resource metrics API");
    return new Map(items.flatMap((metrics) => sampleOf(metrics, question)));
  }

  /** By the name of the object that is described. */
  async custom(
    { namespace, metric, series }: SeriesQuestion,
    described: Described,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Sample>> {
    const path = "pods" in described ? `/namespaces/${namespace}/pods/*` : described.path;
    const labelSelector = "pods" in described ? described.pods : "";
    const query = queryOf({ labelSelector, metricLabelSelector: renderSeries(series) });
    const items = await this.#values(`${CUSTOM}${path}/${metric}`, { query, signal, api: "custom" });
    return new Map(items.map((item): [string, Sample] => [item.describedObject?.name ?? "", readSample(item)]));
  }

  /** The values of all series. */
  async external({ namespace, metric, series }: SeriesQuestion, signal: AbortSignal): Promise<readonly number[]> {
    const query = queryOf({ labelSelector: renderSeries(series) });
    const items = await this.#values(`${EXTERNAL}/namespaces/${namespace}/${metric}`, {
      query,
      signal,
      api: "external",
    });
    return items.map((item) => readSample(item).value);
  }

  async #values(path: string, call: ValuesCall): Promise<readonly MetricValue[]> {
    const { query, signal, api } = call;
    let items: readonly MetricValue[];
    try {
      const answer = await readAnswer(await this.#client.raw({ method: "GET", path, query, signal }));
      items = (answer as { readonly items?: readonly MetricValue[] | null }).items ?? [];
    } catch (error) {
      throw new MetricError(`unable to fetch metrics from ${api} metrics API: ${errorMessage(error)}`);
    }
    if (items.length === 0) throw new MetricError(`no metrics returned from ${api} metrics API`);
    return items;
  }
}

interface ValuesCall {
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
  readonly api: "custom" | "external";
}

function sampleOf(metrics: PodMetrics, { resource, container }: ResourceQuestion): [string, Sample][] {
  const { name, namespace } = metrics.metadata;
  const containers = (metrics.containers ?? []).filter((each) => container === undefined || each.name === container);
  if (container !== undefined && containers.length === 0) {
    throw new MetricError(`container ${container} not present in metrics for pod ${namespace}/${name}`);
  }
  const amounts = containers.map(({ usage }) => usage?.[resource]);
  // A pod of which a part is not known counts as one without a metric.
  if (amounts.some((amount) => amount === undefined)) return [];
  const value = amounts.reduce((sum, amount) => sum + milliValue(parseQuantity(amount ?? "0")), 0);
  const windowMs = parseDurationMs(metrics.window ?? "") ?? WINDOW_MS;
  return [[name, { value, atMs: Date.parse(metrics.timestamp ?? "") || 0, windowMs }]];
}

function readSample({ timestamp = "", windowSeconds, value }: MetricValue): Sample {
  const windowMs = windowSeconds === undefined ? WINDOW_MS : windowSeconds * 1000;
  return { value: milliValue(parseQuantity(value ?? "0")), atMs: Date.parse(timestamp) || 0, windowMs };
}

const renderSeries = (series: LabelSelector | undefined): string => (series ? renderSelector(selectorOf(series)) : "");

const queryOf = (entries: Readonly<Record<string, string>>): URLSearchParams =>
  new URLSearchParams(Object.entries(entries).filter(([, value]) => value !== ""));
