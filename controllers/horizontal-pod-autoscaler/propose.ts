// What each metric of an autoscaler asks for: reads the metric and lets the replica calculator judge. One function for each
// sort of metric; failures are MetricErrors in Kubernetes' words.

import type { MetricStatus } from "../../api/autoscaling/metric-status.ts";
import type { MetricSpec, MetricTarget } from "../../api/autoscaling/metric.ts";
import type { Container } from "../../api/core/container.ts";
import { isPodReady, isSidecar } from "../../api/core/pod-state.ts";
import type { Pod } from "../../api/core/pod.ts";
import { milliValue, parseQuantity, quantityOfMillis, renderQuantity } from "../../api/meta/quantity.ts";
import { renderSelector, selectorOf } from "../../api/meta/selector.ts";
import { errorMessage } from "../../lib/error-message.ts";
import type { MetricReader, SeriesQuestion } from "./metric-reader.ts";
import { groupPods, type Sample } from "./pod-groups.ts";
import {
  averageYardstick,
  MetricError,
  proposeByPods,
  proposeByRatio,
  proposeByShare,
  utilizationYardstick,
  type Proposal,
  type Values,
  type Yardstick,
} from "./replica-calculator.ts";
import type { KnownKind } from "./scale-target.ts";

export interface Scaled {
  readonly namespace: string;
  /** Of the pods, as text. */
  readonly selector: string;
  readonly pods: readonly Pod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly nowMs: number;
}

export interface MetricProposal {
  readonly replicas: number;
  /** What the metric is called in reasons. */
  readonly name: string;
  readonly status: MetricStatus;
}

export interface ProposeDeps {
  readonly reader: MetricReader;
  findKind(reference: {
    readonly apiVersion?: string;
    readonly kind: string;
    readonly name: string;
  }): Promise<KnownKind>;
}

type Sources = { readonly [K in MetricSpec["type"]]: string };

/** The reasons for not knowing a metric. */
export const FAILURES: Sources = {
  Object: "FailedGetObjectMetric",
  Pods: "FailedGetPodsMetric",
  Resource: "FailedGetResourceMetric",
  ContainerResource: "FailedGetContainerResourceMetric",
  External: "FailedGetExternalMetric",
};

/** What comes before the cause, where the metrics of an autoscaler are told of together. */
export function failurePrefix({ type, resource, containerResource, external }: MetricSpec): string {
  const prefixes: Sources = {
    Object: "failed to get object metric value",
    Pods: "failed to get pods metric value",
    Resource: `failed to get ${resource?.name} resource metric value`,
    ContainerResource: `failed to get ${containerResource?.name} container metric value`,
    External: `failed to get ${external?.metric.name} external metric value`,
  };
  return prefixes[type];
}

/** Rejects with MetricError. */
export async function propose(
  deps: ProposeDeps,
  { metric, scaled }: { readonly metric: MetricSpec; readonly scaled: Scaled },
  signal: AbortSignal,
): Promise<MetricProposal> {
  const { type, resource, containerResource, pods, object, external } = metric;
  const call = { deps, scaled, signal };
  if (type === "Resource" && resource) {
    const judged = await byResource(call, resource);
    return { ...judged, status: { type, resource: { name: resource.name, current: judged.current } } };
  }
  if (type === "ContainerResource" && containerResource) {
    const { name, container } = containerResource;
    const judged = await byResource(call, containerResource);
    return { ...judged, status: { type, containerResource: { name, container, current: judged.current } } };
  }
  if (type === "Pods" && pods) {
    const judged = await byPods(call, pods);
    return { ...judged, status: { type, pods: { metric: pods.metric, current: judged.current } } };
  }
  if (type === "Object" && object) {
    const judged = await byObject(call, object);
    const { describedObject } = object;
    return { ...judged, status: { type, object: { metric: object.metric, describedObject, current: judged.current } } };
  }
  if (type === "External" && external) {
    const judged = await byExternal(call, external);
    return { ...judged, status: { type, external: { metric: external.metric, current: judged.current } } };
  }
  throw new MetricError(`unknown metric source type "${type}"`);
}

