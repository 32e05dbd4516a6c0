// What limit ranges do to pods and claims: what they fill in, and what they do not allow, in the words of Kubernetes. Pure.

import { compareQuantities, milliValue, renderQuantity, type Quantity } from "../meta/quantity.ts";
import type { Container } from "./container.ts";
import type { LimitRange, LimitRangeItem } from "./limit-range.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { podTotals } from "./pod-totals.ts";
import type { Pod } from "./pod.ts";
import { totalsOf, type ResourceTotals } from "./resource-totals.ts";

const ANNOTATION = "kubernetes.io/limit-ranger";

/** The pod with the range's default limits and requests where a container has none; an annotation says which. */
export function withDefaultResources(pod: Pod, range: LimitRange): Pod {
  const items = range.spec.limits.filter(({ type }) => type === "Container");
  const limits = Object.assign({}, ...items.map((item) => item.default)) as ResourceList;
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest)) as ResourceList;
  const notes: string[] = [];
  const fill = (what: string) => (container: Container) => {
    const filled = fillResources(container, { limits, requests });
    for (const [part, names] of [["request", filled.requests] as const, ["limit", filled.limits] as const]) {
      if (names.length > 0) notes.push(`${names.join(", ")} ${part} for ${what} ${container.name}`);
    }
    return filled.container;
  };
  const { containers, initContainers } = pod.spec;
  const spec = {
    ...pod.spec,
    containers: containers.map(fill("container")),
    ...(initContainers && { initContainers: initContainers.map(fill("init container")) }),
  };
  if (notes.length === 0) return pod;
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join("; ")}` };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec };
}

type ResourceList = Readonly<Record<string, string>>;

interface Filled {
  readonly container: Container;
  /** The names of what has been filled in. */
  readonly limits: readonly string[];
  readonly requests: readonly string[];
}

function fillResources(
  container: Container,
  defaults: { readonly limits: ResourceList; readonly requests: ResourceList },
): Filled {
  const { resources } = container;
  const missing = (given: ResourceList | undefined, from: ResourceList) =>
    Object.keys(from)
      .filter((name) => given?.[name] === undefined)
      .sort();
  const limits = missing(resources?.limits, defaults.limits);
  const requests = missing(resources?.requests, defaults.requests);
  if (limits.length + requests.length === 0) return { container, limits, requests };
  const filled = {
    ...resources,
    limits: { ...defaults.limits, ...resources?.limits },
    requests: { ...defaults.requests, ...resources?.requests },
  };
  return { container: { ...container, resources: filled }, limits, requests };
}

/** One sentence for each rule that the pod breaks. */
export function findPodViolations({ spec: { limits } }: LimitRange, pod: Pod): readonly string[] {
  const containers = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])];
  return limits.flatMap((item) => {
    if (item.type === "Pod") return findViolations(item, podTotals(pod));
    if (item.type !== "Container") return [];
    return containers.flatMap(({ resources }) =>
      findViolations(item, { requests: totalsOf(resources?.requests), limits: totalsOf(resources?.limits) }),
    );
  });
}

/** The same for a claim, of which only the request counts. */
export function findClaimViolations({ spec: { limits } }: LimitRange, claim: PersistentVolumeClaim): readonly string[] {
  const asked = { requests: totalsOf(claim.spec.resources.requests), limits: totalsOf(undefined) };
  return limits
    .filter(({ type }) => type === "PersistentVolumeClaim")
    .flatMap(({ type, min, max }) => [
      ...each(min, (name, enforced) => belowMin({ type, name, enforced }, asked)),
      ...each(max, (name, enforced) => requestAboveMax({ type, name, enforced }, asked)),
    ]);
}

interface Amounts {
  readonly requests: ResourceTotals;
  readonly limits: ResourceTotals;
}

interface Rule {
  readonly type: string;
  /** Of the resource. */
  readonly name: string;
  readonly enforced: Quantity;
}

const findViolations = (
  { type, min, max, maxLimitRequestRatio }: LimitRangeItem,
  amounts: Amounts,
): readonly string[] => [
  ...each(min, (name, enforced) => belowMin({ type, name, enforced }, amounts)),
  ...each(max, (name, enforced) => aboveMax({ type, name, enforced }, amounts)),
  ...each(maxLimitRequestRatio, (name, enforced) => aboveRatio({ type, name, enforced }, amounts)),
];

function each(
  list: ResourceList | undefined,
  check: (name: string, enforced: Quantity) => string | undefined,
): readonly string[] {
  return [...totalsOf(list)].flatMap(([name, enforced]) => check(name, enforced) ?? []);
}

const exceeds = (a: Quantity | undefined, b: Quantity) => a !== undefined && compareQuantities(a, b) > 0;

function belowMin({ type, name, enforced }: Rule, { requests, limits }: Amounts): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const sentence = `minimum ${name} usage per ${type} is ${renderQuantity(enforced)}`;
  if (!request) return `${sentence}.  No request is specified`;
  if (exceeds(enforced, request)) return `${sentence}, but request is ${renderQuantity(request)}`;
  return limit && exceeds(enforced, limit) ? `${sentence}, but limit is ${renderQuantity(limit)}` : undefined;
}

function aboveMax({ type, name, enforced }: Rule, { requests, limits }: Amounts): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const sentence = `maximum ${name} usage per ${type} is ${renderQuantity(enforced)}`;
  if (!limit) return `${sentence}.  No limit is specified`;
  if (exceeds(limit, enforced)) return `${sentence}, but limit is ${renderQuantity(limit)}`;
  return request && exceeds(request, enforced) ? `${sentence}, but request is ${renderQuantity(request)}` : undefined;
}

function requestAboveMax({ type, name, enforced }: Rule, { requests }: Amounts): string | undefined {
  const request = requests.get(name);
  const sentence = `maximum ${name} usage per ${type} is ${renderQuantity(enforced)}`;
  if (!request) return `${sentence}.  No request is specified`;
  return exceeds(request, enforced) ? `${sentence}, but request is ${renderQuantity(request)}` : undefined;
}

function aboveRatio({ type, name, enforced }: Rule, { requests, limits }: Amounts): string | undefined {
  const [request, limit] = [requests.get(name), limits.get(name)];
  const sentence = `${name} max limit to request ratio per ${type} is ${renderQuantity(enforced)}`;
  if (!request || milliValue(request) === 0) return `${sentence}, but no request is specified or request is 0`;
  if (!limit || milliValue(limit) === 0) return `${sentence}, but no limit is specified or limit is 0`;
  const ratio = milliValue(limit) / milliValue(request);
  return ratio * 1000 > milliValue(enforced) ? `${sentence}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}