interface Call {
  readonly deps: ProposeDeps;
  readonly scaled: Scaled;
  readonly signal: AbortSignal;
}

interface Judged {
  readonly replicas: number;
  readonly name: string;
  readonly current: { readonly value?: string; readonly averageValue?: string; readonly averageUtilization?: number };
}

async function prefixed<T>(prefix: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MetricError) throw new MetricError(`${prefix}: ${errorMessage(error)}`);
    throw error;
  }
}

const millis = (text: string): number => milliValue(parseQuantity(text));
const quantity = (value: number): string => renderQuantity(quantityOfMillis(Math.trunc(value)));

async function byResource(
  { deps, scaled, signal }: Call,
  source: { readonly name: string; readonly container?: string; readonly target: MetricTarget },
): Promise<Judged> {
  const { name, container, target } = source;
  const { averageValue, averageUtilization } = target;
  if (averageValue === undefined && averageUtilization === undefined) {
    throw new MetricError(
      "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
    );
  }
  const what = averageValue === undefined ? "utilization" : "usage";
  return prefixed(
    `failed to get ${name} ${what}`,
    (async () => {
      const question = { namespace: scaled.namespace, selector: scaled.selector, resource: name, container };
      const samples = await prefixed(
        `unable to get metrics for resource ${name}`,
        deps.reader.resource(question, signal),
      );
      const yardstick =
        averageValue !== undefined
          ? averageYardstick(millis(averageValue))
          : utilizationYardstick(averageUtilization ?? 0, requestsOf(scaled.pods, name, container));
      const { replicas, load } = judgePods({ scaled, samples, yardstick, resource: name });
      const current = { averageValue: quantity(load.average), averageUtilization: load.utilization };
      const kind = container === undefined ? "resource" : "container resource";
      if (averageValue !== undefined)
        return { replicas, name: `${name} resource`, current: { averageValue: current.averageValue } };
      return { replicas, name: `${name} ${kind} utilization (percentage of request)`, current };
    })(),
  );
}

interface PodJudgement {
  readonly scaled: Scaled;
  readonly samples: ReadonlyMap<string, Sample>;
  readonly yardstick: Yardstick;
  readonly resource?: string;
}

function judgePods({ scaled, samples, yardstick, resource }: PodJudgement): Proposal {
  const { pods, specReplicas: currentReplicas, nowMs } = scaled;
  requirePods(pods);
  const groups = groupPods(pods, { samples, resource, nowMs });
  const values: Values = new Map([...samples].map(([pod, { value }]) => [pod, value]));
  return proposeByPods({ groups, values, currentReplicas, yardstick });
}

function requirePods(pods: readonly Pod[]): void {
  if (pods.length === 0) throw new MetricError("no pods returned by selector while calculating replica count");
}

/** What each pod requests of the resource, all of its containers or one. */
export function requestsOf(pods: readonly Pod[], resource: string, container?: string): Values {
  requirePods(pods);
  return new Map(pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]));
}

function requestOf({ metadata, spec }: Pod, resource: string, container?: string): number {
  const running = [...(spec.containers ?? []), ...(spec.initContainers ?? []).filter(isSidecar)];
  const counted = container === undefined ? running : running.filter(({ name }) => name === container);
  if (counted.length === 0) throw new MetricError(`container ${container} not found in Pod ${metadata.name}`);
  const amount = ({ name, resources }: Container) => {
    const request = resources?.requests?.[resource];
    if (request === undefined) {
      throw new MetricError(`missing request for ${resource} in container ${name} of Pod ${metadata.name}`);
    }
    return millis(request);
  };
  return counted.reduce((sum, each) => sum + amount(each), 0);
}

async function byPods(
  { deps, scaled, signal }: Call,
  { metric, target }: NonNullable<MetricSpec["pods"]>,
): Promise<Judged> {
  const question: SeriesQuestion = { namespace: scaled.namespace, metric: metric.name, series: metric.selector };
  const reading = deps.reader.custom(question, { pods: scaled.selector }, signal);
  const samples = await prefixed(`unable to get metric ${metric.name}`, reading);
  const yardstick = averageYardstick(millis(target.averageValue ?? "0"));
  const { replicas, load } = judgePods({ scaled, samples, yardstick });
  return { replicas, name: `pods metric ${metric.name}`, current: { averageValue: quantity(load.average) } };
}

async function byObject(
  { deps, scaled, signal }: Call,
  { metric, target, describedObject }: NonNullable<MetricSpec["object"]>,
): Promise<Judged> {
  const { namespace } = scaled;
  const { kind, name } = describedObject;
  const read = async () => {
    const known = await deps.findKind(describedObject).catch((error: unknown) => {
      throw new MetricError(errorMessage(error));
    });
    const plural = known.group ? `${known.plural}.${known.group}` : known.plural;
    const ofNamespace = kind === "Namespace" && known.group === "";
    const place = known.namespaced ? `/namespaces/${namespace}/${plural}/${name}` : `/${plural}/${name}`;
    const path = ofNamespace ? `/namespaces/${name}/metrics` : place;
    const question: SeriesQuestion = { namespace, metric: metric.name, series: metric.selector };
    const [first] = (await deps.reader.custom(question, { path }, signal)).values();
    return first?.value ?? 0;
  };
  const usage = await read().catch((error: unknown) => {
    if (!(error instanceof MetricError)) throw error;
    // The order of the words is Kubernetes'.
    throw new MetricError(`unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/${error.message}`);
  });
  return judgeWhole({
    scaled,
    target,
    usage,
    names: { whole: `${kind} metric ${metric.name}`, share: seriesName(metric) },
  });
}

async function byExternal(
  { deps, scaled, signal }: Call,
  source: NonNullable<MetricSpec["external"]>,
): Promise<Judged> {
  const { metric, target } = source;
  const question: SeriesQuestion = { namespace: scaled.namespace, metric: metric.name, series: metric.selector };
  const series = metric.selector ? renderSelector(selectorOf(metric.selector)) : "<none>";
  const reading = deps.reader.external(question, signal);
  const prefix = `unable to get external metric ${scaled.namespace}/${metric.name}/${series || "<none>"}`;
  const usage = (await prefixed(prefix, reading)).reduce((sum, value) => sum + value, 0);
  return judgeWhole({ scaled, target, usage, names: { whole: seriesName(metric), share: seriesName(metric) } });
}

const seriesName = ({ name, selector }: NonNullable<MetricSpec["external"]>["metric"]): string =>
  `external metric ${name}(${selector ? JSON.stringify(selector) : "nil"})`;

interface WholeJudgement {
  readonly scaled: Scaled;
  readonly target: MetricTarget;
  readonly usage: number;
  readonly names: { readonly whole: string; readonly share: string };
}

function judgeWhole({ scaled, target, usage, names }: WholeJudgement): Judged {
  const { specReplicas, statusReplicas, pods } = scaled;
  if (target.averageValue !== undefined) {
    const { replicas, load } = proposeByShare(usage, millis(target.averageValue), statusReplicas);
    return { replicas, name: names.share, current: { averageValue: quantity(load.average) } };
  }
  const readyCount = () => {
    if (pods.length === 0) {
      throw new MetricError(
        "unable to calculate ready pods: no pods returned by selector while calculating replica count",
      );
    }
    return pods.filter((pod) => pod.status.phase === "Running" && isPodReady(pod)).length;
  };
  const ratio = usage / millis(target.value ?? "0");
  return {
    replicas: proposeByRatio(ratio, specReplicas, readyCount),
    name: names.whole,
    current: { value: quantity(usage) },
  };
}
